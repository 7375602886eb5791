import type { VodFile } from '../../vendors/driver.ts';
import type { CheckFindings, CheckName } from './checks.ts';
import { describe, describeType } from './describe.ts';
import { type MultivariantPlaylist, type ProofPlaylist, readPlaylist } from './playlist.ts';
import type { Reader } from './reader.ts';
import type { Track } from './track.ts';
import { shown, type WhyNot, whyRefused } from './urls.ts';

const playlistTypes = /^(application|audio)\/(vnd\.apple\.mpegurl|x-mpegurl|mpegurl)\b/i;
/** The content type that stores give a file without one; the `.m3u8` in the address decides then (RFC 8216, 4). */
const undescribed = /^($|(application|binary)\/octet-stream\b|text\/plain\b)/i;
/** A week of short segments with dates and keys stays below; more is not a playlist. */
const mostPlaylistBytes = 64 * 1024 * 1024;
/** More than any ladder has. */
const mostPlaylists = 60;

export interface TracksOptions {
  reader: Reader;
  found: CheckFindings;
  whyNot?: WhyNot;
  /** Judges the text of a list of segments, one of so many, and keeps what is needed further. */
  judge(playlist: ProofPlaylist, of: number): Promise<Track>;
}

/** Everything of one asset that is text. */
export interface Tracks {
  /** Variants and renditions a viewer can be given, the first variant first. */
  media: Track[];
  /** Of every playlist that could be read, by address; to be compared with a second read. */
  digests: Map<string, string>;
}

/**
 * Reads the playlist of an asset and every playlist it refers to, one after the other, because each may be large; reports
 * `found` what is wrong with them.
 */
export async function readTracks(url: string, options: TracksOptions): Promise<Tracks> {
  const tracks: Tracks = { media: [], digests: new Map() };
  const root = await load(url, 'playlist-loads', options, tracks);
  if (root?.kind === 'media') tracks.media.push(await options.judge(root, 1));
  if (root?.kind === 'multivariant') await readVariants(root, options, tracks);
  return tracks;
}

type AnyPlaylist = ProofPlaylist | MultivariantPlaylist;

async function load(
  url: string,
  check: CheckName,
  { reader, found }: TracksOptions,
  tracks: Tracks,
  parent?: ReadonlyMap<string, string>,
): Promise<AnyPlaylist | undefined> {
  const problem = (of: CheckName, text: string) => found.problem(of, `${shown(url)} ${text}`);
  const answer = await reader.read(url);
  if (!answer.ok) {
    problem(check, answer.why);
    return undefined;
  }
  const { file } = answer;
  for (const text of fileProblems(url, file)) problem(check, text);
  if (!beginsAsPlaylist(file.body)) {
    problem(check, `is ${describe(file.body)} instead of a playlist that begins with #EXTM3U`);
    return undefined;
  }
  const report = (of: CheckName, text: string) => found.problem(of, `${shown(url)}: ${text}`);
  const playlist = await readPlaylist(file.body, file.url ?? url, report, parent);
  if (playlist.kind === 'unreadable') {
    problem('playlist-kind', playlist.problem);
    return undefined;
  }
  tracks.digests.set(url, playlist.text.digest());
  return playlist;
}

function fileProblems(url: string, { contentType, body }: VodFile): string[] {
  if (body.length === 0) return ['is empty'];
  if (body.length > mostPlaylistBytes) return [`has ${body.length} bytes`];
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const isPlaylistType = playlistTypes.test(contentType) || (undescribed.test(contentType) && /\.m3u8?$/i.test(path));
  return isPlaylistType ? [] : [`has the content type ${describeType(contentType)}`];
}

const beginsAsPlaylist = (body: Uint8Array): boolean =>
  /^#EXTM3U[ \t]*(\r?\n|$)/.test(Buffer.from(body.subarray(0, 64)).toString('latin1'));

async function readVariants(root: MultivariantPlaylist, options: TracksOptions, tracks: Tracks): Promise<void> {
  const { found, whyNot } = options;
  const playable = root.variants.filter(({ iFramesOnly }) => !iFramesOnly);
  if (playable.length === 0) found.problem('playlist-kind', 'no variant to play');
  for (const [i, variant] of root.variants.entries()) {
    if (variant.url === '') found.problem('playlist-kind', `variant ${i} has no address`);
    if (!(variant.bandwidth > 0)) found.problem('playlist-kind', `variant ${i} has no BANDWIDTH`);
  }
  const shownInFull = new Set([...playable.map(({ url }) => url), ...root.renditions]);
  const listed = [...new Set([...shownInFull, ...root.variants.map(({ url }) => url)])].filter((url) => url !== '');
  const all = listed.filter((url) => {
    const why = whyRefused(url, root.url, whyNot);
    if (why) found.problem('uris', `${shown(url)} ${why}`);
    return why === undefined;
  });
  if (all.length > mostPlaylists) found.problem('playlist-kind', `${all.length} playlists, looked at ${mostPlaylists}`);
  const looked = all.slice(0, mostPlaylists);
  const of = looked.filter((url) => shownInFull.has(url)).length;
  for (const url of looked) {
    const playlist = await load(url, 'playlist-kind', options, tracks, root.variables);
    if (playlist?.kind === 'multivariant') found.problem('playlist-kind', `${shown(url)} is no media playlist`);
    if (playlist?.kind !== 'media' || !shownInFull.has(url)) continue;
    const track = await options.judge(playlist, of);
    const declared = playable.filter((variant) => variant.url === url && variant.bandwidth > 0);
    if (declared.length > 0) track.bandwidth = Math.min(...declared.map(({ bandwidth }) => bandwidth));
    tracks.media.push(track);
  }
}
