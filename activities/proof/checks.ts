import type { Redact } from '../../domain/redact.ts';
import type { ProofCheck } from '../../domain/report.ts';
import { shortened } from '../../domain/text.ts';

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
const maxNamed = 3;
const detailChars = 300;

/** What the checks found so far. */
export interface CheckFindings {
  problem(check: CheckName, texts: string | readonly string[]): void;
  /** Worth saying, but nothing wrong. */
  note(check: CheckName, text: string): void;
  /** These could not be looked at; what was not looked at is not proved. */
  notChecked(checks: readonly CheckName[], why: string): void;
  /** Whether something is wrong so far. */
  hasProblems(): boolean;
  checks(): ProofCheck[];
}

/** The first few texts of a check, and how many there were: a playlist of a week may have as many faults as segments. */
class Texts {
  readonly first: string[] = [];
  count = 0;

  add(text: string): void {
    this.count += 1;
    if (this.first.length < maxNamed) this.first.push(text);
  }

  get summary(): string {
    const more = this.count > maxNamed ? `; and ${this.count - maxNamed} more` : '';
    return shortened(this.first.join('; '), detailChars - more.length) + more;
  }
}

/** @param clean words from outside may hold a secret, of which no part is recognised once they are cut */
export function findings(clean: Redact = (text) => text): CheckFindings {
  const problems = new Map<CheckName, Texts>();
  const notes = new Map<CheckName, Texts>();
  const add = (to: Map<CheckName, Texts>, check: CheckName, texts: readonly string[]) => {
    for (const text of texts) {
      const known = to.get(check) ?? new Texts();
      known.add(clean(text));
      to.set(check, known);
    }
  };
  return {
    problem: (check, texts) => add(problems, check, typeof texts === 'string' ? [texts] : texts),
    note: (check, text) => add(notes, check, [text]),
    notChecked: (checks, why) => {
      for (const check of checks) if (!problems.has(check)) add(problems, check, [`not checked: ${why}`]);
    },
    hasProblems: () => problems.size > 0,
    checks: () =>
      checkNames.map((name) => {
        const wrong = problems.get(name);
        const texts = wrong ?? notes.get(name);
        return { name, ok: wrong === undefined, ...(texts && { detail: texts.summary }) };
      }),
  };
}
