import HLS from 'hls-parser';
import { describe, expect, it } from 'vitest';
import type { EventStatus, LegStatus } from '../../../../domain/report.ts';
import { onAir, watchHarness } from './watch-harness.ts';

const media = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n1.ts\n';
const listed = [
  '#EXTM3U',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="sound",URI="sound.m3u8"',
  '#EXT-X-STREAM-INF:BANDWIDTH=3000000,RESOLUTION=1280x720,AUDIO="a"',
  'high.m3u8',
  '#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=640x360,AUDIO="a"',
  'low.m3u8?token=1',
  '',
].join('\n');

const addressOf = (name: string) => `https://${name}.example/live.m3u8`;
const leg = (name: string, more: Partial<LegStatus> = {}, needs?: 'signature'): LegStatus => ({
  ...{ name, vendor: name, account: 'default', start: 'with-event', begunAt: 0 },
  status: { ...onAir, playback: { hls: addressOf(name), ...(needs && { needs }) } } as EventStatus,
  ...more,
});

/** What a viewer of an event with these legs is answered, and which playlists were read for it. */
async function watched(
  legs: readonly LegStatus[],
  playlists: Record<string, string | 'hangs'>,
  { mode = 'public' as 'public' | 'token', current = 'a' } = {},
) {
  const read: string[] = [];
  const event = {
    ...onAir,
    channel: undefined,
    playback: undefined,
    legs,
    legsOnAir: [{ leg: current, from: 0, why: 'live' }],
  };
  const { app, address } = await watchHarness({
    mode,
    statuses: { final: event as Partial<EventStatus> },
    forViewers: {
      live: async (url) => {
        read.push(url);
        const found = playlists[new URL(url).hostname.split('.')[0] ?? ''];
        if (found === 'hangs') return new Promise(() => undefined);
        return { status: found === undefined ? 404 : 200, contentType: '', body: Buffer.from(found ?? '') };
      },
    },
  });
  const get = () => app.inject(address({ key: 'final' }));
  return { ...(await get()), read, get };
}

function variantsIn(body: string): string[] {
  const parsed = HLS.parse(body);
  if (!parsed.isMasterPlaylist) throw new Error('no list of variants');
  return parsed.variants.map(({ uri }) => uri);
}

describe('an event with two legs on air', () => {
  it('is one list of the variants of both, those of the leg on air first', async () => {
    const both = { a: listed, b: media };
    const { statusCode, headers, body } = await watched([leg('a'), leg('b')], both);
    expect([statusCode, headers['cache-control']]).toEqual([200, 'public, max-age=5']);
    const ofA = ['https://a.example/high.m3u8', 'https://a.example/low.m3u8?token=1'];
    expect(variantsIn(body)).toEqual([...ofA, addressOf('b')]);
    expect(body).toContain('GROUP-ID="0-a",NAME="sound",URI="https://a.example/sound.m3u8"');
    expect(body).toContain(`#EXT-X-STREAM-INF:BANDWIDTH=3000000\n${addressOf('b')}`);
    const switched = await watched([leg('a'), leg('b')], both, { current: 'b' });
    expect(variantsIn(switched.body)).toEqual([addressOf('b'), ...ofA]);
  });

  it('keeps the groups of both apart', async () => {
    const { body } = await watched([leg('a'), leg('b')], { a: listed, b: listed });
    expect(body.match(/GROUP-ID="\d-a"/g)).toEqual(['GROUP-ID="0-a"', 'GROUP-ID="1-a"']);
    expect(body.match(/AUDIO="\d-a"/g)).toEqual(['AUDIO="0-a"', 'AUDIO="0-a"', 'AUDIO="1-a"', 'AUDIO="1-a"']);
  });

  it('is read once for many viewers', async () => {
    const { read, get } = await watched([leg('a'), leg('b')], { a: listed, b: media });
    await Promise.all(Array.from({ length: 50 }, get));
    expect(read).toHaveLength(2);
  });

  it.each([
    ['is not there', {}],
    ['does not answer', { b: 'hangs' }],
    ['is no playlist', { b: '<html>' }],
  ])('is the other leg where one %s', async (_what, b) => {
    const there = await watched([leg('a'), leg('b')], { a: listed, ...b });
    expect([there.statusCode, there.headers.location]).toEqual([302, addressOf('a')]);
    const other = await watched([leg('a'), leg('b')], { a: listed, ...b }, { current: 'b' });
    expect(other.headers.location).toBe(addressOf('a'));
  });

  it('shows a leg that needs a signature to holders of a viewer token alone, and lets nothing of it be kept', async () => {
    const legs = [leg('a'), leg('b', {}, 'signature')];
    const open = await watched(legs, { a: listed, b: media });
    expect(open.headers.location).toBe(addressOf('a'));
    expect(open.read).toEqual([]);
    const { body, headers } = await watched(legs, { a: listed, b: media }, { mode: 'token' });
    expect(variantsIn(body)).toContain(`${addressOf('b')}?signature=s3cret`);
    expect(headers['cache-control']).toBe('no-store');
  });
});
