import type { LiveWindow, VodAsset } from '../../domain/channel.ts';
import type { VodFile } from '../../vendors/driver.ts';
import { tsMedia } from './media.ts';

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

/** Random shows get the same seconds again and again. */
const made = new Map<string, Buffer>();
function mediaOf(startMs: number, lengthMs: number): Buffer {
  const key = `${startMs} ${lengthMs}`;
  const media = made.get(key) ?? tsMedia({ startMs, lengthMs });
  if (lengthMs === 1000) made.set(key, media);
  return media;
}

/** What a player gets: a playlist with a discontinuity at each gap, and segments of MPEG-TS with samples that fill them. */
export function fetchFakeVod(url: string): VodFile {
  const [lengths, file] = url.slice(host.length).split('/');
  const [, run = '', n] = /^(\d+)-(\d+)\.ts$/.exec(file ?? '') ?? [];
  if (lengths && n !== undefined) {
    const startMs = 1000 * Number(n);
    const lengthMs = Math.min(1000, Number(lengths.split('_')[Number(run)]) - startMs);
    const body = mediaOf(startMs, lengthMs);
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
