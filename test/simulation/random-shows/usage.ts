import type { EventStatus } from '../../../domain/report.ts';
import { totalMs } from '../../../domain/spans.ts';
import { usageOf } from '../../../domain/usage/usage.ts';
import { billsOf } from '../../../plan/bills.ts';
import type { Evidence } from './evidence.ts';

const toleranceMs = 1_000;

/** What the run's usage says that an encoder sent, against what the vendor took: within a second. */
export function usageProblems({ sent, closedAt }: Evidence, report: EventStatus): string[] {
  const bills = billsOf(report.vendor).filter(({ state }) => state === 'input');
  const ours = totalMs(usageOf(report, bills, closedAt).spans);
  const theirs = totalMs(sent);
  if (Math.abs(ours - theirs) <= toleranceMs) return [];
  return [`the usage is ${ours} ms of input, and the vendor took ${theirs} ms`];
}
