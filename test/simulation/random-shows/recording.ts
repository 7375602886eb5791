import { completes } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { totalMs } from '../../../domain/spans.ts';
import type { Evidence } from './evidence.ts';
import { overlapMs, unionOf } from './spans.ts';

const second = 1000;

/** What is wrong with the windows, the gaps and the recording of a show. */
export const recordingProblems = (evidence: Evidence, report: EventStatus): string[] => [
  ...windowsAreWhatWasSent(evidence, report),
  ...lastLossIsReported(report),
  ...recordingIsAccountedFor(evidence, report),
];

/** From when the channel began to accept encoders, as the vendor's own sessions say it. */
function windowsAreWhatWasSent({ sent }: Evidence, { entered, stoppedAt, windows, channel }: EventStatus): string[] {
  const from = entered.starting;
  if (from === undefined || entered['creating-output'] === undefined || stoppedAt === undefined || !channel) return [];
  const span = { from, to: stoppedAt };
  const truth = unionOf(sent, span, second);
  const differenceMs = Math.abs(totalMs(truth) - overlapMs(windows, span));
  // Reconnections within a second are one window for the run.
  const allowedMs = 2 * second + sent.length * second;
  if (differenceMs <= allowedMs) return [];
  return [`the windows differ by ${differenceMs} ms from what was sent`];
}

/** A loss that lasted to the end is a gap like the others. */
function lastLossIsReported({ windows, gaps, entered, stoppedAt }: EventStatus): string[] {
  const last = windows.at(-1);
  const { stopping } = entered;
  if (!last || stopping === undefined || stoppedAt === undefined || stopping - last.to < 20 * second) return [];
  const isReported = gaps.some(({ from, to }) => Math.abs(from - last.to) < second && Math.abs(to - stopping) < second);
  return isReported ? [] : [`nothing was sent for the last ${stopping - last.to} ms, and no gap says so`];
}

function recordingIsAccountedFor(evidence: Evidence, report: EventStatus): string[] {
  const { windows, vod, endReason, audit, plan, output, warnings } = report;
  const isDropped = audit.some(({ action, details }) => action === 'stopNow' && details?.keepRecording === false);
  // What was not seen may be recorded all the same.
  const isUnseen = audit.some(({ action }) => action === 'skipWait') || report.endDetail?.includes(' is unknown: ');
  const isSent = windows.length > 0 || isUnseen;
  const isWanted = plan?.vod.publish && output && !isDropped && endReason !== 'cancelled' && isSent;
  if (!isWanted) return vod.length > 0 ? ['a recording was published that was not wanted'] : [];
  const isProved = vod.length > 0 && vod.every(({ proof }) => proof.proved);
  const why = warnings?.find(({ warning }) => warning === 'vod-unproved')?.message;
  if (isProved) return endReason === 'vod-unproved' ? ['a proved recording is called unproved'] : [];
  if (!why) return [`the recording is neither proved nor called unproved: ${JSON.stringify(vod)}`];
  return [
    ...(endReason && completes(endReason) ? [`${endReason}, although the recording is not proved`] : []),
    // The workflow says so only when an operator cancelled or stopped the publication.
    ...(why.startsWith('the recording was given up') || mayBeUnproved(evidence, report)
      ? []
      : [`unproved without a cause: ${why}`]),
  ];
}

/** The calls that read the recording had trouble, or hardly anything was sent. */
const mayBeUnproved = ({ calls }: Evidence, { windows, stoppedAt = 0 }: EventStatus): boolean =>
  calls.some(({ fault, at, operation }) => fault && at >= stoppedAt && /getRecording|getFile/.test(operation)) ||
  totalMs(windows) < 2 * second;
