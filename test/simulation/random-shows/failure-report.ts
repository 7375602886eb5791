import type { Evidence } from './evidence.ts';
import { type Happening, type Scenario, scenarioOf, type Timed } from './scenario.ts';

/** What a person needs to see a failure again and to understand it. */
export const failureReport = (evidence: Evidence, problems: readonly string[]): string =>
  [
    `seed ${evidence.scenario.seed}`,
    ...problems.map((problem) => `  ✗ ${problem}`),
    '',
    repeatIt(evidence.scenario.seed),
    '',
    ...scenarioInWords(evidence.scenario),
    '',
    ...courseInWords(evidence),
  ].join('\n');

/** Of a seed whose show could not be played to its end. */
export const notPlayed = (seed: number, error: unknown): string =>
  [
    `seed ${seed}`,
    `  ✗ it could not be played: ${error instanceof Error ? error.stack : String(error)}`,
    '',
    repeatIt(seed),
    '',
    ...scenarioInWords(scenarioOf(seed)),
  ].join('\n');

const repeatIt = (seed: number): string => `repeat it: SEED=${seed} npm run test:simulation`;

function scenarioInWords({ plan, faults, happenings, encoder, ...machine }: Scenario): string[] {
  const { workers, skewMs, polls, viewing, listsLagMs, isRough } = machine;
  const skew = skewMs === 0 ? '' : `, whose clocks are ${skewMs} ms off`;
  return [
    `plan: ${JSON.stringify(plan)}`,
    `machine: ${workers} worker(s)${skew}${isRough ? ', slow now and then' : ''}${polls ? ', one poller' : ''}; lists lag by ${listsLagMs} ms`,
    ...faults.map((fault) => `fault, from the beginning: ${JSON.stringify(fault)}`),
    ...happenings.map(timedInWords),
    ...(polls ? [`viewers: ${JSON.stringify(viewing)}`] : []),
    `encoder: ${JSON.stringify(encoder)}`,
  ];
}

const timedInWords = ({ after, laterMs, what }: Timed<Happening>): string =>
  `${what.kind}, ${laterMs} ms after ${after}: ${JSON.stringify({ ...what, kind: undefined })}`;

/** What the vendor, the operators and the run did; looks that went well would fill pages. */
function courseInWords({ trace, report, virtualMs }: Evidence): string[] {
  const [first = ''] = trace;
  const began = Number(first.split(' ', 1));
  const lines = trace.flatMap((line) => {
    const [at = ''] = line.split(' ', 1);
    const what = line.slice(at.length + 1);
    return isRelevant(what) ? [{ at: Number(at) - began, what }] : [];
  });
  return [
    `course (${Math.round(virtualMs / 1000)} s of virtual time):`,
    ...withoutRepeats(lines).map(({ at, what }) => `  +${(at / 1000).toFixed(3).padStart(10)} s  ${what}`),
    `report: ${JSON.stringify({ ...report, plan: undefined })}`,
  ];
}

const isRelevant = (what: string): boolean =>
  /^(vendor|phase|operator|accepted|refused|failed|worker-\d+|every fault)\b/.test(what) || /^call: .*\[/.test(what);

/** A call that fails again and again is listed once. */
function withoutRepeats(lines: readonly { at: number; what: string }[]): { at: number; what: string }[] {
  const kept: { at: number; what: string; times: number }[] = [];
  for (const { at, what } of lines) {
    const last = kept.at(-1);
    if (last?.what === what) last.times += 1;
    else kept.push({ at, what, times: 1 });
  }
  return kept.map(({ at, what, times }) => ({ at, what: times > 1 ? `${what} × ${times}` : what }));
}
