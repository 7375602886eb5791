import { ActivityFailure, CancellationScope, condition, defineUpdate, patched, setHandler } from '@temporalio/workflow';
import type { LegAnswer } from '../../activities/contract.ts';
import type { JsonObject } from '../../domain/json.ts';
import { canBeOnAir, isReady } from '../../domain/legs/failing.ts';
import { runs } from '../../domain/legs/leg.ts';
import { cancelEffect, isBeforeStop } from '../../domain/phases.ts';
import type { LegStatus } from '../../domain/report.ts';
import { parseInstant } from '../../domain/time.ts';
import { describeFailure } from '../failure.ts';
import { actOnLeg } from '../live-event/activities.ts';
import { checkWho, refuse, refuseIf } from '../live-event/refusals.ts';
import {
  type Accepted,
  abandonCleanupUpdate,
  announceCancelUpdate,
  type By,
  budgetSignal,
  extendUpdate,
  legSignal,
  rescheduleUpdate,
  resetEncoderUpdate,
  retryVodUpdate,
  skipWaitUpdate,
  statusQuery,
  stopNowUpdate,
  switchLegUpdate,
  type ToLeg,
} from '../messages.ts';
import { legWorkflowId } from './leg-run.ts';
import type { LegsRun } from './legs-run.ts';

type Action = By & ToLeg & { startsAt?: string; endsAt?: string };

/** What operators do to a run of one leg. Each leg that runs gets it and answers for itself, or the one that is named. */
const passedOn = [
  stopNowUpdate,
  extendUpdate,
  rescheduleUpdate,
  skipWaitUpdate,
  resetEncoderUpdate,
  retryVodUpdate,
  abandonCleanupUpdate,
].map(({ name }) => defineUpdate<Accepted, [Action]>(name));

export function handleLegMessages(run: LegsRun): void {
  setHandler(statusQuery, () => run.status);
  setHandler(legSignal, (report) => run.reported(report));
  setHandler(budgetSignal, (sent) => run.budgetReached(sent));
  let actions = 0;
  for (const update of passedOn) {
    setHandler(
      update,
      (action) => {
        actions += 1;
        return passOn(run, update.name, action, actions);
      },
      { validator: (action) => void legsFor(run, action) },
    );
  }
  setHandler(
    announceCancelUpdate,
    (action) => {
      audit(run, 'cancel', action, {});
      return { accepted: true, effect: cancelEffect(run.status.phase) };
    },
    { validator: checkWho },
  );
  setHandler(
    switchLegUpdate,
    (action) => {
      const leg = legOf(run, action.leg);
      const effect = switchText(leg);
      run.switchTo(leg, `switched by ${action.by}: ${action.reason}`);
      const accepted = (): Accepted => {
        audit(run, 'switchLeg', action, { leg: leg.name });
        return { accepted: true, effect };
      };
      const isAnswered = leg.begunAt === undefined && patched('switch-answered-when-begun');
      return isAnswered ? whenBegun(run, leg).then(accepted) : accepted();
    },
    {
      validator: (action) => {
        checkWho(action);
        const leg = legOf(run, action.leg);
        if (run.onAir?.leg === leg.name) refuse(`leg ${leg.name} is on air already`);
        refuseIf(run.whyNoneBegins());
        if (leg.begunAt !== undefined && (!runs(leg) || !canBeOnAir(leg)))
          refuse(`leg ${leg.name} cannot be on air any more (${leg.status?.phase ?? 'it has not reported'})`);
      },
    },
  );
}

/** A stop or a cancellation may come in the same workflow task. */
async function whenBegun(run: LegsRun, leg: LegStatus): Promise<void> {
  const isDecided = () => leg.begunAt !== undefined || run.whyNoneBegins() !== undefined;
  await CancellationScope.nonCancellable(() => condition(isDecided));
  if (leg.begunAt !== undefined) return;
  run.noSwitchTo(leg);
  refuseIf(run.whyNoneBegins());
}

function switchText(leg: LegStatus): string {
  if (isReady(leg)) return `viewers are sent to leg ${leg.name} now`;
  const begins = leg.begunAt === undefined ? 'begins now, and ' : 'is not live yet; ';
  return `leg ${leg.name} ${begins}viewers are sent to it when it is live`;
}

function legOf(run: LegsRun, name: unknown): LegStatus {
  const leg = run.legs.find((one) => one.name === name);
  if (!leg) refuse(`there is no leg ${JSON.stringify(name)}: one of ${run.legs.map((one) => one.name).join(', ')}`);
  return leg;
}

/** The legs that an action is for. @throws ApplicationFailure, refused */
function legsFor(run: LegsRun, action: Action): LegStatus[] {
  checkWho(action);
  if (!run.plan) refuse('the plan is still being checked; try again in a moment');
  if (action.leg === undefined) return run.legs.filter(runs);
  const leg = legOf(run, action.leg);
  if (!runs(leg)) refuse(`leg ${leg.name} ${leg.begunAt === undefined ? 'has not begun' : 'is over'}`);
  return [leg];
}

/** Stops the legs when the budget is spent; one that refuses, because it has only begun, is asked again at its next report. */
export async function stopSpentLegs(run: LegsRun): Promise<void> {
  const { budgetSpent: reason, stoppedLegs } = run;
  if (reason === undefined) return;
  const legs = run.legs.filter((leg) => runs(leg) && isBeforeStop(leg.status?.phase) && !stoppedLegs.has(leg.name));
  await Promise.all(
    legs.map(async (leg) => {
      stoppedLegs.add(leg.name);
      run.budgetStops += 1;
      const { answer } = await answerOf(leg, stopNowUpdate.name, { by: 'budget', reason }, `budget-${run.budgetStops}`);
      if (!answer.accepted) stoppedLegs.delete(leg.name);
    }),
  );
}

async function passOn(run: LegsRun, update: string, action: Action, n: number): Promise<Accepted> {
  const { leg: only, ...rest } = action;
  const legs = legsFor(run, action);
  // No leg begins while the others are being stopped.
  const goOn = update === stopNowUpdate.name && only === undefined ? run.stopping() : undefined;
  const answers = await Promise.all(legs.map((leg) => answerOf(leg, update, rest, n)));
  const text = answers.map(({ leg, answer }) => `${leg}: ${answer.accepted ? answer.effect : answer.why}`).join('; ');
  if (!answers.some(({ answer }) => answer.accepted)) {
    goOn?.();
    refuse(text || 'no leg runs');
  }
  if (only === undefined) move(run, update, action);
  const { by: _, reason: __, ...details } = rest;
  audit(run, update, action, { ...details, ...(only !== undefined && { leg: only }) });
  return { accepted: true, effect: text };
}

function move(run: LegsRun, update: string, { startsAt, endsAt }: Action): void {
  const end = endsAt === undefined ? undefined : parseInstant(endsAt);
  const start = startsAt === undefined ? undefined : parseInstant(startsAt);
  if (end === undefined) return;
  if (update === extendUpdate.name) run.move({ endsAt: end });
  else if (update === rescheduleUpdate.name && start !== undefined) run.move({ startsAt: start, endsAt: end });
}

async function answerOf({ name }: LegStatus, update: string, action: object, n: number | string) {
  const id = `${update}-${n}`;
  const input = { workflowId: legWorkflowId(name), update, id, action: action as JsonObject };
  try {
    const answer: LegAnswer = await actOnLeg(`${id}-${name}`)(input);
    return { leg: name, answer };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const why = `its run could not be reached: ${describeFailure(error).message}`;
    return { leg: name, answer: { accepted: false, why } satisfies LegAnswer };
  }
}

function audit(run: LegsRun, action: string, { by, reason }: By, details: JsonObject): void {
  run.status.audit.push({ at: Date.now(), action, by, reason, details });
  run.changes += 1;
  run.show();
}
