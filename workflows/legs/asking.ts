import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { LegAnswer } from '../../activities/contract.ts';
import type { By, ToLeg } from '../../domain/actions.ts';
import type { JsonObject } from '../../domain/json.ts';
import { runs } from '../../domain/legs/leg.ts';
import { isBeforeStop } from '../../domain/phases.ts';
import type { AuditEntry, LegStatus } from '../../domain/report.ts';
import { parseInstant } from '../../domain/time.ts';
import { describeFailure } from '../failure.ts';
import { needsPlan } from '../live-event/acting.ts';
import { actOnLeg } from '../live-event/activities.ts';
import { checkWho, refuse } from '../live-event/refusals.ts';
import { extendUpdate, rescheduleUpdate, stopNowUpdate } from '../messages.ts';
import { legWorkflowId } from './leg-run.ts';
import type { LegsRun } from './legs-run.ts';

export type Action = By & ToLeg & { startsAt?: string; endsAt?: string };

export interface Answered {
  leg: string;
  answer: LegAnswer;
}

/** The legs that an action is for. @throws ApplicationFailure, refused */
export function legsFor(run: LegsRun, action: Action): LegStatus[] {
  checkWho(action);
  needsLegs(run);
  if (action.leg === undefined) return run.legs.filter(runs);
  const leg = legOf(run, action.leg);
  if (!runs(leg)) refuse(`leg ${leg.name} ${leg.begunAt === undefined ? 'has not begun' : 'is over'}`);
  return [leg];
}

export function needsLegs(run: LegsRun): void {
  needsPlan(run);
  if (run.isBooking)
    refuse('what the legs are to use is still being booked: stop or cancel the event, or try again in a moment');
}

export function legOf(run: LegsRun, name: unknown): LegStatus {
  const leg = run.legs.find((one) => one.name === name);
  if (!leg) refuse(`there is no leg ${JSON.stringify(name)}: one of ${run.legs.map((one) => one.name).join(', ')}`);
  return leg;
}

export async function answerOf(
  { name }: LegStatus,
  update: string,
  action: object,
  n: number | string,
): Promise<Answered> {
  const id = `${update}-${n}`;
  const input = { workflowId: legWorkflowId(name), update, id, action: action as JsonObject };
  try {
    return { leg: name, answer: await actOnLeg(`${id}-${name}`)(input) };
  } catch (error) {
    const refused = (why: string): Answered => ({ leg: name, answer: { accepted: false, why } });
    if (isCancellation(error)) return refused('the event is being cancelled');
    if (!(error instanceof ActivityFailure)) throw error;
    return refused(`its run did not answer (${describeFailure(error).message}); ask it again by naming this leg`);
  }
}

/** Stops the legs when the budget is spent; one that refuses, because it has only begun, is asked again at its next report. */
export async function stopSpentLegs(run: LegsRun): Promise<void> {
  const { stop } = run;
  const { budgetSpent: reason } = stop;
  if (reason === undefined) return;
  const legs = run.legs.filter((leg) => runs(leg) && isBeforeStop(leg.status?.phase) && !stop.legs.has(leg.name));
  await Promise.all(
    legs.map(async (leg) => {
      stop.legs.add(leg.name);
      const { answer } = await answerOf(leg, stopNowUpdate.name, { by: 'budget', reason }, `budget-${stop.next()}`);
      if (!answer.accepted) stop.legs.delete(leg.name);
    }),
  );
}

/** Where the event is moved to; undefined where an action moves nothing. */
export function movedBy(
  update: string,
  { startsAt, endsAt }: Action,
): { startsAt?: number; endsAt: number } | undefined {
  const end = endsAt === undefined ? undefined : parseInstant(endsAt);
  const start = startsAt === undefined ? undefined : parseInstant(startsAt);
  if (end === undefined) return undefined;
  if (update === extendUpdate.name) return { endsAt: end };
  return update === rescheduleUpdate.name && start !== undefined ? { startsAt: start, endsAt: end } : undefined;
}

/** What is kept of an action; it may be added to, with a call of `changed`. */
export function audit(run: LegsRun, action: string, { by, reason }: By, details: JsonObject): AuditEntry {
  const entry = { at: Date.now(), action, by, reason, details };
  run.status.audit.push(entry);
  changed(run);
  return entry;
}

export function changed(run: LegsRun): void {
  run.changes += 1;
  run.show();
}
