import type { VodFile } from '../../vendors/driver.ts';
import { type CheckName, cut, type Findings } from './checks.ts';
import { type MediaPlaylist, type MultivariantPlaylist, readPlaylist } from './playlist.ts';
import { mapLimited, type Reader } from './reader.ts';
import { type Scan, scan } from './scan.ts';
import { refusal, shown } from './urls.ts';

/** Everything of one asset that is text. */
export interface Tracks {
  /** Variants and renditions a viewer can be given, the first variant first. */
  media: MediaPlaylist[];
  /** Text of every playlist that could be read, by address; to be compared with a second read. */
  texts: Map<string, string>;
}

const playlistTypes = /^(application|audio)\/(vnd\.apple\.mpegurl|x-mpegurl|mpegurl)\b/i;
/** What stores say of a file nobody described; the `.m3u8` in the address decides then (RFC 8216, 4). */
const undescribed = /^($|(application|binary)\/octet-stream\b|text\/plain\b)/i;
/** A day of short segments with dates and keys stays below; more is not a playlist. */
const mostPlaylistBytes = 32 * 1024 * 1024;
/** More than any ladder has. */
const mostPlaylists = 60;

/** Reads the playlist of an asset and every playlist it refers to; tells `found` what is wrong with them. */
export async function readTracks(reader: Reader, url: string, found: Findings, parallel: number): Promise<Tracks> {
  const tracks: Tracks = { media: [], texts: new Map() };
  const root = await load(reader, url, 'playlist-loads', found, tracks);
  if (root?.kind === 'media') tracks.media.push(root);
  if (root?.kind === 'multivariant') await readVariants(reader, root, found, tracks, parallel);
  return tracks;
}

type Loaded = MediaPlaylist | MultivariantPlaylist;

async function load(
  reader: Reader,
  url: string,
  check: CheckName,
  found: Findings,
  tracks: Tracks,
): Promise<Loaded | undefined> {
  const answer = await reader.read(url);
  const told = (problem: string) => found.problem(check, `${shown(url)} ${problem}`);
  if (!answer.ok) {
    told(answer.why);
    return undefined;
  }
  for (const problem of fileProblems(url, answer.file)) told(problem);
  const text = new TextDecoder().decode(answer.file.body);
  const seen = scan(text);
  if (!seen.hasHeader) {
    told(`begins with '${cut(seen.firstLine, 40)}' instead of #EXTM3U`);
    return undefined;
  }
  const playlist = parsed(text, seen, url, found);
  if (playlist) tracks.texts.set(url, text);
  return playlist;
}

/** The parser crashes on some of what the scan understands, so it is asked last. */
function parsed(text: string, seen: Scan, url: string, found: Findings): Loaded | undefined {
  const kind = kindProblem(seen);
  if (kind) {
    found.problem('playlist-kind', `${shown(url)} ${kind}`);
    return undefined;
  }
  if (seen.strayAddresses.length > 0) {
    const addresses = cut(seen.strayAddresses.map(shown).join(', '), 120);
    found.problem('segment-list', `${shown(url)} has addresses without EXTINF: ${addresses}`);
    return undefined;
  }
  const playlist = readPlaylist(text, seen, url);
  if (playlist.kind !== 'unreadable') return playlist;
  found.problem('segment-list', `${shown(url)} ${playlist.problem}`);
  return undefined;
}

function fileProblems(url: string, { contentType, body }: VodFile): string[] {
  if (body.length === 0) return ['is empty'];
  if (body.length > mostPlaylistBytes) return [`has ${body.length} bytes`];
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const isPlaylistType = playlistTypes.test(contentType) || (undescribed.test(contentType) && /\.m3u8?$/i.test(path));
  return isPlaylistType ? [] : [`has the content type '${cut(contentType, 60)}'`];
}

const mediaTags = ['EXTINF', 'EXT-X-TARGETDURATION', 'EXT-X-ENDLIST', 'EXT-X-MEDIA-SEQUENCE', 'EXT-X-PLAYLIST-TYPE'];
const multivariantTags = ['EXT-X-STREAM-INF', 'EXT-X-MEDIA', 'EXT-X-I-FRAME-STREAM-INF'];

function kindProblem(seen: Scan): string | undefined {
  const has = (tags: readonly string[]) => tags.find((tag) => seen.tags.has(tag));
  const [media, multivariant] = [has(mediaTags), has(multivariantTags)];
  if (media && multivariant) return `mixes ${media} and ${multivariant}`;
  return media || multivariant ? undefined : 'has neither segments nor variants';
}

async function readVariants(
  reader: Reader,
  root: MultivariantPlaylist,
  found: Findings,
  tracks: Tracks,
  parallel: number,
): Promise<void> {
  const playable = root.variants.filter(({ iFramesOnly }) => !iFramesOnly);
  if (playable.length === 0) found.problem('playlist-kind', 'no variant to play');
  for (const [i, variant] of root.variants.entries()) {
    if (variant.url === '') found.problem('playlist-kind', `variant ${i} has no address`);
    if (!(variant.bandwidth > 0)) found.problem('playlist-kind', `variant ${i} has no BANDWIDTH`);
  }
  const shownInFull = new Set([...playable, ...root.renditions].map(({ url }) => url));
  const listed = [...new Set([...shownInFull, ...root.variants.map(({ url }) => url)])].filter((url) => url !== '');
  const all = listed.filter((url) => {
    const why = refusal(url, root.url);
    if (why) found.problem('uris', `${shown(url)} ${why}`);
    return why === undefined;
  });
  if (all.length > mostPlaylists) found.problem('playlist-kind', `${all.length} playlists, looked at ${mostPlaylists}`);
  await mapLimited(all.slice(0, mostPlaylists), parallel, async (url) => {
    const playlist = await load(reader, url, 'playlist-kind', found, tracks);
    if (playlist?.kind === 'multivariant') found.problem('playlist-kind', `${shown(url)} is no media playlist`);
    if (playlist?.kind === 'media' && shownInFull.has(url)) tracks.media.push(playlist);
  });
  const order = [...shownInFull];
  tracks.media.sort((a, b) => order.indexOf(a.url) - order.indexOf(b.url));
}
