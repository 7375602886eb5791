import {
  CreateChannelCommand,
  CreateRecordingConfigurationCommand,
  DeleteChannelCommand,
  DeleteStreamKeyCommand,
  GetRecordingConfigurationCommand,
  GetStreamCommand,
  GetStreamSessionCommand,
  IvsClient,
  ListStreamSessionsCommand,
  ListStreamsCommand,
  PutMetadataCommand,
  StopStreamCommand,
  UpdateChannelCommand,
} from '@aws-sdk/client-ivs';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AwsIvsSimulatorOptions, awsIvsSimulator } from '../../../../simulators/aws-ivs/index.ts';
import { startEncoder } from '../../../../simulators/kit/encoder.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { RunningSimulator } from '../../../../simulators/kit/types.ts';
import { until, untilPasses } from '../../../support/until.ts';
import { sendSigned } from './signer.ts';

let sim: RunningSimulator;
let ivs: IvsClient;
let s3: S3Client;
let Bucket: string;

const begin = async (options: AwsIvsSimulatorOptions = {}) => {
  await sim?.close();
  sim = await awsIvsSimulator.start(createKit(), { slowness: 0, ...options });
  const { endpoint = '', region = '', accessKeyId = '', secretAccessKey = '', recordingBucket = '' } = sim.client;
  const client = { endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
  ivs = new IvsClient(client);
  s3 = new S3Client({ ...client, forcePathStyle: true });
  Bucket = recordingBucket;
};
beforeEach(() => begin());
afterEach(() => sim.close());

async function channelWithKey(recordingReconnectWindowSeconds = 0) {
  const { recordingConfiguration } = await ivs.send(
    new CreateRecordingConfigurationCommand({
      destinationConfiguration: { s3: { bucketName: Bucket } },
      recordingReconnectWindowSeconds,
    }),
  );
  const recordingConfigurationArn = recordingConfiguration?.arn ?? '';
  await untilPasses(async () => {
    const found = await ivs.send(new GetRecordingConfigurationCommand({ arn: recordingConfigurationArn }));
    expect(found.recordingConfiguration?.state).toBe('ACTIVE');
  });
  const { channel, streamKey } = await ivs.send(new CreateChannelCommand({ name: 'n', recordingConfigurationArn }));
  const channelArn = channel?.arn ?? '';
  const url = `${sim.client.ingestUrl}${streamKey?.value}`;
  return { channelArn, url, keyArn: streamKey?.arn ?? '', playbackUrl: channel?.playbackUrl ?? '' };
}

const push = async (url: string) => (await startEncoder({ url, seconds: 5, speed: 20 })).done;
const live = (channelArn: string) => untilPasses(() => ivs.send(new GetStreamCommand({ channelArn })));
const offline = (channelArn: string) =>
  untilPasses(() =>
    expect(ivs.send(new GetStreamCommand({ channelArn }))).rejects.toMatchObject({ name: 'ChannelNotBroadcasting' }),
  );
const keys = async (): Promise<string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'ivs/v1/' }));
  return Contents.flatMap(({ Key }) => Key ?? []);
};
const endings = async () => (await keys()).filter((key) => key.endsWith('/events/recording-ended.json'));
const text = async (Key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString() ?? '';

describe('pushing', () => {
  it('is refused with a key that does not exist, or to another application', async () => {
    const { url } = await channelWithKey();
    await expect(startEncoder({ url: `${sim.client.ingestUrl}sk_us-west-2_wrong_wrong` })).rejects.toThrow('not valid');
    await expect(startEncoder({ url: url.replace('/app/', '/live/') })).rejects.toThrow('must be app');
  });

  it('is refused with a key that was deleted, and with the key of a channel that was', async () => {
    const one = await channelWithKey();
    await ivs.send(new DeleteStreamKeyCommand({ arn: one.keyArn }));
    await expect(startEncoder({ url: one.url })).rejects.toThrow('not valid');
    const two = await channelWithKey();
    await ivs.send(new DeleteChannelCommand({ arn: two.channelArn }));
    await expect(startEncoder({ url: two.url })).rejects.toThrow('not valid');
  });

  it('is for one encoder at a time', async () => {
    const { url, channelArn } = await channelWithKey();
    const encoder = await startEncoder({ url });
    await expect(startEncoder({ url })).rejects.toThrow();
    expect((await live(channelArn)).stream).toMatchObject({ state: 'LIVE', channelArn });
    await encoder.stop();
  });

  it('ends with StopStream, after which a valid key is welcome again', async () => {
    const { url, channelArn } = await channelWithKey();
    const encoder = await startEncoder({ url });
    await ivs.send(new StopStreamCommand({ channelArn }));
    expect(await encoder.done).toMatchObject({ reason: 'closed' });
    await offline(channelArn);
    const again = await startEncoder({ url });
    await live(channelArn);
    await again.stop();
  });

  it('makes the channel live: it can be neither changed nor deleted, and takes metadata', async () => {
    const { url, channelArn } = await channelWithKey();
    const encoder = await startEncoder({ url });
    const refused = { name: 'ConflictException', $metadata: expect.objectContaining({ httpStatusCode: 409 }) };
    await expect(ivs.send(new DeleteChannelCommand({ arn: channelArn }))).rejects.toMatchObject(refused);
    await expect(ivs.send(new UpdateChannelCommand({ arn: channelArn, name: 'x' }))).rejects.toMatchObject(refused);
    await ivs.send(new PutMetadataCommand({ channelArn, metadata: 'm' }));
    const big = new PutMetadataCommand({ channelArn, metadata: 'm'.repeat(1025) });
    await expect(ivs.send(big)).rejects.toMatchObject({ name: 'ValidationException' });
    expect(sim.resources()).toContainEqual(expect.objectContaining({ kind: 'channel', state: 'LIVE', billed: true }));
    await encoder.stop();
    await offline(channelArn);
    expect(sim.resources()).toContainEqual(expect.objectContaining({ kind: 'channel', billed: false }));
  });
});

describe('sessions', () => {
  it('are new with each connection, listed newest first, and listed with what was sent', async () => {
    const { url, channelArn } = await channelWithKey();
    await push(url);
    await offline(channelArn);
    await push(url);
    await offline(channelArn);
    const { streamSessions = [] } = await ivs.send(new ListStreamSessionsCommand({ channelArn }));
    expect(streamSessions).toHaveLength(2);
    const [newer, older] = streamSessions;
    expect(newer?.startTime?.getTime()).toBeGreaterThan(older?.startTime?.getTime() ?? 0);
    const page = await ivs.send(new ListStreamSessionsCommand({ channelArn, maxResults: 1 }));
    const rest = await ivs.send(new ListStreamSessionsCommand({ channelArn, nextToken: page.nextToken }));
    expect([page, rest].map((one) => one.streamSessions?.[0]?.streamId)).toEqual([newer?.streamId, older?.streamId]);
    const { streamSession } = await ivs.send(new GetStreamSessionCommand({ channelArn, streamId: older?.streamId }));
    expect(streamSession).toMatchObject({
      streamId: expect.stringMatching(/^st-[a-zA-Z0-9]{23}$/),
      endTime: expect.any(Date),
      channel: { arn: channelArn },
      ingestConfiguration: { video: { codec: 'AVC', videoWidth: 160, videoHeight: 90 }, audio: { codec: 'AAC' } },
      recordingConfiguration: { destinationConfiguration: { s3: { bucketName: Bucket } } },
    });
    expect(streamSession?.truncatedEvents?.at(-1)?.name).toBe('Session Created');
  });

  it('show in ListStreams while they last, by health, and no longer', async () => {
    const { url, channelArn } = await channelWithKey();
    const encoder = await startEncoder({ url });
    const listed = async (health?: 'HEALTHY' | 'STARVING') => {
      const { streams = [] } = await ivs.send(new ListStreamsCommand(health ? { filterBy: { health } } : {}));
      return streams.map((stream) => stream.channelArn);
    };
    await untilPasses(async () => expect(await listed('HEALTHY')).toEqual([channelArn]));
    expect(await listed('STARVING')).toEqual([]);
    await encoder.stop();
    await untilPasses(async () => expect(await listed()).toEqual([]));
  });

  it('show in ListStreams later than in GetStream when it lags', async () => {
    await begin({ listLagMs: 1_000_000 });
    const { url, channelArn } = await channelWithKey();
    const encoder = await startEncoder({ url });
    await live(channelArn);
    expect((await ivs.send(new ListStreamsCommand({}))).streams).toEqual([]);
    await encoder.stop();
  });
});

describe('recording', () => {
  it('fills the documented folders, without zero padding, and ends with recording-ended.json', async () => {
    const { url, channelArn } = await channelWithKey();
    await push(url);
    const [ending = ''] = await untilPasses(async () => {
      const found = await endings();
      expect(found).toHaveLength(1);
      return found;
    });
    const prefix = ending.replace('events/recording-ended.json', '');
    const id = channelArn.split('/').at(-1);
    expect(prefix).toMatch(
      new RegExp(`^ivs/v1/123456789012/${id}/20\\d\\d/[1-9]\\d?/[1-9]\\d?/(0|[1-9]\\d?)/(0|[1-9]\\d?)/\\w{12}/$`),
    );
    const names = (await keys()).map((key) => key.slice(prefix.length));
    expect(names).toEqual(
      expect.arrayContaining([
        'events/recording-started.json',
        'media/hls/master.m3u8',
        'media/hls/90p15/playlist.m3u8',
      ]),
    );
    expect(names).toContain('media/hls/90p15/0.ts');
    const report = JSON.parse(await text(ending));
    expect(report).toMatchObject({
      version: 'v1',
      channel_arn: channelArn,
      recording_status: 'RECORDING_ENDED',
      media: { hls: { path: 'media/hls', playlist: 'master.m3u8', duration_ms: expect.any(Number) } },
    });
    const started = JSON.parse(await text(`${prefix}events/recording-started.json`));
    expect(started).not.toHaveProperty('recording_ended_at');
    expect(started).not.toHaveProperty('media.hls.duration_ms');
  });

  it('continues within the reconnect window and only then ends', async () => {
    await begin({ slowness: 0.1 });
    const { url, channelArn } = await channelWithKey(50);
    await push(url);
    await offline(channelArn);
    await push(url);
    await untilPasses(async () => expect(await endings()).toHaveLength(1));
    const playlist = (await keys()).filter((key) => key.endsWith('/playlist.m3u8'));
    expect(playlist).toHaveLength(1);
    expect((await text(playlist[0] ?? '')).match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
  });

  it('does not happen without a recording configuration', async () => {
    const { channel, streamKey } = await ivs.send(new CreateChannelCommand({ name: 'n' }));
    await push(`${sim.client.ingestUrl}${streamKey?.value}`);
    await offline(channel?.arn ?? '');
    expect(await keys()).toEqual([]);
  });

  it('can be watched live, and afterwards behind the edge', async () => {
    const { url, channelArn, playbackUrl } = await channelWithKey();
    const encoder = await startEncoder({ url, seconds: 600, speed: 10 });
    const playlist = await untilPasses(async () => {
      const response = await fetch(playbackUrl);
      expect(response.status).toBe(200);
      const variant = (await response.text()).split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? '';
      return (await fetch(new URL(variant, playbackUrl))).text();
    });
    expect(playlist).not.toContain('#EXT-X-ENDLIST');
    const segment = playlist.split('\n').find((line) => line.endsWith('.ts')) ?? '';
    expect((await fetch(new URL(segment, playbackUrl))).headers.get('content-type')).toBe('video/mp2t');
    await encoder.stop();
    await offline(channelArn);
    expect((await fetch(playbackUrl)).status).toBe(404);
    // The recording is written after the channel is offline.
    const master = await until(async () => (await keys()).find((key) => key.endsWith('master.m3u8')));
    const part = await fetch(`${sim.client.playbackBaseUrl}/${master}`, { headers: { range: 'bytes=0-6' } });
    expect([part.status, await part.text()]).toEqual([206, '#EXTM3U']);
    expect((await fetch(`${sim.client.playbackBaseUrl}/nothing`)).status).toBe(404);
  });
});

describe('the bucket', () => {
  beforeEach(async () => {
    const { url } = await channelWithKey();
    await push(url);
    await untilPasses(async () => expect(await endings()).toHaveLength(1));
  });

  it('lists in pages, and folder by folder', async () => {
    const all = await keys();
    const paged: string[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket }))
      paged.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
    expect(paged).toEqual(all);
    const top = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/', Prefix: 'ivs/v1/' }));
    expect(top.CommonPrefixes).toEqual([{ Prefix: 'ivs/v1/123456789012/' }]);
    expect(top.Contents).toBeUndefined();
    const [first = ''] = all;
    expect((await s3.send(new ListObjectsV2Command({ Bucket, StartAfter: first }))).KeyCount).toBe(all.length - 1);
  });

  it('gives objects whole, in part and by HEAD', async () => {
    const [Key = ''] = (await keys()).filter((key) => key.endsWith('.ts'));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({ ContentType: 'video/mp2t', ETag: expect.stringMatching(/^"/) });
    const part = await s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=0-3' }));
    expect(part.ContentRange).toBe(`bytes 0-3/${head.ContentLength}`);
    expect((await part.Body?.transformToByteArray())?.length).toBe(4);
  });

  it('refuses with the errors of S3', async () => {
    const [Key = ''] = await keys();
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(s3.send(new GetObjectCommand({ Bucket: 'none', Key }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
    const beyond = new GetObjectCommand({ Bucket, Key, Range: 'bytes=999999999-' });
    await expect(s3.send(beyond)).rejects.toMatchObject({ name: 'InvalidRange' });
    const odd = new ListObjectsV2Command({ Bucket, ContinuationToken: '!' });
    await expect(s3.send(odd)).rejects.toMatchObject({ name: 'InvalidArgument' });
  });

  it('is read only by who signs for S3', async () => {
    const [key] = await keys();
    const url = `${sim.client.s3Endpoint}/${Bucket}/${key}`;
    const { accessKeyId, secretAccessKey } = sim.client;
    const signed = { method: 'GET', url, service: 's3', accessKeyId, secretAccessKey } as const;
    expect((await sendSigned(signed)).status).toBe(200);
    const codeOf = async (response: Response) => /<Code>(\w+)</.exec(await response.text())?.[1];
    expect(await codeOf(await fetch(url))).toBe('AccessDenied');
    expect(await codeOf(await sendSigned({ ...signed, secretAccessKey: 'x' }))).toBe('SignatureDoesNotMatch');
    expect(await codeOf(await sendSigned({ ...signed, accessKeyId: 'x' }))).toBe('InvalidAccessKeyId');
    expect(await codeOf(await sendSigned({ ...signed, region: 'eu-west-1' }))).toBe('AuthorizationHeaderMalformed');
    expect(await codeOf(await sendSigned({ ...signed, at: new Date(0) }))).toBe('RequestTimeTooSkewed');
  });
});
