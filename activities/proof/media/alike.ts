import { fileOf, type Print } from '../again.ts';
import { spread } from '../sample.ts';
import type { Sampled, Track } from '../track.ts';
import type { Streams } from './mpeg-ts.ts';
import type { Kind } from './samples.ts';
import { type Look, mostSilenceMs } from './seen.ts';

/**
 * The same segment behind a DISCONTINUITY under another name. An encoder that comes back may begin the same file again, as
 * often as it connected again, but not from the same file of the vendor; within a run the times of the samples show it.
 */
export function repeatProblems({ sample }: Track, looks: readonly Look[], reconnects: number): string[] {
  const first = new Map<string, Sampled>();
  const repeats = new Map<number, string>();
  let isSameFile = false;
  for (const [i, segment] of sample.entries()) {
    const print = looks[i]?.print;
    const before = print === undefined ? undefined : first.get(print);
    if (print !== undefined && !before) first.set(print, segment);
    if (!before || before.run === segment.run) continue;
    isSameFile ||= fileOf(before) === fileOf(segment);
    if (!repeats.has(segment.run)) {
      repeats.set(segment.run, `segment ${segment.index} is segment ${before.index} again`);
    }
  }
  return isSameFile || repeats.size > reconnects ? [...repeats.values()] : [];
}

/** What shows whether another recording holds the same segments. */
export const printsOf = ({ sample }: Track, looks: readonly Look[]): Print[] =>
  sample.flatMap((segment, i) => {
    const print = looks[i]?.print;
    return print === undefined ? [] : [{ print, file: fileOf(segment), run: segment.run }];
  });

/** Segments that are read further where neither of their ends has what the others have. */
const mostReadFurther = 60;
const words = { video: 'picture', audio: 'sound' } as const;

/** Looks for samples in a segment that was not read whole. */
type IsThere = (segment: Sampled, kind: Kind, streams: Streams) => Promise<boolean>;

/** Pictures or sounds that some segments have and others lack. */
export async function kindProblems({ sample }: Track, looks: readonly Look[], isThere: IsThere): Promise<string[]> {
  const seen = sample.flatMap((segment, i) => {
    const { kinds, streams } = looks[i] ?? {};
    return kinds ? [{ segment, kinds, streams }] : [];
  });
  const problems: string[] = [];
  for (const kind of ['video', 'audio'] as const) {
    const silent = seen.filter(({ kinds }) => !kinds.has(kind));
    let isAnywhere = silent.length < seen.length;
    // The tables of the others do not even name it, or they were read whole.
    const unread = silent.filter(({ streams = new Map() }) => [...streams.values()].includes(kind));
    const [further, unsure] = [new Set(spread(unread, mostReadFurther)), new Set(unread)];
    const lacking = new Set<Sampled>();
    let wasLacking = false;
    for (const one of silent) {
      // One that is not read further is like the one before.
      if (!unsure.has(one)) wasLacking = true;
      else if (further.has(one)) wasLacking = !(await isThere(one.segment, kind, one.streams ?? new Map()));
      isAnywhere ||= !wasLacking;
      if (wasLacking) lacking.add(one.segment);
    }
    if (isAnywhere)
      problems.push(...streaks(sample, lacking).map((where) => `no ${words[kind]} in ${where}, unlike elsewhere`));
  }
  return problems;
}

/** Segments in a row that last longer than a silence may. */
function streaks(sample: readonly Sampled[], lacking: ReadonlySet<Sampled>): string[] {
  const found: string[] = [];
  let row: Sampled[] = [];
  for (const segment of [...sample, undefined]) {
    if (segment && lacking.has(segment)) {
      row.push(segment);
      continue;
    }
    const [from, to] = [row[0], row.at(-1)];
    const ms = row.reduce((sum, { durationMs }) => sum + durationMs, 0);
    if (from && to && ms > mostSilenceMs) found.push(`segments ${from.index} to ${to.index}`);
    row = [];
  }
  return found;
}
