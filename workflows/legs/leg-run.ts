import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  executeChild,
  ParentClosePolicy,
  TemporalFailure,
  TerminatedFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { eventKeyOf, legKeyOf, workflowIdOf, workflowType } from '../../domain/ids.ts';
import type { Plan, PreparedLeg } from '../../domain/plan.ts';
import type { EventStatus, LegStatus } from '../../domain/report.ts';
import { formatInstant, parseInstant } from '../../domain/time.ts';
import { searchAttributes } from '../search-attributes.ts';

/** How the run of a leg closed: with its report, which a cancelled run has sent before, or without one. */
export interface LegEnd {
  report?: EventStatus;
  lost?: string;
}

export interface EventTimes {
  startsAt: number;
  endsAt: number;
  tenant?: string;
}

export const legWorkflowId = (leg: string): string =>
  workflowIdOf(legKeyOf(eventKeyOf(workflowInfo().workflowId) ?? '', leg));

/**
 * Runs a leg as an event of its own. When this run closes, however it does, the leg's run is cancelled: it stops and cleans
 * up. Never rejects.
 */
export async function runLeg({ name }: LegStatus, leg: PreparedLeg, times: EventTimes): Promise<LegEnd> {
  try {
    const report = await executeChild<(plan: Plan) => Promise<EventStatus>>(workflowType, {
      workflowId: legWorkflowId(name),
      args: [planOf(leg.plan, times)],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      staticSummary: `leg ${name} on ${leg.vendor}`,
      typedSearchAttributes: [
        { key: searchAttributes.vendor, value: leg.vendor },
        { key: searchAttributes.account, value: leg.account },
        { key: searchAttributes.phase, value: 'scheduled' },
        { key: searchAttributes.startsAt, value: new Date(times.startsAt) },
        ...(times.tenant !== undefined ? [{ key: searchAttributes.tenant, value: times.tenant }] : []),
      ],
    });
    return { report };
  } catch (error) {
    return endOf(error);
  }
}

/** The end may have been moved since the plan was made; an overrun that would be over by then is no more. */
function planOf({ overrun, ...plan }: Plan, { startsAt, endsAt }: EventTimes): Plan {
  const until = overrun && parseInstant(overrun.until);
  return {
    ...plan,
    startsAt: formatInstant(startsAt),
    endsAt: formatInstant(endsAt),
    ...(overrun && (until === undefined || until > endsAt) && { overrun }),
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
