import type { MediaPlaylist } from '../../domain/hls.ts';
import { keepNewest } from '../../domain/keep-newest.ts';
import type { OnAirState } from '../../domain/on-air.ts';

/** What one look at a playlist gave. */
export type VariantLook =
  | { kind: 'playlist'; playlist: MediaPlaylist }
  /** It is not there, or the viewer is refused. */
  | { kind: 'gone'; status: number }
  /** Nothing can be said of it. */
  | { kind: 'failed'; why: string };

/** Without a new segment for so many target durations it is frozen; as long without an answer, unknown. */
const mostTargets = 3;
/** A playlist that is not there once may be there again. */
const goneLooks = 2;
const unknownTargetMs = 2_000;
/** More than any live playlist that is served by several edges is behind itself. */
const remembered = 256;
/** An edge may be behind by so many segments: a playlist that goes back further was begun anew. */
const mostBehind = 3;

/**
 * One media playlist as a player sees it over time. Only segments that were not there before count: an edge that serves old
 * playlists, and a playlist that an earlier show left, bring none. Instants are of a monotonic clock, milliseconds.
 */
export class WatchedVariant {
  state: OnAirState;
  reason: string | undefined;
  /** Whether a look found this state; until then it is what was known before. */
  isFound = false;
  playlist: MediaPlaylist | undefined;
  /** When the newest segment was first seen. */
  progressAt: number | undefined;
  readonly #known = new Set<string>();
  #newest = -1;
  /** The end of the list before its numbers began anew: an edge may still serve it. */
  #replaced: string | undefined;
  /** When a list with segments was last there, and how many looks since found none. */
  #listedAt = Number.NEGATIVE_INFINITY;
  #absentLooks = 0;
  /** When a list came back that may be the one before. */
  #doubtedAt = Number.NEGATIVE_INFINITY;
  /** The stream was seen before, by another worker or at another address. */
  readonly #wasSeen: boolean;
  /** What comes next may be old: what is new is measured by it. */
  #isFirst = true;
  #firstAt: number | undefined;
  #goneInARow = 0;
  #failingSince: number | undefined;
  /** A look gave nothing new after another variant had: what comes next may be what that gave. */
  #isBehind = false;

  /** @param before what was known of it before this one was made: by another worker, or at another address */
  constructor(before: OnAirState = 'dark') {
    this.state = before;
    this.#wasSeen = before !== 'dark';
  }

  get targetMs(): number {
    return this.playlist?.targetMs ?? unknownTargetMs;
  }

  /** It was there, and at the last look it was not. */
  get isAbsent(): boolean {
    return this.#goneInARow > 0 && this.playlist !== undefined;
  }

  /** Nothing new comes in it, and it has been looked at for long enough to say so. */
  isDead(at: number): boolean {
    if (this.state === 'frozen' || this.state === 'gone') return true;
    return this.state === 'dark' && at - (this.#firstAt ?? at) > mostTargets * this.targetMs;
  }

  /** When it would be frozen or unknown, should nothing new come until then; undefined when that is so already. */
  get dueAt(): number | undefined {
    const since = this.#failingSince ?? (this.state === 'on-air' ? this.progressAt : undefined);
    return since === undefined || this.state === 'unknown' ? undefined : since + mostTargets * this.targetMs;
  }

  get hasSegments(): boolean {
    return (this.playlist?.uris.length ?? 0) > 0;
  }

  /** The stream was known at another address: of the first list only what comes after that is new. */
  follows(other: WatchedVariant): void {
    this.#isFirst = false;
    this.progressAt = other.progressAt;
    this.#newest = other.#newest;
    this.#listedAt = other.#listedAt;
  }

  /** @param others the other variants of the stream: what viewers got of one is not new in another */
  take(look: VariantLook, at: number, others: readonly WatchedVariant[] = []): void {
    const progressBefore = this.progressAt;
    this.#firstAt ??= at;
    if (look.kind !== 'gone') this.#goneInARow = 0;
    if (look.kind !== 'failed') this.#failingSince = undefined;
    if (look.kind === 'playlist') this.#takePlaylist(look.playlist, at, others);
    else if (look.kind === 'gone') this.#takeGone(look.status);
    else this.#takeFailed(look.why, at);
    if (this.progressAt === progressBefore) this.#isBehind ||= latest(others) > (progressBefore ?? never);
  }

  #takePlaylist(playlist: MediaPlaylist, at: number, others: readonly WatchedVariant[]): void {
    const isFirst = this.#isFirst;
    const isEmpty = playlist.uris.length === 0;
    if (!isEmpty || !this.#wasSeen) this.#isFirst = false;
    const isNew = this.#isNew(playlist, at);
    // As it was left, or as far again since it was begun anew: the next segment decides.
    if (!isEmpty && !isNew && this.#isBegunAnew(playlist, at)) this.#doubtedAt = at;
    if (isNew && playlist.newest <= this.#newest) this.#replaced = endOf(this.playlist);
    const { until = never } = this.playlist ?? {};
    const isSetBack = playlist.until !== undefined && playlist.until < until;
    for (const uri of playlist.uris) this.#remember(uri);
    if (isNew || !this.playlist) this.playlist = playlist;
    this.#newest = isNew ? playlist.newest : this.#newest;
    if (isEmpty) this.#absentLooks += 1;
    else [this.#absentLooks, this.#listedAt] = [0, at];
    // What was there before the first look, or while the stream was not, may be old.
    if (isNew && !isFirst) {
      // Where the clock of the dates was set back, those of a variant that stopped before that are no measure.
      const isBeyond = isSetBack || this.#isBeyond(others);
      const givenAt = this.#isBehind && !isBeyond ? latest(others) : at;
      // It may catch up in steps; where they count apart without dates, what comes after the first step is new.
      this.#isBehind &&= !isBeyond && [this, ...others].every(({ playlist: known }) => known?.until !== undefined);
      this.progressAt = Math.max(this.progressAt ?? givenAt, givenAt);
      if (at - this.progressAt < mostTargets * this.targetMs) {
        this.#become('on-air');
        return;
      }
    }
    if (isFirst && this.state !== 'dark' && !(isEmpty && this.state === 'unknown')) this.progressAt ??= at;
    if (this.progressAt === undefined) {
      this.#become(
        this.state === 'unknown' ? 'dark' : this.state,
        isEmpty ? 'the playlist has no segment yet' : 'the playlist is there, but nothing new in it',
      );
    } else if (at - Math.max(this.progressAt, this.#doubtedAt) >= mostTargets * this.targetMs) {
      const seconds = Math.round((at - this.progressAt) / 1000);
      this.#become('frozen', playlist.ended ? 'the playlist has ended' : `no new segment for ${seconds} s`);
    }
  }

  #takeGone(status: number): void {
    this.#goneInARow += 1;
    this.#absentLooks += 1;
    // Where nothing was there when it was first asked for, all that comes is new.
    if (!this.#wasSeen) this.#isFirst = false;
    const reason = goneText(status);
    if (this.state === 'dark') this.#become('dark', reason);
    else if (this.state === 'unknown' && this.progressAt === undefined) this.#become('dark', reason);
    else if (this.#goneInARow >= goneLooks) this.#become('gone', reason);
  }

  #takeFailed(why: string, at: number): void {
    this.#failingSince ??= at;
    if (at - this.#failingSince >= mostTargets * this.targetMs) this.#become('unknown', why);
  }

  #become(state: OnAirState, reason?: string): void {
    this.state = state;
    this.reason = reason;
    this.isFound = true;
  }

  /** A later number, an address that was never there, or a list that was begun anew. */
  #isNew(playlist: MediaPlaylist, at: number): boolean {
    const last = playlist.uris.at(-1);
    if (last === undefined) return false;
    if (endOf(playlist) === this.#replaced && playlist.newest > this.#newest + 1) return false;
    const isUnknown = this.#known.size > 0 && !this.#known.has(last);
    if (playlist.newest > this.#newest || isUnknown) return true;
    return this.#isBegunAnew(playlist, at) && !this.#isAsItWas(playlist);
  }

  /**
   * After a reconnect numbers and addresses may be those that the show began with. Such a list is shorter than the one before,
   * and all of it can have been made since that was last there, which cannot be of what an edge kept.
   */
  #isBegunAnew({ newest, durationMs }: MediaPlaylist, at: number): boolean {
    const least = this.#absentLooks === 0 ? mostBehind : this.#absentLooks < goneLooks ? 1 : 0;
    return this.#newest - newest >= least && durationMs <= at - this.#listedAt + this.targetMs;
  }

  /** Later than all that the others gave. Where they count apart, that is known a segment late at most. */
  #isBeyond(others: readonly WatchedVariant[]): boolean {
    const { until } = this.playlist ?? {};
    return others.every((other) => {
      const given = other.playlist?.until;
      return until !== undefined && given !== undefined ? until > given : this.#newest > other.#newest;
    });
  }

  /** A list that comes back as it was left brings nothing that could be known, however long it was away. */
  #isAsItWas(playlist: MediaPlaylist): boolean {
    return endOf(playlist) === endOf(this.playlist);
  }

  #remember(uri: string): void {
    this.#known.delete(uri);
    this.#known.add(uri);
    keepNewest(this.#known, remembered);
  }
}

const never = Number.NEGATIVE_INFINITY;
const latest = (variants: readonly WatchedVariant[]): number =>
  Math.max(never, ...variants.map(({ progressAt = never }) => progressAt));

/** Where a list ends: what comes to the same number and address later lasts longer or is dated later, but for a coincidence. */
const endOf = (playlist: MediaPlaylist | undefined): string =>
  `${playlist?.newest} ${playlist?.uris.at(-1)} ${playlist?.durationMs} ${playlist?.until}`;

const goneText = (status: number): string =>
  status === 401 || status === 403
    ? `viewers are refused (${status}): a token, a signature or public access is missing, or the stream is forbidden`
    : `there is no playlist at the address (${status})`;
