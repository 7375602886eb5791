import type { ProofCheck } from '../../domain/report.ts';

/** Everything a recording must pass, in the words of `docs/proof.md`. Every proof holds each name once, in this order. */
export const checkNames = [
  'playlist-loads',
  'playlist-kind',
  'target-duration',
  'ended',
  'type-and-version',
  'segment-list',
  'segments-play',
  'timeline',
  'duration',
  'variants-agree',
  'uris',
  'unchanged',
] as const;
export type CheckName = (typeof checkNames)[number];

/** Proofs go into history: a playlist with a thousand faults is as broken as one with three. */
const toldProblems = 3;
const detailChars = 300;

/** What the checks found so far. */
export interface Findings {
  problem(check: CheckName, ...texts: string[]): void;
  /** Worth telling, but nothing wrong. */
  note(check: CheckName, text: string): void;
  /** These could not be looked at; what was not looked at is not proved. */
  notChecked(checks: readonly CheckName[], why: string): void;
  checks(): ProofCheck[];
}

export function findings(): Findings {
  const problems = new Map<CheckName, string[]>();
  const notes = new Map<CheckName, string[]>();
  const add = (to: Map<CheckName, string[]>, check: CheckName, texts: string[]) => {
    if (texts.length > 0) to.set(check, [...(to.get(check) ?? []), ...texts]);
  };
  return {
    problem: (check, ...texts) => add(problems, check, texts),
    note: (check, text) => add(notes, check, [text]),
    notChecked: (checks, why) => {
      for (const check of checks) if (!problems.has(check)) add(problems, check, [`not checked: ${why}`]);
    },
    checks: () =>
      checkNames.map((name) => {
        const wrong = problems.get(name);
        const told = wrong ?? notes.get(name);
        return { name, ok: wrong === undefined, ...(told && { detail: summary(told) }) };
      }),
  };
}

function summary(texts: readonly string[]): string {
  const told = texts.slice(0, toldProblems).join('; ');
  const more = texts.length > toldProblems ? `; and ${texts.length - toldProblems} more` : '';
  return cut(told, detailChars - more.length) + more;
}

export const cut = (text: string, chars: number): string =>
  text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
