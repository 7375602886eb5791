import type { ViewerGet } from '../../../../activities/on-air/viewer.ts';

/** A span in which an encoder sends, milliseconds from the beginning. */
export interface Sent {
  from: number;
  to: number;
}

/** What goes wrong with the playlist between two instants. */
export interface Trouble {
  kind: 'freeze' | 'stale' | 'gone' | 'down';
  from: number;
  to: number;
}

interface Segment {
  /** Of the connection that it was sent in, and its number there. */
  session: number;
  number: number;
  uri: string;
  startedAt: number;
  ms: number;
  /** From when on it is in the playlist. */
  at: number;
}

export interface PlannedStream {
  segmentMs: number;
  /** From the end of a segment until it is in the playlist. */
  packagingMs?: number;
  sent: readonly Sent[];
  troubles?: readonly Trouble[];
  dates?: boolean;
  /** Names of variants; without any there is a media playlist alone. */
  variants?: readonly string[];
  /** A variant that gets nothing new from an instant on, until another; and then, until a third, what was there at some instant. */
  dead?: { variant: string; from: number; to?: number; partly?: { at: number; until: number } };
  /** What begins anew when the encoder returns: the numbers, or the addresses too. */
  renumbers?: 'no' | 'numbers' | 'addresses';
  /** There is no playlist while no encoder sends, and then one without what was sent before. */
  vanishes?: boolean;
}

/** The wall clock when the plan begins. */
const epoch = Date.parse('2026-12-01T18:00:00Z');
const shown = 6;
const top = 'https://edge.example/live.m3u8';

/** Segments as a packager cuts them: the last of each connection is what is left. */
function segmentsOf({ segmentMs, packagingMs = 500, sent, renumbers }: PlannedStream): Segment[] {
  return sent.flatMap(({ from, to }, n) => {
    const count = Math.ceil((to - from) / segmentMs);
    return Array.from({ length: count }, (_, number): Segment => {
      const startedAt = from + number * segmentMs;
      const ms = Math.min(segmentMs, to - startedAt);
      const uri = renumbers === 'addresses' ? `${number}.ts` : `${n}-${number}.ts`;
      return { session: n, number, uri, startedAt, ms, at: startedAt + ms + packagingMs };
    });
  });
}

/** How many segments are in the playlist by then; they come in their order. */
function countUntil(segments: readonly Segment[], at: number): number {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Serves a planned live stream; `now` is the clock of the test. */
export function planned(plan: PlannedStream, now: () => number): { url: string; get: ViewerGet; asked: string[] } {
  const segments = segmentsOf(plan);
  const asked: string[] = [];
  const troubles = [...(plan.troubles ?? [])].sort((a, b) => a.from - b.from);
  /** Those at the head that are over: streams of hours have a thousand. */
  let over = 0;
  const troubleAt = (at: number): Trouble | undefined => {
    while ((troubles[over]?.to ?? Number.POSITIVE_INFINITY) <= at) over += 1;
    for (let i = over; (troubles[i]?.from ?? Number.POSITIVE_INFINITY) <= at; i += 1)
      if (at < (troubles[i]?.to ?? 0)) return troubles[i];
    return undefined;
  };
  const media = (at: number): string | undefined => {
    const session = plan.sent.findLastIndex(({ from }) => from <= at);
    const { packagingMs = 500 } = plan;
    const isAway = at > (plan.sent[session]?.to ?? 0) + packagingMs;
    if (plan.vanishes && isAway) return undefined;
    const listed = segments.slice(0, countUntil(segments, at));
    const there = plan.vanishes ? listed.filter((one) => one.session >= session) : listed;
    if (there.length === 0) return undefined;
    // Where numbers begin anew, a list has those of one connection alone.
    const last = there.at(-1);
    const isAnew = plan.renumbers !== undefined && plan.renumbers !== 'no';
    const kept = (isAnew ? there.filter((one) => one.session === last?.session) : there).slice(-shown);
    const first = isAnew ? kept[0]?.number : there.length - kept.length;
    const lines = kept.flatMap(({ uri, startedAt, ms }) => [
      ...(plan.dates ? [`#EXT-X-PROGRAM-DATE-TIME:${new Date(epoch + startedAt).toISOString()}`] : []),
      `#EXTINF:${(ms / 1000).toFixed(3)},`,
      uri,
    ]);
    const target = `#EXT-X-TARGETDURATION:${Math.ceil(plan.segmentMs / 1000)}`;
    return ['#EXTM3U', target, `#EXT-X-MEDIA-SEQUENCE:${first}`, ...lines, ''].join('\n');
  };
  const get: ViewerGet = async (url, { etag }) => {
    asked.push(url);
    const at = now();
    const trouble = troubleAt(at);
    const variant = /variant-(\w+)/.exec(url)?.[1];
    if (trouble?.kind === 'down') throw new Error('connect ECONNREFUSED 192.0.2.1:443');
    if (trouble?.kind === 'gone') return { status: 404, body: new Uint8Array() };
    const { dead } = plan;
    const behind = dead && dead.variant === variant && at >= dead.from ? dead : undefined;
    const isDead = behind !== undefined && at < (behind.to ?? Number.POSITIVE_INFINITY);
    const partly = behind?.partly && at < behind.partly.until ? behind.partly.at : undefined;
    const since = isDead ? behind.from : (partly ?? (trouble?.kind === 'freeze' ? trouble.from : undefined));
    // Every other answer comes from an edge that is four segments behind.
    const isStale = trouble?.kind === 'stale' && asked.length % 2 === 0;
    const text = media(since ?? (isStale ? at - 4 * plan.segmentMs : at));
    if (text === undefined) return { status: 404, body: new Uint8Array() };
    const list = plan.variants?.flatMap((name) => ['#EXT-X-STREAM-INF:BANDWIDTH=1', `variant-${name}.m3u8`]);
    const body = url === top && list ? ['#EXTM3U', ...list, ''].join('\n') : text;
    const tag = `"${body.length}-${body.slice(-40)}"`;
    if (etag === tag) return { status: 304, etag: tag, body: new Uint8Array() };
    return { status: 200, etag: tag, url, body: Buffer.from(body) };
  };
  return { url: top, get, asked };
}
