import type { CheckName } from '../../../../activities/proof/checks.ts';
import { box, type Given, pieces, type Store, showStart, store, transportStream } from './recording.ts';

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

export function ranges(list: readonly (readonly [length: number, offset: number])[]): Store {
  const lines = list.flatMap(([length, offset]) => ['#EXTINF:6,', `#EXT-X-BYTERANGE:${length}@${offset}`, 'all.ts']);
  const text = ['#EXTM3U', '#EXT-X-VERSION:4', '#EXT-X-TARGETDURATION:6', ...lines, '#EXT-X-ENDLIST', ''].join('\n');
  return minute().put('index.m3u8', text).put('all.ts', transportStream(4));
}

export function fragmented(): Store {
  const s = store(pieces(10), { version: 7 }).edit('index.m3u8', (t) =>
    t.replace('#EXTINF', '#EXT-X-MAP:URI="init.mp4"\n#EXTINF'),
  );
  for (let i = 0; i < 10; i += 1) s.put(`${i}.ts`, box('moof'));
  return s.put('init.mp4', box('ftyp'));
}

export const broken = (at: number) => pieces(10).map((piece, i) => ({ ...piece, discontinuity: i === at }));
