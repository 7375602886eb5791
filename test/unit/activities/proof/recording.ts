import type { ProofLimits, ProveInput } from '../../../../activities/proof/prove.ts';
import type { LiveWindow, VodAsset } from '../../../../domain/channel.ts';
import type { VodFile } from '../../../../vendors/driver.ts';
import { tsMedia } from '../../../support/media.ts';

export const base = 'https://vod.example/show/';
export const showStart = Date.UTC(2026, 11, 1, 18);

interface StoredFile {
  body: Uint8Array;
  contentType?: string;
  status?: number;
}

/** A web server in memory that remembers what was asked. */
export class Store {
  readonly files = new Map<string, StoredFile>();
  readonly asked: string[] = [];
  readonly pauses: number[] = [];
  /** Where an address leads instead. */
  readonly redirects = new Map<string, string>();
  /** What happens while the proof waits. */
  whilePaused: () => void = () => {};
  honoursRanges = true;

  put(name: string, body: string | Uint8Array, extra: Omit<StoredFile, 'body'> = {}): this {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    this.files.set(at(name), { body: bytes, ...extra });
    return this;
  }

  text(name: string): string {
    return new TextDecoder().decode(this.files.get(at(name))?.body);
  }

  edit(name: string, change: (text: string) => string): this {
    return this.put(name, change(this.text(name)), { contentType: this.files.get(at(name))?.contentType });
  }

  readonly fetch = async (url: string, range?: { start: number; end: number }): Promise<VodFile> => {
    this.asked.push(url);
    const elsewhere = this.redirects.get(url);
    if (elsewhere) return { ...(await this.fetch(elsewhere, range)), url: elsewhere };
    const file = this.files.get(url.split('?', 1)[0] ?? '');
    const contentType = file?.contentType ?? (/\.m3u8/.test(url) ? 'application/vnd.apple.mpegurl' : 'video/mp2t');
    if (!file) return { status: 404, contentType: 'application/xml', body: new Uint8Array() };
    if (file.status) return { status: file.status, contentType, body: file.body };
    if (!range || !this.honoursRanges)
      return { status: 200, contentType, totalBytes: file.body.length, body: file.body };
    if (range.start >= file.body.length) return { status: 416, contentType, body: new Uint8Array() };
    const body = file.body.subarray(range.start, range.end + 1);
    return { status: 206, contentType, totalBytes: file.body.length, body };
  };

  readonly pause = async (ms: number): Promise<void> => {
    this.pauses.push(ms);
    this.whilePaused();
  };
}

const at = (name: string): string => (/^[a-z0-9]+:\/\//.test(name) ? name : base + name);

export interface Piece {
  /** As listed, seconds. */
  duration: number;
  /** What its segment really holds, where that is not what is listed. Seconds. */
  holds?: number;
  discontinuity?: boolean;
  /** Epoch milliseconds. */
  date?: number;
  gap?: boolean;
}

export const pieces = (count: number, duration = 6): Piece[] => Array.from({ length: count }, () => ({ duration }));

export interface Written {
  target?: number;
  version?: number;
  type?: string;
  segment?: (i: number) => string;
}

/** The text of a media playlist. */
function playlistText(list: readonly Piece[], given: Written = {}): string {
  const target = given.target ?? Math.max(1, ...list.map(({ duration }) => Math.round(duration)));
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${given.version ?? 4}`,
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-PLAYLIST-TYPE:${given.type ?? 'VOD'}`,
    ...list.flatMap((piece, i) => [
      ...(piece.discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
      ...(piece.date === undefined ? [] : [`#EXT-X-PROGRAM-DATE-TIME:${new Date(piece.date).toISOString()}`]),
      ...(piece.gap ? ['#EXT-X-GAP'] : []),
      `#EXTINF:${piece.duration.toFixed(3)},`,
      given.segment?.(i) ?? `${i}.ts`,
    ]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

/** A media playlist with its segments. */
export function store(
  list: readonly Piece[],
  given: Written & { name?: string; folder?: string; into?: Store } = {},
): Store {
  const { name = 'index.m3u8', folder = '', into = new Store() } = given;
  into.put(folder + name, playlistText(list, given));
  let startMs = 10_000;
  for (const [i, piece] of list.entries()) {
    const lengthMs = (piece.holds ?? piece.duration) * 1000;
    if (!piece.gap) into.put(`${folder}${given.segment?.(i) ?? `${i}.ts`}`, tsMedia({ startMs, lengthMs }));
    startMs += lengthMs;
  }
  return into;
}

export const masterText = (names: readonly string[]): string =>
  [
    '#EXTM3U',
    ...names.flatMap((name, i) => [`#EXT-X-STREAM-INF:BANDWIDTH=${(i + 1) * 20_000},RESOLUTION=640x360`, name]),
    '',
  ].join('\n');

/** A multivariant playlist over variants of the same pieces. */
export function ladder(list: readonly Piece[], variants = ['high', 'low']): Store {
  const into = new Store();
  into.put('master.m3u8', masterText(variants.map((name) => `${name}/index.m3u8`)));
  for (const name of variants) store(list, { folder: `${name}/`, into });
  return into;
}

export const windowOf = (seconds: number, from = showStart): LiveWindow => ({ from, to: from + seconds * 1000 });

export interface Given {
  name?: string;
  windows?: readonly LiveWindow[];
  asset?: Partial<VodAsset>;
  limits?: Partial<ProofLimits>;
}

/** What to prove: by default, a show of one minute. */
export const input = (from: Store, given: Given = {}): ProveInput => ({
  asset: { url: base + (given.name ?? 'index.m3u8'), finality: 'stated by the vendor', ...given.asset },
  windows: given.windows ?? [windowOf(60)],
  share: given.windows ?? [windowOf(60)],
  fetch: from.fetch,
  pause: from.pause,
  ...(given.limits && { limits: given.limits }),
});
