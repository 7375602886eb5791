import { Variables } from './attributes.ts';
import { eachLine } from './lines.ts';
import { PlaylistDigest, tagOf } from './playlist-text.ts';
import { type Report, SegmentLines } from './segment-lines.ts';
import type { SegmentList } from './segments.ts';
import { type ListedVariant, VariantLines } from './variant-lines.ts';

export interface ProofPlaylist {
  kind: 'media';
  /** Where it was found in the end: what its addresses are relative to. */
  url: string;
  text: PlaylistDigest;
  segments: SegmentList;
  /** As stated, in milliseconds; 0 when it is not. */
  targetMs: number;
  /** Digits behind the point of the most exact EXTINF. */
  decimals: number;
  /** Where the addresses lead that are not relative, each with one address. */
  origins: ReadonlyMap<string, string>;
  /** Up to which byte each file is listed, by the address as written. */
  rangeEnds: ReadonlyMap<string, number>;
}

export interface MultivariantPlaylist {
  kind: 'multivariant';
  url: string;
  text: PlaylistDigest;
  variants: readonly ListedVariant[];
  /** Audio and video renditions that have a playlist of their own. */
  renditions: ReadonlySet<string>;
  /** What its EXT-X-DEFINE define. */
  variables: ReadonlyMap<string, string>;
}

/** Neither segments nor variants can be made out. */
export interface UnreadablePlaylist {
  kind: 'unreadable';
  problem: string;
}

const mediaTags = ['EXTINF', 'EXT-X-TARGETDURATION', 'EXT-X-ENDLIST', 'EXT-X-MEDIA-SEQUENCE', 'EXT-X-PLAYLIST-TYPE'];
const multivariantTags = ['EXT-X-STREAM-INF', 'EXT-X-MEDIA', 'EXT-X-I-FRAME-STREAM-INF'];

/**
 * Reads a playlist, in slices where it is long: no parser of whole texts, which would stop the process for seconds at a
 * show of a week. Never throws, whatever the text. `report` is given what is wrong with single lines of a list of
 * segments. `parent` holds the variables of the list of variants that named it.
 */
export async function readPlaylist(
  body: Uint8Array,
  url: string,
  report: Report,
  parent?: ReadonlyMap<string, string>,
): Promise<ProofPlaylist | MultivariantPlaylist | UnreadablePlaylist> {
  const text = new PlaylistDigest();
  const variables = new Variables(url, parent);
  const segments = new SegmentLines(body, url, variables, report);
  const variants = new VariantLines(url, variables);
  await eachLine(body, (line) => {
    const tag = tagOf(line);
    text.take(line, tag);
    variants.take(line, tag);
    segments.take(line, tag);
  });
  const [media, multivariant] = [mediaTags, multivariantTags].map((tags) => tags.find((tag) => text.has(tag)));
  if (media && multivariant) return { kind: 'unreadable', problem: `mixes ${media} and ${multivariant}` };
  if (multivariant) {
    const { variants: listed, renditions } = variants;
    return { kind: 'multivariant', url, text, variants: listed, renditions, variables: variables.values };
  }
  if (!media) return { kind: 'unreadable', problem: 'has neither segments nor variants' };
  segments.end();
  const { list, decimals, origins, rangeEnds } = segments;
  const targetMs = Number.parseFloat(text.values('EXT-X-TARGETDURATION')[0] ?? '') * 1000 || 0;
  return { kind: 'media', url, text, segments: list, targetMs, decimals, origins, rangeEnds };
}

/** What of a playlist must be the same at every read. */
export async function digestOf(body: Uint8Array): Promise<string> {
  const text = new PlaylistDigest();
  await eachLine(body, (line) => text.take(line, tagOf(line)));
  return text.digest();
}
