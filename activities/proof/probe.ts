import type { Findings } from './checks.ts';
import { mapProblem, segmentProblem, sniffBytes } from './media-bytes.ts';
import { mapLimited, type Reader, type ReadResult } from './reader.ts';
import type { ByteRange, Segment } from './segments.ts';
import type { Sampled, Track } from './track.ts';
import { shown } from './urls.ts';

/** AES-128 identity keys are 16 bytes (RFC 8216, 4.3.2.4). */
const keyBytes = 16;

export interface ProbeOptions {
  reader: Reader;
  found: Findings;
  parallel: number;
}

/** Fetches the beginning of segments, the initialisation sections and the keys, as a player would. */
export async function probe(tracks: readonly Track[], options: ProbeOptions): Promise<void> {
  const sampled = tracks.flatMap(({ sample }) => sample);
  const all = tracks.reduce((sum, { segments }) => sum + segments, 0);
  await mapLimited(sampled, options.parallel, (segment) => probeSegment(segment, options));
  await probeMaps(sampled, options);
  await probeKeys(sampled, options);
  if (sampled.length < all) options.found.note('segments-play', `fetched ${sampled.length} of ${all}`);
}

async function probeSegment(segment: Sampled, options: ProbeOptions): Promise<void> {
  const { url, range, map, key, fileEnd } = segment;
  const report = (problem: string) => options.found.problem('segments-play', `${shown(url)} ${problem}`);
  const answer = await readBeginning(options.reader, url, range);
  if (!answer.ok) return report(answer.why);
  const { totalBytes } = answer.file;
  if (totalBytes !== undefined && fileEnd !== undefined && fileEnd > totalBytes) {
    report(`has ${totalBytes} bytes, but bytes up to ${fileEnd} are listed`);
  }
  const bytes = beginningOf(answer, range);
  // Encrypted as a whole, a segment shows nothing of what it is; its length must do.
  const problem = key?.method === 'AES-128' && bytes.length > 0 ? undefined : segmentProblem(bytes, map !== undefined);
  if (problem) report(problem);
}

const readBeginning = (reader: Reader, url: string, range?: ByteRange): Promise<ReadResult> => {
  const start = range?.offset ?? 0;
  return reader.read(url, { start, end: start + Math.min(range?.length ?? sniffBytes, sniffBytes) - 1 });
};

/** A server may ignore the range and give everything. */
function beginningOf({ file }: { file: { status: number; body: Uint8Array } }, range?: ByteRange): Uint8Array {
  const from = file.status === 200 ? (range?.offset ?? 0) : 0;
  return file.body.subarray(from, from + sniffBytes);
}

async function probeMaps(segments: readonly Segment[], { reader, found, parallel }: ProbeOptions): Promise<void> {
  const maps = new Map(segments.flatMap(({ map }) => (map ? [[JSON.stringify(map), map] as const] : [])));
  await mapLimited([...maps.values()], parallel, async ({ url, range }) => {
    const answer = await readBeginning(reader, url, range);
    const problem = answer.ok ? mapProblem(beginningOf(answer, range)) : answer.why;
    if (problem) found.problem('segments-play', `${shown(url)} ${problem}`);
  });
}

/** Keys are looked at for their length alone, and kept nowhere. */
async function probeKeys(segments: readonly Segment[], { reader, found, parallel }: ProbeOptions): Promise<void> {
  const keys = new Map(segments.flatMap(({ key }) => (key ? [[`${key.method} ${key.url}`, key] as const] : [])));
  await mapLimited([...keys.values()], parallel, async ({ method, url }) => {
    if (url === undefined || url === '') return found.problem('uris', `a ${method} key has no address`);
    if (method !== 'AES-128' || !/^(https?|s3):/.test(url)) {
      return found.note('uris', `${method} keys of another system (${schemeOf(url)}) were not asked for`);
    }
    const answer = await reader.read(url);
    if (answer.ok && answer.file.body.length === keyBytes) return;
    if (!answer.ok && /answered 40[13]/.test(answer.why)) {
      return found.note('uris', `the key ${shown(url)} is given only to those who may see it (${answer.why})`);
    }
    const problem = answer.ok ? `has ${answer.file.body.length} bytes instead of ${keyBytes}` : answer.why;
    found.problem('uris', `the key ${shown(url)} ${problem}`);
  });
}

const schemeOf = (url: string): string => url.split(':', 1)[0] ?? '';
