import { setTimeout as pause } from 'node:timers/promises';
import { attributeText, type FetchedPlaylist, NotJoinable, unquoted } from './playlist-text.ts';
import { groupTypes, type JoinableVariants, variantsOf } from './variants.ts';

/** Reads a live playlist as a player does; undefined where it is not there. */
export type ReadLive = (url: string) => Promise<FetchedPlaylist | undefined>;

/** A viewer waits for no leg longer than that. */
const mostMs = 2_000;
/** A leg that lists no variants says nothing of its bit rate, which a list must have. */
const usualBandwidth = '2000000';

/** What viewers of several live streams are sent to: one of them, or a list of their variants. */
export type Redundant = { url: string } | { text: string };

/**
 * The live streams of an event's legs as one. A player begins with the first, and tries another where it gets no answer.
 *
 * @param urls the leg on air first
 */
export async function redundant(urls: readonly [string, ...string[]], read: ReadLive): Promise<Redundant> {
  const found = await Promise.all(urls.map((url) => inTime(read(url))));
  const there = found.flatMap((playlist, i) => (playlist && isPlayable(playlist) ? [{ playlist, url: urls[i] }] : []));
  const [only, ...others] = there;
  if (others.length === 0) return { url: only?.url ?? urls[0] };
  return { text: redundantList(there.map(({ playlist }) => playlist)) };
}

async function inTime(reading: Promise<FetchedPlaylist | undefined>): Promise<FetchedPlaylist | undefined> {
  const over = new AbortController();
  const late = pause(mostMs, undefined, { signal: over.signal }).catch(() => undefined);
  try {
    return await Promise.race([reading.catch(() => undefined), late]);
  } finally {
    over.abort();
  }
}

function isPlayable(playlist: FetchedPlaylist): boolean {
  try {
    variantsOf(playlist);
    return true;
  } catch (error) {
    if (!(error instanceof NotJoinable)) throw error;
    return false;
  }
}

/** Redundant variants: https://www.rfc-editor.org/rfc/rfc8216#section-6.2.4 */
function redundantList(playlists: readonly FetchedPlaylist[]): string {
  const lists = playlists.map(variantsOf);
  const version = Math.max(3, ...lists.map((list) => list?.version ?? 0));
  const isIndependent = lists.every((list) => list?.isIndependent);
  const lines = playlists.flatMap(({ url }, i) => {
    const list = lists[i];
    return list ? linesOfLeg(list, i) : [`#EXT-X-STREAM-INF:BANDWIDTH=${bandwidthBeside(lists)}`, url];
  });
  const head = ['#EXTM3U', `#EXT-X-VERSION:${version}`, ...(isIndependent ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : [])];
  return `${[...head, ...lines].join('\n')}\n`;
}

/** Two legs may name different groups alike. */
function linesOfLeg({ variants }: JoinableVariants, leg: number): string[] {
  const idOf = (id: string | undefined) => `"${leg}-${unquoted(id)}"`;
  const media = new Set<string>();
  const infs = variants.flatMap(({ attributes, groups, url }) => {
    const kept = new Map([...attributes].filter(([name, value]) => !isOtherGroup(name, value)));
    for (const type of groupTypes) {
      if (!kept.has(type)) continue;
      kept.set(type, idOf(attributes.get(type)));
      for (const rendition of groups.get(type) ?? []) {
        const named = new Map(rendition.attributes).set('GROUP-ID', idOf(attributes.get(type)));
        if (rendition.url !== undefined) named.set('URI', `"${rendition.url}"`);
        media.add(`#EXT-X-MEDIA:${attributeText(named)}`);
      }
    }
    return [`#EXT-X-STREAM-INF:${attributeText(kept)}`, url];
  });
  return [...media, ...infs];
}

const isOtherGroup = (name: string, value: string): boolean =>
  name === 'VIDEO' || (name === 'CLOSED-CAPTIONS' && value !== 'NONE');

/** The same show at another vendor has about the bit rate of its best. */
function bandwidthBeside(lists: readonly (JoinableVariants | undefined)[]): string {
  const known = lists.flatMap(
    (list) => list?.variants.map(({ attributes }) => Number(attributes.get('BANDWIDTH'))) ?? [],
  );
  const best = Math.max(0, ...known.filter((rate) => rate > 0));
  return best > 0 ? String(best) : usualBandwidth;
}
