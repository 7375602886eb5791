import type { LiveWindow } from '../../../domain/channel.ts';
import type { EventStatus } from '../../../domain/report.ts';
import type { Evidence } from './evidence.ts';
import { overlapMs } from './spans.ts';

const second = 1000;
const minute = 60 * second;

/** A vendor's transitions and the looks between them take so long at most, when nothing goes wrong. */
const undisturbedMs = 3 * minute;
/** After a call that failed the next may come so much later. */
const retriedWithinMs = 40 * second;
/** What lasts longer than this, seen by looks that nothing disturbs, is seen. */
const seenWithinMs = 150 * second;

/** What speaks against the end reason; undefined when it can be. */
export function whyNot(evidence: Evidence, report: EventStatus): string | undefined {
  const { acted, scenario, sent } = evidence;
  const { audit, entered } = report;
  const did = (action: string) => audit.some((entry) => entry.action === action);
  switch (endOfShow(report)) {
    case 'reached-end':
      return sent.length > 0 || did('skipWait') ? cancelIgnored(evidence, report) : 'no encoder ever came';
    case 'max-duration':
      return did('extend') || scenario.plan.overrun ? cancelIgnored(evidence, report) : 'its end was never moved';
    case 'stopped-by-operator':
      return did('stopNow') ? undefined : 'no operator stopped it';
    case 'cancelled':
      return acted.some(({ action }) => action.do === 'cancel') ? undefined : 'no operator cancelled it';
    case 'encoder-never-connected':
      if (did('skipWait')) return 'the wait was skipped';
      return seenAt(evidence, entered.stopping)
        ? 'the encoder was sending, and nothing kept the run from seeing it'
        : undefined;
    case 'encoder-gone':
      return whyNotGone(evidence, report);
    case 'allocation-failed':
      return refusedOrLate(evidence, {
        from: entered.allocating ?? Number.NaN,
        to: entered.stopping ?? evidence.closedAt,
      });
    case 'start-failed':
      return refusedOrLate(evidence, {
        from: entered.starting ?? Number.NaN,
        to: entered.stopping ?? evidence.closedAt,
      });
    case 'output-failed':
      return refusedOrLate(evidence, {
        from: entered['creating-output'] ?? Number.NaN,
        to: entered.stopping ?? evidence.closedAt,
      });
    case 'missed':
      return overlapMs(evidence.unattended, { from: 0, to: evidence.closedAt }) > 0 ? undefined : 'a worker was there';
    default:
      return 'no such end was to be expected';
  }
}

/** How the show itself ended, whatever became of its recording. */
function endOfShow({ endReason, endDetail = '' }: EventStatus) {
  const shown = /the show itself ended by ([a-z-]+):/.exec(endDetail)?.[1];
  return endReason === 'vod-unproved' && shown ? shown : endReason;
}

/** A cancellation long before the end must not be forgotten. */
function cancelIgnored({ acted }: Evidence, { entered }: EventStatus): string | undefined {
  const cancel = acted.find(({ action, outcome }) => action.do === 'cancel' && outcome === 'accepted');
  return cancel && cancel.at < (entered.stopping ?? 0) - minute ? 'it was cancelled before' : undefined;
}

/** The vendor refused in a way that does not pass, or what went wrong took the time. */
function refusedOrLate({ calls, unattended, stuck }: Evidence, span: LiveWindow): string | undefined {
  const hits = calls.filter(({ fault, at }) => fault && at >= span.from - second && at <= span.to);
  const forGood = ['unauthorized', 'invalid'];
  if (hits.some(({ fault }) => fault && forGood.includes(fault))) return undefined;
  // An answer that cannot be read, and a full account, are tried ten times.
  const tenTimes = ['wrong-shape', 'quota'];
  if (hits.filter(({ fault }) => fault && tenTimes.includes(fault)).length >= 10) return undefined;
  const disturbed = hits.map(({ at, endedAt = span.to }) => ({ from: at, to: endedAt + retriedWithinMs }));
  const calmMs = span.to - span.from - overlapMs([...disturbed, ...unattended, ...stuck], span);
  if (calmMs <= undisturbedMs) return undefined;
  return `the vendor refused nothing, and of ${span.to - span.from} ms nothing disturbed ${calmMs}`;
}

/** Whether the encoder had been sending for long before an instant, and still was, while looks saw it. */
function seenAt(evidence: Evidence, instant: number | undefined): boolean {
  if (instant === undefined) return false;
  const span = { from: instant - seenWithinMs, to: instant };
  const isSending = evidence.sent.some(({ from, to }) => from < span.from && to >= span.to);
  return isSending && isCalm(evidence, span);
}

function isCalm({ calls, unattended, scenario }: Evidence, span: LiveWindow): boolean {
  const hit = calls.some(({ fault, at, endedAt = at }) => fault && endedAt >= span.from && at <= span.to);
  return !hit && !scenario.isRough && overlapMs(unattended, span) === 0;
}

/** It is given up only when it was away for the whole wait, as far as looks could see. */
function whyNotGone(evidence: Evidence, report: EventStatus): string | undefined {
  const { entered, plan } = report;
  const { stopping } = entered;
  if (stopping === undefined || !plan) return 'the show was never on';
  if (seenAt(evidence, stopping)) return 'it was sending, and nothing kept the run from seeing it';
  const wait = { from: stopping - plan.waits.encoderLostMs - 2 * minute, to: stopping };
  return evidence.sent.some(({ from, to }) => from < wait.from && to >= wait.to)
    ? 'it was sending all the time'
    : undefined;
}
