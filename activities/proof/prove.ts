import type { LiveWindow, VodAsset } from '../../domain/channel.ts';
import { inParallel } from '../../domain/in-parallel.ts';
import type { Redact } from '../../domain/redact.ts';
import type { Proof, ProvedAsset } from '../../domain/report.ts';
import { shortened } from '../../domain/text.ts';
import { gapsOf } from '../../domain/windows.ts';
import { againProblem, type Print } from './again.ts';
import { disagreements } from './agreement.ts';
import { type CheckFindings, type CheckName, checkNames, findings } from './checks.ts';
import {
  coverageProblem,
  type Expectation,
  expectationOf,
  judgeDuration,
  nearestMs,
  type RecordedPart,
} from './duration.ts';
import type { Decode } from './media/ffmpeg.ts';
import { type Probing, probe } from './media/probe.ts';
import { endProblems, targetDurationProblems, typeAndVersionProblems } from './media-checks.ts';
import { digestOf, type ProofPlaylist } from './playlist.ts';
import { createReader, type FetchFile, type Reader } from './reader.ts';
import { nextSlice } from './segments.ts';
import { sharesOf } from './shares.ts';
import { timelineOf, unexplainedHoles } from './timeline.ts';
import { refreshMs } from './tolerances.ts';
import { type Track, trackOf } from './track.ts';
import { readTracks, type Tracks } from './tracks.ts';
import { shown, type WhyNot, whyRefused } from './urls.ts';

export interface ProofLimits {
  /** Segments to fetch of one asset, over all its variants. */
  segments: number;
  /** Fetches under way at a time, for one asset. */
  parallel: number;
}

const defaultLimits: ProofLimits = { segments: 500, parallel: 6 };
/** Recordings looked at at a time: most of a proof is the wait between its two reads. */
const assetsAtATime = 4;
/** However many variants there are, each has its ends looked at. */
const leastSegments = 4;

interface Source {
  windows: readonly LiveWindow[];
  /** How often the encoder connected, by the vendor's sessions; absent where it is not known. */
  connections?: number | undefined;
  /** When the stop began; what was sent after it need not be in the recording. Epoch milliseconds. */
  showEndedAt?: number;
  /** A file as a player would get it; a missing one is a status. A rejection ends the proof: it says nothing. */
  fetch: FetchFile;
  /** Default: only public addresses may be asked. */
  whyNot?: WhyNot;
  /** Waits; used between two reads, and for a store that is busy. */
  pause: (ms: number) => Promise<void>;
  /** Finds what decodes a sample of the segments; nothing where none runs here. Absent: nothing is to be decoded. */
  decoder?: () => Promise<Decode | undefined>;
  limits?: Partial<ProofLimits>;
  /** Takes the secrets of the configuration out of what is said. */
  clean?: Redact;
}

export interface ProveInput extends Source {
  asset: VodAsset;
  /** The windows that it must hold; undefined when it is judged together with others. */
  share: readonly LiveWindow[] | undefined;
}

export interface ProveAllInput extends Source {
  assets: readonly VodAsset[];
}

export interface ProvedAll {
  proved: boolean;
  assets: ProvedAsset[];
  /** The first thing that is wrong; absent when proved. */
  reason?: string;
}

/**
 * Reads one recording as a player would and compares it with what was seen of the show. Bounded in size, without
 * queries of URLs. Rejects only with what `fetch` or `pause` reject with.
 */
export async function proveAsset(input: ProveInput): Promise<Proof> {
  return (await examine(input)).proof;
}

/** Proves each recording, and that together they are the show. */
export async function proveAll(input: ProveAllInput): Promise<ProvedAll> {
  const shares = sharesOf(input.assets, input.windows);
  const examined = await inParallel([...input.assets.entries()], assetsAtATime, ([i, asset]) =>
    examine({ ...input, asset, share: shares[i] }),
  );
  const assets = input.assets.map((asset, i) => ({ ...asset, proof: (examined[i] as Examined).proof }));
  const failed = assets.find(({ proof }) => !proof.proved);
  const reason = failed
    ? reasonOf(failed)
    : (coverageProblem(
        examined.map(({ part }) => part),
        input.windows,
        input.showEndedAt,
      ) ??
      againProblem(
        examined.map(({ prints }) => prints),
        reconnectsOf(gapsOf(input.windows), input.connections),
      ));
  return { proved: reason === undefined, assets, ...(reason !== undefined && { reason: shortened(reason, 400) }) };
}

const reasonOf = ({ url, proof }: ProvedAsset): string => {
  const first = proof.checks.find(({ ok }) => !ok);
  return `${shown(url)}: ${first?.name}: ${first?.detail}`;
};

/** An encoder may connect again, or be reset, faster than a loss is seen; the vendor's sessions show it. */
const reconnectsOf = (losses: readonly unknown[], connections = losses.length + 2): number =>
  Math.max(losses.length, connections - 1);

interface Examined {
  proof: Proof;
  part: RecordedPart;
  /** Of the first variant. */
  prints: readonly Print[];
}

async function examine(input: ProveInput): Promise<Examined> {
  const { asset, share } = input;
  const limits = { ...defaultLimits, ...input.limits };
  const found = findings(input.clean);
  const reader = createReader({ asset: asset.url, fetch: input.fetch, whyNot: input.whyNot, pause: input.pause });
  const tracks = await readTracks(asset.url, {
    reader,
    found,
    whyNot: input.whyNot,
    judge: async (playlist, of) => {
      await judgeText(playlist, input, found);
      return trackOf(playlist, Math.max(leastSegments, Math.floor(limits.segments / of)));
    },
  });
  const [first] = tracks.media;
  let prints: readonly Print[] = [];
  const expected = share && expectationOf(share, input.showEndedAt);
  if (first) {
    const losses = gapsOf(share ?? input.windows);
    const reconnects = reconnectsOf(losses, input.connections);
    const options = { asset: asset.url, reader, found, parallel: limits.parallel, losses, reconnects };
    const probing = await probe(tracks.media, options);
    prints = probing.prints(first);
    const { problems, note } = judgeDuration(first, expected, asset.durationMs);
    found.problem('duration', problems);
    found.note('duration', note);
    found.problem('variants-agree', disagreements(tracks.media));
    await readAgain(reader, tracks, input.pause, found);
    await decodeSample(probing, tracks.media, input, found);
  } else {
    found.notChecked(furtherChecks, 'there is no playlist of segments to look at');
  }
  return { ...resultOf(input, first, expected, found), prints };
}

/** What is wrong already need not be decoded; a recording that is not proved yet is read again and again. */
async function decodeSample(
  probing: Probing,
  tracks: readonly Track[],
  { decoder }: ProveInput,
  found: CheckFindings,
): Promise<void> {
  if (!decoder || found.hasProblems()) return;
  const decode = await decoder();
  if (decode) await probing.decode(tracks, decode);
  else found.note('segments-play', 'none was decoded: no ffmpeg runs here');
}

/** What needs at least one playlist of segments. */
const furtherChecks: readonly CheckName[] = checkNames.filter((name) => name !== 'playlist-loads');

async function judgeText(
  playlist: ProofPlaylist,
  { asset, windows, share, whyNot }: ProveInput,
  found: CheckFindings,
): Promise<void> {
  const { segments } = playlist;
  const losses = gapsOf(share ?? windows);
  const about = (texts: readonly string[]) => texts.map((text) => `${shown(playlist.url)}: ${text}`);
  await nextSlice(segments);
  found.problem('target-duration', about(targetDurationProblems(playlist)));
  found.problem('ended', about(endProblems(playlist, asset.finality)));
  found.problem('type-and-version', about(typeAndVersionProblems(playlist)));
  if (segments.length === 0) found.problem('segment-list', about(['no segments']));
  if (playlist.text.has('EXT-X-I-FRAMES-ONLY')) found.problem('playlist-kind', about(['has nothing but key frames']));
  await nextSlice(segments);
  const timeline = timelineOf(playlist, losses);
  found.problem('timeline', about(timeline.problems));
  for (const note of about(timeline.notes)) found.note('timeline', note);
  found.problem('duration', about(unexplainedHoles(timeline.holes, losses, segments.typicalMs)));
  found.problem('uris', addressProblems(playlist, asset.url, whyNot));
  await nextSlice(segments);
}

/** Addresses that only work from here: private hosts, schemes players do not follow. */
function addressProblems({ url, origins }: ProofPlaylist, asset: string, whyNot?: WhyNot): string[] {
  return [url, ...origins.values()].flatMap((address) => {
    const why = address === '' ? undefined : whyRefused(address, asset, whyNot);
    return why ? [`${shown(address)} ${why}`] : [];
  });
}

/** A recording that is still written to changes within one refresh of a live playlist, whatever it says of its end. */
async function readAgain(
  reader: Reader,
  { media, digests }: Tracks,
  pause: (ms: number) => Promise<void>,
  found: CheckFindings,
): Promise<void> {
  const longest = Math.max(...media.map(({ targetMs }) => targetMs));
  await pause(refreshMs(longest));
  for (const [url, before] of digests) {
    const answer = await reader.read(url);
    if (!answer.ok) found.problem('unchanged', `${shown(url)} ${answer.why} when read again`);
    else if ((await digestOf(answer.file.body)) !== before) {
      found.problem('unchanged', `${shown(url)} changed between two reads`);
    }
  }
}

function resultOf(
  { asset, share }: ProveInput,
  track: Track | undefined,
  expected: Expectation | undefined,
  found: CheckFindings,
): Omit<Examined, 'prints'> {
  const checks = found.checks();
  const durationMs = Math.round(track?.recordedMs ?? 0);
  return {
    proof: {
      proved: checks.every(({ ok }) => ok),
      durationMs,
      expectedMs: Math.round(expected ? nearestMs(expected, durationMs) : (asset.durationMs ?? durationMs)),
      segments: track?.segments ?? 0,
      discontinuities: track?.breaksAt.length ?? 0,
      checks,
    },
    part: { share, recordedMs: durationMs, segmentMs: track?.segmentMs ?? 0 },
  };
}
