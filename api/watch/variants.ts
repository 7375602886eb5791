import { type Attributes, absolute, attributesOf, type FetchedPlaylist, linesOf, unquoted } from './playlist-text.ts';

/** A picture, or a sound or subtitles beside it, as one recording has it. */
export interface Rendition {
  attributes: Attributes;
  /** Absolute; absent where the media is inside a variant. */
  url?: string;
}

export interface JoinableVariant extends Rendition {
  url: string;
  /** Its groups by type, each with the renditions in it. */
  groups: ReadonlyMap<string, readonly Rendition[]>;
}

export interface JoinableVariants {
  version: number;
  isIndependent: boolean;
  variants: JoinableVariant[];
}

export const groupTypes = ['AUDIO', 'SUBTITLES'] as const;

/** What a multivariant playlist lists; undefined for a playlist of segments. */
export function variantsOf(playlist: FetchedPlaylist): JoinableVariants | undefined {
  const lines = linesOf(playlist);
  const groups = new Map<string, Rendition[]>();
  const found: Rendition[] = [];
  let inf: Attributes | undefined;
  for (const line of lines) {
    if (line.tag === undefined) {
      if (inf) found.push({ attributes: inf, url: absolute(line.uri, playlist.url) });
      inf = undefined;
    } else if (line.tag === '#EXT-X-STREAM-INF') inf = attributesOf(line.value);
    else if (line.tag === '#EXT-X-MEDIA') {
      const attributes = attributesOf(line.value);
      const uri = unquoted(attributes.get('URI'));
      const group = groupKey(attributes.get('TYPE'), attributes.get('GROUP-ID'));
      const url = uri === undefined ? {} : { url: absolute(uri, playlist.url) };
      groups.set(group, [...(groups.get(group) ?? []), { attributes, ...url }]);
    }
  }
  if (found.length === 0) return undefined;
  return {
    version: Number(lines.map((line) => (line.tag === '#EXT-X-VERSION' ? line.value : '')).find(Boolean) ?? 1),
    isIndependent: lines.some(({ tag }) => tag === '#EXT-X-INDEPENDENT-SEGMENTS'),
    variants: found.map(({ attributes, url = '' }) => ({
      attributes,
      url,
      groups: new Map(
        groupTypes.flatMap((type) => {
          const members = groups.get(groupKey(type, attributes.get(type)));
          return members ? [[type, members] as const] : [];
        }),
      ),
    })),
  };
}

const groupKey = (type: string | undefined, id: string | undefined): string => `${type} ${unquoted(id)}`;

export const bandwidthOf = ({ attributes }: Rendition): number => Number(attributes.get('BANDWIDTH')) || 0;

/** The sound is in a playlist of its own. */
export const hasOwnSound = ({ groups }: JoinableVariant): boolean =>
  (groups.get('AUDIO') ?? []).some(({ url }) => url !== undefined);

/** Variants of two recordings with the same signature show the same, whatever their bit rates came to. */
export function signatureOf(variant: JoinableVariant): string {
  const codecs = unquoted(variant.attributes.get('CODECS')) ?? '';
  const kinds = codecs.split(',').map((codec) => codec.trim().split('.', 1)[0]);
  return [variant.attributes.get('RESOLUTION') ?? '', kinds.sort().join('+'), hasOwnSound(variant)].join(' ');
}

/** Two renditions with the same signature are the same sound, or the same subtitles. */
export const renditionSignature = ({ attributes, url }: Rendition): string =>
  [attributes.get('LANGUAGE') ?? '', attributes.get('CHARACTERISTICS') ?? '', url !== undefined].join(' ');
