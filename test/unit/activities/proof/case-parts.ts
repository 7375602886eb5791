import { createCipheriv } from 'node:crypto';
import type { CheckName } from '../../../../activities/proof/checks.ts';
import { mp4Init, mp4Media, tsMedia } from '../../../support/media.ts';
import { type Given, pieces, type Store, showStart, store } from './recording.ts';

export interface Case {
  what: string;
  check: CheckName;
  /** What else cannot be right then. */
  also?: readonly CheckName[];
  detail: RegExp;
  store: () => Store;
  given?: Given;
}

export const minute = () => store(pieces(10));
export const edited = (change: (text: string) => string) => minute().edit('index.m3u8', change);
export const dated = (jumpAt: number, jumpMs: number, discontinuity: boolean) =>
  pieces(10).map((piece, i) => ({
    ...piece,
    date: showStart + i * 6000 + (i >= jumpAt ? jumpMs : 0),
    discontinuity: discontinuity && i === jumpAt,
  }));

/** The segments of one file, cut into byte ranges. */
export function ranges(list: readonly (readonly [length: number, offset: number])[]): Store {
  const lines = list.flatMap(([length, offset]) => ['#EXTINF:6,', `#EXT-X-BYTERANGE:${length}@${offset}`, 'all.ts']);
  const text = ['#EXTM3U', '#EXT-X-VERSION:4', '#EXT-X-TARGETDURATION:6', ...lines, '#EXT-X-ENDLIST', ''].join('\n');
  return minute().put('index.m3u8', text).put('all.ts', twoSegments);
}

const [first, second] = [0, 6_000].map((startMs) => tsMedia({ startMs, lengthMs: 6_000 }));
export const segmentBytes = first?.length ?? 0;
const twoSegments = Buffer.concat([first, second].flatMap((bytes) => bytes ?? []));

export function fragmented(fragments = 1): Store {
  const s = store(pieces(10), { version: 7 }).edit('index.m3u8', (t) =>
    t.replace('#EXTINF', '#EXT-X-MAP:URI="init.mp4"\n#EXTINF'),
  );
  for (let i = 0; i < 10; i += 1) s.put(`${i}.ts`, mp4Media({ startMs: i * 6_000, lengthMs: 6_000 }, fragments));
  return s.put('init.mp4', mp4Init());
}

export const broken = (at: number) => pieces(10).map((piece, i) => ({ ...piece, discontinuity: i === at }));

const keyBytes = Buffer.from('a key of 16 byte');

/** Every segment encrypted as a whole, each with its number as its IV unless one is given. */
export function encrypted(s: Store, iv?: string): Store {
  const attributes = `METHOD=AES-128,URI="k"${iv === undefined ? '' : `,IV=0x${iv}`}`;
  s.edit('index.m3u8', (text) => text.replace(/#EXT(INF|-X-MAP)/, `#EXT-X-KEY:${attributes}\n#EXT$1`));
  for (const [url, { body }] of [...s.files]) {
    const number = /(\d+)\.ts$/.exec(url)?.[1];
    if (number === undefined && !url.endsWith('.mp4')) continue;
    const ivBytes = Buffer.from(iv ?? Number(number).toString(16).padStart(32, '0'), 'hex');
    const cipher = createCipheriv('aes-128-cbc', keyBytes, ivBytes);
    s.put(url, Buffer.concat([cipher.update(body), cipher.final()]));
  }
  return s.put('k', keyBytes);
}
