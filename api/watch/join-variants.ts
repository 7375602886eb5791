import { attributeText, type FetchedPlaylist, NotJoinable } from './playlist-text.ts';
import {
  bandwidthOf,
  groupTypes,
  hasOwnSound,
  type JoinableVariant,
  type JoinableVariants,
  type Rendition,
  renditionSignature,
  signatureOf,
  variantsOf,
} from './variants.ts';

/** How recordings become one: which playlists of segments are joined to which, and the list of those. */
export interface JoinPlan {
  /** A playlist of variants; absent where there is one playlist of segments alone. `query` is added to its addresses. */
  list?: (query: string) => string;
  /** By name, the playlist of each recording in turn. `main` where there is no list. */
  joined: ReadonlyMap<string, readonly string[]>;
  /** What was joined and what was left out, for people. */
  note: string;
}

/** Names joined playlists: `recording/<name>.m3u8`. */
export const renditionFolder = 'recording';

/**
 * Recordings that list variants are joined variant by variant, as far as all of them have it; where they have none in
 * common, the best of each.
 *
 * @throws NotJoinable
 */
export function planJoin(recordings: readonly FetchedPlaylist[]): JoinPlan {
  const lists = recordings.map(variantsOf);
  const whole = lists.filter((list) => list !== undefined);
  const count = `${recordings.length} recordings`;
  if (whole.length === 0) {
    return { joined: new Map([['main', recordings.map(({ url }) => url)]]), note: `${count} joined` };
  }
  if (whole.length < recordings.length) return bestOfEach(recordings, lists, count);
  const columns = commonColumns(whole);
  if (columns.length > 0) return listOf(columns, whole, `${count} joined: ${namesOf(columns, whole)}`);
  const best = whole.map(({ variants }) => bestOf(variants));
  if (new Set(best.map(hasOwnSound)).size > 1) throw new NotJoinable(mixedSound);
  return listOf([best], whole, `${count} joined: no variant is in all of them, so the best of each`);
}

const mixedSound = 'one recording has its sound in a playlist of its own, and another has not';

/** Some list variants, others are the one variant that they have. */
function bestOfEach(
  recordings: readonly FetchedPlaylist[],
  lists: readonly (JoinableVariants | undefined)[],
  count: string,
): JoinPlan {
  const best = lists.map((list) => list && bestOf(list.variants));
  if (best.some((variant) => variant && hasOwnSound(variant))) throw new NotJoinable(mixedSound);
  const urls = recordings.map(({ url }, i) => best[i]?.url ?? url);
  return { joined: new Map([['main', urls]]), note: `${count} joined: the best variant of each` };
}

function bestOf(variants: readonly JoinableVariant[]): JoinableVariant {
  const [best] = [...variants].sort((a, b) => bandwidthOf(b) - bandwidthOf(a));
  if (!best) throw new NotJoinable('a recording lists no variants');
  return best;
}

/** Each column is one variant as each recording has it, in the order of the first; of several alike by their bit rate. */
function commonColumns(lists: readonly JoinableVariants[]): JoinableVariant[][] {
  const [first, ...others] = lists.map(({ variants }) => ranked(variants, signatureOf));
  return [...(first ?? [])].flatMap(([rank, variant]) => {
    const column = [variant, ...others.map((other) => other.get(rank))];
    return column.every((one) => one !== undefined) ? [column] : [];
  });
}

/** By signature, and of several alike by their order: bit rate for variants, as listed for renditions. */
function ranked<T extends Rendition>(all: readonly T[], signature: (one: T) => string): Map<string, T> {
  const seen = new Map<string, number>();
  const rankOf = new Map<T, string>();
  for (const one of [...all].sort((a, b) => bandwidthOf(b) - bandwidthOf(a))) {
    const nth = seen.get(signature(one)) ?? 0;
    seen.set(signature(one), nth + 1);
    rankOf.set(one, `${signature(one)} ${nth}`);
  }
  return new Map(all.map((one) => [rankOf.get(one) ?? '', one]));
}

function namesOf(columns: readonly JoinableVariant[][], lists: readonly JoinableVariants[]): string {
  const most = Math.max(...lists.map(({ variants }) => variants.length));
  const kept = columns.map(([variant], i) => variant?.attributes.get('RESOLUTION') ?? `variant ${i + 1}`);
  return `${kept.join(', ')}${columns.length < most ? `; left out, because not all have them: ${most - columns.length}` : ''}`;
}

function listOf(columns: readonly JoinableVariant[][], lists: readonly JoinableVariants[], note: string): JoinPlan {
  const joined = new Map<string, readonly string[]>();
  const groups = new Groups(joined);
  const addressed = columns.map((column, i) => {
    const name = `v${i}`;
    joined.set(
      name,
      column.map(({ url }) => url),
    );
    return { name, inf: `#EXT-X-STREAM-INF:${infOf(column, groups)}` };
  });
  const head = [
    '#EXTM3U',
    `#EXT-X-VERSION:${Math.max(3, ...lists.map(({ version }) => version))}`,
    ...(lists.every(({ isIndependent }) => isIndependent) ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : []),
  ];
  const address = (name: string, query: string) => `${renditionFolder}/${name}.m3u8${query}`;
  const list = (query: string) => {
    const media = groups.lines((name) => address(name, query));
    const variants = addressed.flatMap(({ name, inf }) => [inf, address(name, query)]);
    return `${[...head, ...media, ...variants].join('\n')}\n`;
  };
  return { list, joined, note };
}

/** Described as the first recording does; what differs between them is left out, and no bit rate is higher than said. */
function infOf(column: readonly JoinableVariant[], groups: Groups): string {
  const [first, ...others] = column;
  const kept = new Map(first?.attributes);
  for (const [name, value] of kept) {
    if (name === 'BANDWIDTH' || name === 'AVERAGE-BANDWIDTH') {
      const rates = column.map(({ attributes }) => Number(attributes.get(name)));
      if (rates.every((rate) => rate > 0)) kept.set(name, String(Math.max(...rates)));
      else kept.delete(name);
    } else if (namesAGroup(name, value) || others.some(({ attributes }) => attributes.get(name) !== value)) {
      kept.delete(name);
    }
  }
  if (!kept.has('BANDWIDTH')) kept.set('BANDWIDTH', '1');
  for (const type of groupTypes) {
    const id = groups.idOf(type, column);
    if (id !== undefined) kept.set(type, `"${id}"`);
  }
  return attributeText(kept);
}

const namesAGroup = (name: string, value: string): boolean =>
  ['AUDIO', 'VIDEO', 'SUBTITLES'].includes(name) || (name === 'CLOSED-CAPTIONS' && value !== 'NONE');

/** The groups of sounds and subtitles beside the variants: the renditions that all recordings have. */
class Groups {
  readonly #joined: Map<string, readonly string[]>;
  readonly #known = new Map<string, { id: string; columns: { name?: string; column: Rendition[] }[] }>();

  constructor(joined: Map<string, readonly string[]>) {
    this.#joined = joined;
  }

  idOf(type: (typeof groupTypes)[number], column: readonly JoinableVariant[]): string | undefined {
    const [first, ...others] = column.map(({ groups }) => ranked(groups.get(type) ?? [], renditionSignature));
    const common = [...(first ?? [])].flatMap(([rank, rendition]) => {
      const found = [rendition, ...others.map((other) => other.get(rank))];
      return found.every((one) => one !== undefined) ? [found] : [];
    });
    if (common.length === 0) {
      if (type === 'AUDIO' && column.some(hasOwnSound)) throw new NotJoinable('the recordings have no sound in common');
      return undefined;
    }
    const key = JSON.stringify([type, common.map((one) => one.map(({ url, attributes }) => url ?? [...attributes]))]);
    const known = this.#known.get(key);
    if (known) return known.id;
    const id = `${type.toLowerCase()}${this.#known.size}`;
    this.#known.set(key, { id, columns: common.map((one) => this.#named(type, one)) });
    return id;
  }

  lines(addressOf: (name: string) => string): string[] {
    return [...this.#known.values()].flatMap(({ id, columns }) =>
      columns.map(({ name, column: [first] }) => {
        const attributes = new Map(first?.attributes).set('GROUP-ID', `"${id}"`);
        if (name !== undefined) attributes.set('URI', `"${addressOf(name)}"`);
        return `#EXT-X-MEDIA:${attributeText(attributes)}`;
      }),
    );
  }

  #named(type: string, column: Rendition[]): { name?: string; column: Rendition[] } {
    const urls = column.flatMap(({ url }) => url ?? []);
    if (urls.length < column.length) return { column };
    const name = `${type.toLowerCase().slice(0, 1)}${this.#joined.size}`;
    this.#joined.set(name, urls);
    return { name, column };
  }
}
