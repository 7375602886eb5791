import { afterEach, describe, expect, it } from 'vitest';
import { type RunningSimulators, startSimulators } from '../../../simulators/start.ts';
import { goClient, pythonClients, type RunClient } from './clients-harness.ts';

const python = await pythonClients();
const go = await goClient();

let simulators: RunningSimulators | undefined;
afterEach(() => simulators?.close());

/** What a client saw of an event at a vendor, and what would still be billed after it. */
async function event(run: RunClient | undefined, vendor: string, name: string) {
  simulators = await startSimulators({ vendors: [vendor], slowness: 0.1, control: true });
  const { controlUrl: control, running } = simulators;
  const vendors = Object.fromEntries(running.map((one) => [one.vendor, { client: one.client }]));
  const saw = await run?.(name, { control, vendors });
  return { saw, billed: running.flatMap((one) => one.resources().filter(({ billed }) => billed)) };
}

/** A segment is whole from one key frame to the next: two seconds of the fixture. */
const segments = { count: expect.any(Number), firstBytes: 16_168 };

describe.skipIf(!python)('an event through the SDKs of Python', () => {
  it('boto3: channel, stream, recording in S3, clean-up', async () => {
    const { saw, billed } = await event(python, 'aws-ivs', 'aws_ivs');
    expect(saw).toEqual({
      tags: { team: 'clients' },
      stream: 'LIVE',
      sessionOf: true,
      encoder: 'closed',
      offline: 'ChannelNotBroadcasting',
      sessions: 1,
      refused: true,
      segments,
      sameSigned: true,
      gone: 'ResourceNotFoundException',
    });
    expect(billed).toEqual([]);
  });

  it('oss2: live channel in both signature versions, VOD playlist, clean-up', async () => {
    const { saw, billed } = await event(python, 'alibaba-oss', 'alibaba_oss');
    expect(saw).toEqual({
      urls: ['clients', 'show.m3u8'],
      early: true,
      status: 'enabled',
      description: 'of the clients',
      target: ['2', '3', 'show.m3u8'],
      video: [160, 90],
      stillLive: 'ChannelStillLive',
      encoder: 'closed',
      history: 1,
      listed: ['clients'],
      segments,
      empty: 'InvalidArgument',
      refused: true,
      gone: 'NoSuchLiveChannel',
    });
    expect(billed).toEqual([]);
  });

  it('azure-mgmt-media: live event, output, locator, clean-up', async () => {
    const { saw, billed } = await event(python, 'azure-media-services', 'azure_media_services');
    expect(saw).toEqual({
      tags: { team: 'clients' },
      made: 'Stopped',
      running: 'Running',
      watched: segments,
      encoder: 'closed',
      stopped: 'Stopped',
      segments,
      listed: ['clients'],
      refused: true,
      gone: 'ResourceNotFound',
    });
    expect(billed.map(({ kind }) => kind)).toEqual(['streamingEndpoint']);
  });

  it('volcengine: ban, push, live playlist, record files, index', async () => {
    const { saw, billed } = await event(python, 'volcengine-live', 'volcengine_live');
    expect(saw).toEqual({
      forbidden: ['forbidden', 1],
      early: true,
      online: ['push'],
      watched: segments,
      encoder: 'closed',
      closed: 1,
      files: ['hls'],
      segments,
      refused: true,
      wrong: 'RequestForbidden',
    });
    expect(billed).toEqual([]);
  });
});

describe.skipIf(!go)('an event through the SDK of Go', () => {
  it('aliyun-oss-go-sdk: live channel, VOD playlist, clean-up', async () => {
    const { saw, billed } = await event(go, 'alibaba-oss', 'alibaba_oss');
    expect(saw).toEqual({
      urls: 2,
      early: true,
      status: 'enabled',
      target: 'show.m3u8',
      video: [160, 90],
      stillLive: 'ChannelStillLive',
      encoder: 'closed',
      history: 1,
      listed: 1,
      segments: expect.any(Number),
      empty: 'InvalidArgument',
      refused: true,
      gone: 'NoSuchLiveChannel',
    });
    expect(billed).toEqual([]);
  });
});
