import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  patched,
  sleep,
  startChild,
  TemporalFailure,
  TerminatedFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { eventKeyOf, legKeyOf, taskTimeout, workflowIdOf, workflowType } from '../../domain/ids.ts';
import type { Plan, PreparedLeg } from '../../domain/plan.ts';
import type { EventStatus, LegStatus } from '../../domain/report.ts';
import { formatInstant } from '../../domain/time.ts';
import { searchAttributes } from '../search-attributes.ts';

/** How the run of a leg closed: with its report, which a cancelled run has sent before, or without one. */
export interface LegEnd {
  report?: EventStatus;
  lost?: string;
}

/** What a leg's run gets of its event: the times that hold now, beside its plan. */
export interface LegInput {
  startsAt: number;
  endsAt: number;
  /** Until when its plan may go on; absent without an overrun. */
  overrunUntil?: number;
  tenant?: string;
}

export const legWorkflowId = (leg: string): string =>
  workflowIdOf(legKeyOf(eventKeyOf(workflowInfo().workflowId) ?? '', leg));

/** How long a leg's run of an event that was terminated may go on closing down before it is looked at again. */
const earlierAgainMs = 10_000;

/**
 * Runs a leg as an event of its own. When this run closes, however it does, the leg's run is cancelled: it stops and cleans
 * up. An event that is started again at once waits for that; one that was reset to before its legs began, until they end: Temporal
 * does not cancel them. Never rejects.
 */
export async function runLeg(
  leg: LegStatus,
  plan: PreparedLeg,
  times: LegInput,
  { mayBegin, hasBegun }: { mayBegin: () => boolean; hasBegun: () => void },
): Promise<LegEnd> {
  for (;;) {
    try {
      const run = await startLeg(leg, plan, times, hasBegun);
      return { report: await run.result() };
    } catch (error) {
      const isEarlier = error instanceof WorkflowExecutionAlreadyStartedError && patched('waits-for-earlier-leg');
      if (!isEarlier) return endOf(error);
      leg.earlierSince ??= Date.now();
    }
    try {
      await sleep(earlierAgainMs, { summary: `wait: leg ${leg.name} of the run before still closes down` });
    } catch (error) {
      return endOf(error);
    }
    if (!mayBegin()) return { lost: 'its run never began: the one before it was still closing down' };
  }
}

async function startLeg(
  { name }: LegStatus,
  { plan, vendor, account }: PreparedLeg,
  times: LegInput,
  hasBegun: () => void,
): Promise<ChildWorkflowHandle<(plan: Plan) => Promise<EventStatus>>> {
  const run = await startChild<(plan: Plan) => Promise<EventStatus>>(workflowType, {
    workflowId: legWorkflowId(name),
    ...taskTimeout,
    args: [planOf(plan, times)],
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `leg ${name} on ${vendor}`,
    typedSearchAttributes: [
      { key: searchAttributes.vendor, value: vendor },
      { key: searchAttributes.account, value: account },
      { key: searchAttributes.phase, value: 'scheduled' },
      { key: searchAttributes.startsAt, value: new Date(times.startsAt) },
      ...(times.tenant !== undefined ? [{ key: searchAttributes.tenant, value: times.tenant }] : []),
    ],
  });
  hasBegun();
  return run;
}

/**
 * The times may have been moved since the plan was made. An overrun that would be over by then is no more; how long after
 * the planned end it lasts is no measure after an end that was moved.
 */
function planOf({ overrun, ...plan }: Plan, { startsAt, endsAt, overrunUntil = 0 }: LegInput): Plan {
  const goesOn = overrun && overrunUntil > endsAt;
  return {
    ...plan,
    startsAt: formatInstant(startsAt),
    endsAt: formatInstant(endsAt),
    ...(goesOn && { overrun: { ...overrun, until: formatInstant(overrunUntil) } }),
  };
}

function endOf(error: unknown): LegEnd {
  if (!(error instanceof TemporalFailure)) throw error;
  const { cause } = error;
  if (cause instanceof ApplicationFailure) {
    const report = cause.details?.[0] as Partial<EventStatus> | undefined;
    return report?.phase ? { report: report as EventStatus } : { lost: `its run failed: ${cause.message}` };
  }
  if (cause instanceof CancelledFailure || error instanceof CancelledFailure) return {};
  if (cause instanceof TerminatedFailure)
    return { lost: 'its run was terminated in Temporal and cleaned nothing up: the sweep releases what it left' };
  const what = error instanceof ChildWorkflowFailure ? 'its run ended' : 'its run could not be started';
  return { lost: `${what}: ${cause?.message ?? error.message}` };
}
