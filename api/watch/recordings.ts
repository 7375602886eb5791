import { inParallel } from '../../domain/in-parallel.ts';
import type { Cut } from './cut.ts';
import { joinMedia } from './join-media.ts';
import { type JoinPlan, planJoin } from './join-variants.ts';
import { type FetchedPlaylist, NotJoinable } from './playlist-text.ts';

/** Reads a playlist of this recording as a player would. Rejects when it cannot be had. */
export type ReadPlaylist = (url: string) => Promise<FetchedPlaylist>;

/** Recordings as one. */
export interface Joined {
  /** The playlist that a player begins with; `query` is added to the addresses of our own in it. */
  main: (query: string) => string;
  /** The playlists that it names. */
  renditions: ReadonlyMap<string, string>;
  note: string;
}

/** A recording may be published again, by an operator. */
const keptMs = 10 * 60_000;
const failedMs = 5_000;
const mostRecordings = 100;
const mostPlaylists = 1_000;
/** Of all that is kept, and of one join. Characters. */
const mostKept = 128 * 1024 * 1024;
const mostText = 64 * 1024 * 1024;
const readsAtOnce = 4;

/** @throws NotJoinable, and what reading throws */
export async function joinRecordings(
  urls: readonly string[],
  read: ReadPlaylist,
  cuts?: readonly Cut[],
): Promise<Joined> {
  if (urls.length > mostRecordings)
    throw new NotJoinable(`there are ${urls.length} of them, more than ${mostRecordings}`);
  const known = new Map<string, FetchedPlaylist>();
  let length = 0;
  const one = async (url: string): Promise<FetchedPlaylist> => {
    const before = known.get(url);
    if (before) return before;
    const playlist = await read(url);
    known.set(url, playlist).set(playlist.url, playlist);
    length += playlist.text.length;
    if (length > mostText) throw new NotJoinable('their playlists are too long');
    return playlist;
  };
  const all = (wanted: readonly string[]): Promise<FetchedPlaylist[]> => inParallel(wanted, readsAtOnce, one);
  const plan: JoinPlan = planJoin(await all(urls));
  if ([...plan.joined.values()].flat().length > mostPlaylists) throw new NotJoinable('they have too many playlists');
  const renditions = new Map<string, string>();
  for (const [name, parts] of plan.joined) renditions.set(name, joinMedia(await all(parts), cuts));
  const { list, note } = plan;
  const whole = renditions.get('main') ?? '';
  const noted = (text: string) => text.replace('\n', `\n# ${note}\n`);
  if (list) return { main: (query) => noted(list(query)), renditions, note };
  return { main: () => noted(whole), renditions: new Map(), note };
}

interface Kept {
  joined: Promise<Joined>;
  until: number;
  size: number;
}

/** Joins each list of recordings once for all viewers, and keeps what came of it for a while. */
export class JoinedRecordings {
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  of(urls: readonly string[], read: ReadPlaylist, cuts?: readonly Cut[]): Promise<Joined> {
    const key = JSON.stringify([urls, cuts]);
    const before = this.#kept.get(key);
    if (before && this.#now() < before.until) return before.joined;
    const joined = joinRecordings(urls, read, cuts);
    const kept: Kept = { joined, until: Number.POSITIVE_INFINITY, size: 0 };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    joined.then(
      ({ main, renditions }) => {
        kept.until = this.#now() + keptMs;
        kept.size = [main(''), ...renditions.values()].reduce((sum, text) => sum + text.length, 0);
        this.#forgetOldest();
      },
      () => {
        kept.until = this.#now() + failedMs;
      },
    );
    return joined;
  }

  #forgetOldest(): void {
    let size = [...this.#kept.values()].reduce((sum, one) => sum + one.size, 0);
    for (const [oldest, one] of this.#kept) {
      if (size <= mostKept && this.#kept.size <= mostRecordings) return;
      size -= one.size;
      this.#kept.delete(oldest);
    }
  }
}
