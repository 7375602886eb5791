import { readPlaylist, type VariantList } from '../../domain/hls.ts';
import { messageOf } from '../../domain/message-of.ts';
import type { OnAirState } from '../../domain/on-air.ts';
import { unsigned } from '../../domain/playback.ts';
import type { ProbedSegment } from './newest-segment.ts';
import { type VariantLook, WatchedVariant } from './variant.ts';

/** A player's GET. Rejects when there is no answer. */
export type ViewerGet = (
  url: string,
  options: { etag?: string; trusted: string; maxBytes: number },
) => Promise<{ status: number; etag?: string; url?: string; body: Uint8Array; refused?: string }>;

export interface ViewerOptions {
  /** The address of the live playlist. */
  url: string;
  get: ViewerGet;
  /** Adds the token or the signature that an address needs. */
  sign(url: string): Promise<string>;
  /** A monotonic clock, milliseconds. */
  elapsed(): number;
  before?: OnAirState;
}

/** A playlist of the longest show; segments are read up to `mostSegmentBytes`. */
const mostPlaylistBytes = 8 * 1024 * 1024;
const mostSegmentBytes = 8 * 1024 * 1024;
/** Signed addresses are used again for so long. */
const signedForMs = 120_000;
/** More than any vendor makes. A list comes from outside, and each look at it takes time. */
const mostVariants = 50;
/** The multivariant playlist is read again after this time; it seldom changes. */
const listedForMs = 60_000;
const soonestMs = 250;
const mostEveryMs = 10_000;
const goneStatuses: readonly number[] = [401, 403, 404, 410, 412];

interface FollowedVariant {
  url: string;
  variant: WatchedVariant;
  etag?: string;
  /** Where it was found, behind redirects: its segments' addresses are relative to that. */
  foundAt?: string;
}

/**
 * Watches one live stream as a player does: the list of variants now and then, one variant at every look, and of the others
 * one more, in turn. Nothing is fetched twice that has not changed.
 */
export class Viewer {
  readonly #options: ViewerOptions;
  readonly #signed = new Map<string, { url: string; at: number }>();
  /** The variants that the address lists; until a list is found, the address itself. */
  #followed: FollowedVariant[] = [];
  #listedAt = Number.NEGATIVE_INFINITY;
  #turn = 0;
  #hasSoundApart = false;

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.#followed = [{ url: options.url, variant: new WatchedVariant(options.before) }];
  }

  /** The variant that a player would play. */
  get #main(): FollowedVariant {
    const [first] = this.#followed;
    const playing = this.#followed.find(({ variant }) => variant.state === 'on-air') ?? first;
    if (!playing) throw new Error('a viewer without a variant: a bug');
    return playing;
  }

  get main(): WatchedVariant {
    return this.#main.variant;
  }

  /** Of several variants those that give no new segments while another does. */
  get dead(): string[] {
    if (this.main.state !== 'on-air') return [];
    const now = this.#options.elapsed();
    // Their addresses may hold a key in their path.
    const named = this.#followed.map(({ variant }, i) => ({ variant, name: `variant ${i + 1} of ${this.variants}` }));
    return named.filter(({ variant }) => variant.isDead(now)).map(({ name }) => name);
  }

  get variants(): number {
    return this.#followed.length;
  }

  /** How long to wait for the next look once there is something to look at. Milliseconds. */
  get nextInMs(): number {
    const { targetMs, dueAt = Number.POSITIVE_INFINITY } = this.main;
    // A look at the instant in which it would be frozen: that is known three target durations after the last segment.
    return Math.max(soonestMs, Math.min(mostEveryMs, targetMs, dueAt - this.#options.elapsed()));
  }

  async look(): Promise<void> {
    const now = this.#options.elapsed();
    // A list that leads nowhere may have been replaced, as at a reconnect.
    const isDue = now - this.#listedAt > listedForMs || this.main.isAbsent;
    if (this.#isListed && isDue) await this.#list();
    const main = this.#main;
    await this.#lookAt(main);
    const others = this.#followed.filter((one) => one !== main);
    this.#turn += 1;
    const other = others[this.#turn % Math.max(1, others.length)];
    if (other) await this.#lookAt(other);
  }

  /** Undefined when the segment cannot be fetched whole, or is encrypted. */
  async newestSegment(): Promise<ProbedSegment | undefined> {
    const { url, foundAt = url, variant } = this.#main;
    const { uris = [], map, isPlain } = variant.playlist ?? {};
    const uri = uris.at(-1);
    if (uri === undefined || !isPlain) return undefined;
    const parts: Uint8Array[] = [];
    for (const part of map === undefined ? [uri] : [map, uri]) {
      const { status, body } = await this.#get(new URL(part, foundAt).href, mostSegmentBytes);
      if (status !== 200) return undefined;
      parts.push(body);
    }
    return { bytes: Buffer.concat(parts), hasInit: map !== undefined, hasSoundApart: this.#hasSoundApart };
  }

  /** The address leads to a list of variants. */
  get #isListed(): boolean {
    return this.#listedAt !== Number.NEGATIVE_INFINITY;
  }

  async #lookAt(followed: FollowedVariant): Promise<void> {
    const { variant } = followed;
    let look: VariantLook;
    try {
      const answer = await this.#get(followed.url, mostPlaylistBytes, followed.etag);
      const read = playlistIn(answer);
      if (read?.kind === 'multivariant' && !this.#isListed) return await this.#follow(read, answer.url ?? followed.url);
      if (answer.status === 200) Object.assign(followed, { foundAt: answer.url }, answer.etag && { etag: answer.etag });
      const playlist = answer.status === 304 ? variant.playlist : read;
      // A list in a list: following it could go on for ever.
      look =
        playlist?.kind === 'multivariant' ? notAPlaylist : playlist ? { kind: 'playlist', playlist } : lookOf(answer);
    } catch (error) {
      look = { kind: 'failed', why: messageOf(error) };
    }
    const others = this.#followed.flatMap((one) => (one === followed ? [] : [one.variant]));
    variant.take(look, this.#options.elapsed(), others);
  }

  async #list(): Promise<void> {
    const { url } = this.#options;
    const answer = await this.#get(url, mostPlaylistBytes).catch(() => undefined);
    const read = answer && playlistIn(answer);
    if (read?.kind === 'multivariant') await this.#follow(read, answer?.url ?? url);
    else this.#listedAt = this.#options.elapsed();
  }

  /** Variants that were there stay what they are. A token of the first request leads to addresses with another one. */
  async #follow({ uris, hasSoundApart }: VariantList, base: string): Promise<void> {
    this.#hasSoundApart = hasSoundApart;
    const { main } = this;
    const wasLookedFor = main.reason !== undefined;
    const isFirst = !this.#isListed;
    this.#listedAt = this.#options.elapsed();
    const readable = uris.slice(0, mostVariants).filter((uri) => URL.canParse(uri, base));
    const urls = [...new Set(readable.map((uri) => new URL(uri, base).href))];
    const before = isFirst ? [] : this.#followed;
    const addresses = distinct(before.map(({ url }) => url));
    const knownBy = new Map(before.map((one, i) => [addresses[i], one]));
    const named = distinct(urls);
    const followed = urls.map((url, i) => {
      const known = knownBy.get(named[i]);
      return known ? Object.assign(known, { url }) : { url, variant: new WatchedVariant(main.state) };
    });
    if (followed.length === 0) return;
    // Where nothing was there when it was first asked for, all that comes is new; else what comes after that.
    if (isFirst && wasLookedFor) {
      for (const { variant } of followed) {
        if (main.hasSegments) variant.follows(main);
        else variant.take(nothing, this.#listedAt);
      }
    }
    this.#followed = followed;
    await this.#lookAt(this.#main);
  }

  async #get(url: string, maxBytes: number, etag?: string) {
    const signed = await this.#signedUrl(url);
    const answer = await this.#options.get(signed, { trusted: this.#options.url, maxBytes, ...(etag && { etag }) });
    // A signature that ran out is made anew at the next look.
    if (answer.status === 401 || answer.status === 403) this.#signed.delete(url);
    return answer;
  }

  async #signedUrl(url: string): Promise<string> {
    const now = this.#options.elapsed();
    const known = this.#signed.get(url);
    if (known && now - known.at < signedForMs) return known.url;
    for (const [old, { at }] of this.#signed) if (now - at >= signedForMs) this.#signed.delete(old);
    const signed = await this.#options.sign(url);
    this.#signed.set(url, { url: signed, at: now });
    return signed;
  }
}

/** Addresses without their tokens. Those that differ only in what may be a token are distinguished by their order. */
function distinct(urls: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return urls.map((url) => {
    const address = unsigned(url);
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    return `${address} ${count}`;
  });
}

const playlistIn = ({ status, body }: { status: number; body: Uint8Array }) =>
  status === 200 ? readPlaylist(body) : undefined;

const nothing: VariantLook = { kind: 'gone', status: 404 };
const notAPlaylist: VariantLook = { kind: 'failed', why: 'the answer lists variants where segments should be' };

function lookOf({ status, refused }: { status: number; refused?: string }): VariantLook {
  if (refused !== undefined) return { kind: 'failed', why: `the address is not asked: ${refused}` };
  if (goneStatuses.includes(status)) return { kind: 'gone', status };
  return { kind: 'failed', why: status === 200 ? 'the answer is no playlist' : `the answer was ${status}` };
}
