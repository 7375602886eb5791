import type { LiveWindow, VodAsset } from '../../domain/channel.ts';
import type { VodFile } from '../../vendors/driver.ts';

const host = 'http://vod.invalid/';
const text = (body: string): VodFile => ({
  status: 200,
  contentType: 'application/vnd.apple.mpegurl',
  body: new TextEncoder().encode(body),
});

/** A recording that lasts as long as the windows; its address says how long each is. */
export const fakeVod = (windows: readonly LiveWindow[]): VodAsset => ({
  url: `${host}${windows.map(({ from, to }) => to - from).join('_')}/whole.m3u8`,
  finality: 'fake',
});

/** What a player gets: a playlist with a discontinuity at each gap, and segments of real MPEG-TS packets. */
export function fetchFakeVod(url: string): VodFile {
  const [lengths, file] = url.slice(host.length).split('/');
  if (file?.endsWith('.ts')) {
    const body = new Uint8Array(188 * 6);
    for (let at = 0; at < body.length; at += 188) body[at] = 0x47;
    return { status: 200, contentType: 'video/mp2t', totalBytes: body.length, body };
  }
  if (file !== 'whole.m3u8' || !lengths) return { status: 404, contentType: 'text/plain', body: new Uint8Array() };
  const runs = lengths.split('_').map((ms, run) => segments(Number(ms), run));
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    '#EXT-X-TARGETDURATION:1',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    runs.join('\n#EXT-X-DISCONTINUITY\n'),
  ];
  return text(`${lines.join('\n')}\n#EXT-X-ENDLIST\n`);
}

function segments(ms: number, run: number): string {
  const lines: string[] = [];
  for (let left = ms, n = 0; left > 0; left -= 1000, n += 1) {
    lines.push(`#EXTINF:${(Math.min(1000, left) / 1000).toFixed(3)},`, `${run}-${n}.ts`);
  }
  return lines.join('\n');
}
