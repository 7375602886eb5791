import type { EventStatus } from '../../../domain/report.ts';
import { totalMs } from '../../../domain/spans.ts';
import { isPlaybackFault } from '../../../simulators/kit/playback-faults.ts';
import type { LogEntry } from '../../../simulators/kit/types.ts';
import type { Evidence } from './evidence.ts';

/** A call that the run itself makes was hit: what only viewers meet excuses nothing of the run. */
export const isTrouble = ({ fault }: LogEntry): boolean => fault !== undefined && !isPlaybackFault(fault);

/** What is reported of viewers has a cause, and they are not said to have got what was never sent. */
export function viewerProblems({ calls, pushes }: Evidence, report: EventStatus): string[] {
  const wrongForThem = (report.warnings ?? []).filter(({ warning }) => /^viewers-(frozen|gone|dark)$/.test(warning));
  const falselyWarned = wrongForThem.filter(({ at }) => {
    const isHit = calls.some((call) => call.fault !== undefined && call.at <= at);
    return !isHit && !pushes.some(({ to }) => to <= at);
  });
  const [viewedMs, sentMs] = [report.viewed ?? [], report.windows].map(totalMs) as [number, number];
  return [
    ...falselyWarned.map(({ warning, message }) => `${warning} without a cause: ${message}`),
    ...(viewedMs > sentMs ? [`viewers are said to have got ${viewedMs} ms of ${sentMs} ms sent`] : []),
  ];
}
