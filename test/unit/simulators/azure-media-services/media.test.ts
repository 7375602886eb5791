import { describe, expect, it } from 'vitest';
import { startEncoder } from '../../../../simulators/kit/encoder.ts';
import { openHarness, push, seen } from '../../../support/azure-media-services-harness.ts';
import { liveEvent, read, recording, running } from './azure-simulator-harness.ts';

describe('the ingest', () => {
  it('refuses a wrong token, and any token while the event does not run', async () => {
    const w = await openHarness();
    const url = await running(w);
    for (const wrong of [url.replace(/live\/[^/]+/, 'live/wrong'), url.replace(/[^/]+\/live/, 'elsewhere/live')]) {
      await expect(startEncoder({ url: wrong })).rejects.toThrow(/MPE_RTMP_APPID_AUTH_FAILURE/);
    }
    await w.arm('POST', '/liveEvents/show/stop', {});
    await w.arm('POST', '/liveEvents/show/allocate');
    const { properties } = await read(w, '/liveEvents/show');
    const standby = `${properties.input.endpoints[0]?.url}/anything`;
    await expect(startEncoder({ url: standby })).rejects.toThrow(/MPE_RTMP_APPID_AUTH_FAILURE/);
    expect(w.kit.log.entries({ operation: 'rtmp:Publish' })).toHaveLength(3);
  });

  it('takes pictures at each of its endpoints, in the clear and over TLS', async () => {
    const w = await openHarness();
    await running(w);
    const { properties } = await read(w, '/liveEvents/show');
    for (const { url } of properties.input.endpoints) {
      const encoder = await startEncoder({ url: `${url}/show`, seconds: 0.2 });
      expect(await encoder.done).toEqual({ reason: 'finished' });
    }
  });

  it('takes no fragmented MP4, and says so', async () => {
    const w = await openHarness();
    await w.arm('PUT', '/liveEvents/show?autoStart=true', liveEvent({ input: { streamingProtocol: 'FragmentedMP4' } }));
    const { properties } = await read(w, '/liveEvents/show');
    const url = properties.input.endpoints[0]?.url ?? '';
    expect(new URL(url).pathname).toMatch(/\/[0-9a-f]{32}\/ingest\.isml$/);
    expect((await fetch(`${url}/Streams(video)`, { method: 'POST', body: 'moof' })).status).toBe(501);
    expect(w.kit.log.entries({ operation: 'media:Ingest' })).toMatchObject([{ status: 501 }]);
  });

  it('lets in only the addresses of the list', async () => {
    const w = await openHarness();
    const only = (address: string) => ({
      input: { streamingProtocol: 'RTMP', accessControl: { ip: { allow: [{ address, subnetPrefixLength: 24 }] } } },
    });
    const denied = await running(w, 'denied', only('192.0.2.0'));
    await expect(startEncoder({ url: denied })).rejects.toThrow(/MPE_INGEST_ENCODER_CONNECTION_DENIED/);
    await push(await running(w, 'allowed', only('127.0.0.77')));
  });

  it('cuts the encoder when the event stops and says why', async () => {
    const w = await openHarness();
    const encoder = await push(await running(w));
    await w.arm('POST', '/liveEvents/show/stop', {});
    expect((await encoder.done).reason).toBe('closed');
    type Log = { value: { eventType: string; eventTime: string; data: { resultCode: string } }[] };
    const log = (await (await w.arm('POST', '/liveEvents/show/getStreamEvents')).json()) as Log;
    expect(log.value.map(({ eventType, data }) => [eventType, data.resultCode])).toEqual([
      ['StreamEvent/BeginIngest', 'S_OK'],
      ['StreamEvent/EndIngest', 'MPI_REST_API_CHANNEL_STOP'],
    ]);
    expect(log.value[0]?.eventTime).not.toContain('Z');
  });

  it('reports at once that an encoder vanished, and rates while it sends', async () => {
    const w = await openHarness();
    const encoder = await push(await running(w));
    type Status = {
      value: { ingestion: { end?: string }; trackStatus: { trackId: string; incomingBitrate: number }[] }[];
    };
    const status = async () => ((await (await w.arm('POST', '/liveEvents/show/getStatus')).json()) as Status).value[0];
    const sending = await seen(
      status,
      (one) => one?.trackStatus.every(({ incomingBitrate }) => incomingBitrate > 0) === true,
    );
    expect(sending?.trackStatus.map(({ trackId }) => trackId)).toEqual(['video', 'audio']);
    await encoder.drop();
    await seen(status, (one) => one?.ingestion.end !== undefined && one.trackStatus.length === 0);
  });

  it('answers status questions only from api-version 2022-11-01 on', async () => {
    const w = await openHarness();
    await running(w);
    expect((await w.arm('POST', '/liveEvents/show/getStatus?api-version=2022-08-01')).status).toBe(404);
    expect((await w.arm('POST', '/liveEvents/show/getTrackIngestHeartbeats')).status).toBe(200);
  });
});

describe('playback', () => {
  const text = async (url: string) => await (await fetch(url)).text();
  const lines = (playlist: string) => playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const path = '/11111111-2222-3333-4444-555555555555/show.ism/manifest(format=m3u8-cmaf)';

  it('has no paths before the first fragment, lives while recording and ends with its output', async () => {
    const w = await openHarness();
    const url = await running(w);
    await recording(w, 'show');
    type Paths = { streamingPaths: { streamingProtocol: string; paths: string[] }[]; downloadPaths: [] };
    const paths = async () => (await (await w.arm('POST', '/streamingLocators/tape/listPaths')).json()) as Paths;
    expect(await paths()).toEqual({ streamingPaths: [], downloadPaths: [] });
    const player = w.simulator.client.playbackBaseUrl + path;
    expect((await fetch(player)).status).toBe(503);
    await w.arm('POST', '/streamingEndpoints/default/start');
    expect((await fetch(player)).status).toBe(412);

    await push(url);
    const listed = await seen(paths, ({ streamingPaths }) => streamingPaths.length > 0);
    expect(listed.streamingPaths[0]).toMatchObject({ streamingProtocol: 'Hls', paths: [path] });
    const media = new URL(lines(await text(player))[0] ?? '', player).href;
    expect(await text(media)).not.toContain('#EXT-X-ENDLIST');

    expect((await w.arm('DELETE', '/liveEvents/show/liveOutputs/out')).status).toBe(200);
    const ended = await seen(
      () => text(media),
      (playlist) => playlist.includes('#EXT-X-ENDLIST'),
    );
    const fragments = lines(ended);
    const bytes = await Promise.all(
      fragments.map(async (uri) => Buffer.from(await (await fetch(new URL(uri, media))).arrayBuffer())),
    );
    expect(bytes.length).toBeGreaterThan(0);
    for (const fragment of bytes) expect([fragment[0], fragment.length % 188]).toEqual([0x47, 0]);
    const range = await fetch(new URL(fragments[0] ?? '', media), { headers: { range: 'bytes=0-187' } });
    expect([range.status, (await range.arrayBuffer()).byteLength]).toEqual([206, 188]);
  });

  it('previews only while the event runs', async () => {
    const w = await openHarness();
    const url = await running(w);
    const { properties } = await read(w, '/liveEvents/show');
    const preview = `${properties.preview.endpoints[0]?.url}(format=m3u8-cmaf)`;
    expect((await fetch(preview)).status).toBe(412);
    await push(url);
    await seen(
      async () => (await fetch(preview)).status,
      (status) => status === 200,
    );
    await w.arm('POST', '/liveEvents/show/stop', {});
    expect((await fetch(preview)).status).toBe(404);
  });
});
