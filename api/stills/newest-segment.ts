import type { ByteRange, VodFile } from '../../vendors/viewers.ts';
import { segmentsOf } from '../watch/media-segments.ts';
import { absolute, attributesOf, unquoted } from '../watch/playlist-text.ts';
import { bandwidthOf, variantsOf } from '../watch/variants.ts';

/** Reads at the vendor as a player does. */
export type Read = (url: string, range?: ByteRange) => Promise<VodFile>;

export interface StillSegment {
  /** Behind its initialisation section where it has one. */
  bytes: Uint8Array;
  container: 'mpegts' | 'mp4';
}

/**
 * The newest segment of a live playlist, of the variant with the fewest bits. Undefined where there is none, and where its
 * pictures cannot be seen: encrypted, or not all there.
 *
 * @throws NotJoinable for what is no playlist
 */
export async function newestSegment(read: Read, url: string): Promise<StillSegment | undefined> {
  const list = await textAt(read, url);
  const [smallest] = (list && variantsOf(list)?.variants.toSorted((a, b) => bandwidthOf(a) - bandwidthOf(b))) ?? [];
  const playlist = smallest ? await textAt(read, smallest.url) : list;
  const segment = playlist && segmentsOf(playlist).segments.at(-1);
  if (!playlist || !segment || segment.keys.length > 0) return undefined;
  const range = segment.tags.find((tag) => tag.startsWith(byteRange))?.slice(byteRange.length);
  const media = await bytesAt(read, segment.uri, range);
  if (!media || !segment.map) return media && { bytes: media, container: 'mpegts' };
  const map = attributesOf(segment.map.tag);
  const head = await bytesAt(
    read,
    absolute(unquoted(map.get('URI')) ?? '', playlist.url),
    unquoted(map.get('BYTERANGE')),
  );
  return head && { bytes: Buffer.concat([head, media]), container: 'mp4' };
}

const byteRange = '#EXT-X-BYTERANGE:';

async function textAt(read: Read, url: string): Promise<{ text: string; url: string } | undefined> {
  const { status, body, url: found = url } = await read(url);
  return status === 200 ? { text: Buffer.from(body).toString('utf8'), url: found } : undefined;
}

async function bytesAt(read: Read, url: string, range: string | undefined): Promise<Uint8Array | undefined> {
  const [bytes = 0, start = 0] = (range ?? '').split('@').map(Number);
  const { status, body, cutOff } = await read(url, bytes > 0 ? { start, end: start + bytes - 1 } : undefined);
  return (status === 200 || status === 206) && !cutOff ? body : undefined;
}
