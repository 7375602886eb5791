import { CancellationScope, condition, defineUpdate, patched, setHandler } from '@temporalio/workflow';
import type { Accepted, By } from '../../domain/actions.ts';
import { canBeOnAir, isReady } from '../../domain/legs/failing.ts';
import { runs } from '../../domain/legs/leg.ts';
import { cancelEffect } from '../../domain/phases.ts';
import type { LegStatus } from '../../domain/report.ts';
import { type Handling, handle } from '../live-event/acting.ts';
import { checkWho, refuse, refuseIf } from '../live-event/refusals.ts';
import {
  abandonCleanupUpdate,
  announceCancelUpdate,
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
} from '../messages.ts';
import { type Action, audit, legOf, legsFor, needsLegs } from './asking.ts';
import type { LegsRun } from './legs-run.ts';
import { passOn } from './pass-on.ts';

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
  const next = () => {
    actions += 1;
    return actions;
  };
  for (const update of passedOn) handle(update, forTheLegs(run, update.name, next));
  handle(announceCancelUpdate, announceCancel(run));
  handle(switchLegUpdate, switchLeg(run));
}

const forTheLegs = (run: LegsRun, update: string, next: () => number): Handling<Action> => ({
  handler: (action) => {
    if (stopsBooking(run, update, action)) return stopBooking(run, action);
    return passOn(run, update, action, next());
  },
  validator: (action) => {
    if (stopsBooking(run, update, action)) checkStop(run, action);
    else legsFor(run, action);
  },
});

const announceCancel = (run: LegsRun): Handling<By> => ({
  handler: (action) => {
    audit(run, 'cancel', action, {});
    return { accepted: true, effect: cancelEffect(run.status.phase) };
  },
  validator: checkWho,
});

const switchLeg = (run: LegsRun): Handling<By & { leg: string }> => ({
  handler: (action) => {
    const leg = legOf(run, action.leg);
    const effect = switchText(run, leg);
    run.switchTo(leg, `switched by ${action.by}: ${action.reason}`);
    const accepted = (): Accepted => {
      audit(run, 'switchLeg', action, { leg: leg.name });
      return { accepted: true, effect };
    };
    const isAnswered = leg.begunAt === undefined && patched('switch-answered-when-begun');
    return isAnswered ? whenBegun(run, leg).then(accepted) : accepted();
  },
  validator: (action) => {
    checkWho(action);
    needsLegs(run);
    const leg = legOf(run, action.leg);
    if (run.choice.onAir?.leg === leg.name && !waitsFor(run, leg)) refuse(`leg ${leg.name} is on air already`);
    refuseIf(run.whyNoneBegins());
    if (leg.begunAt !== undefined && (!runs(leg) || !canBeOnAir(leg)))
      refuse(`leg ${leg.name} cannot be on air any more (${leg.status?.phase ?? 'it has not reported'})`);
  },
});

/** Before any leg begins, the run of the event itself is what a stop ends. */
const stopsBooking = (run: LegsRun, update: string, action: Action | undefined): boolean =>
  run.isBooking && update === stopNowUpdate.name && action?.leg === undefined;

function checkStop({ interrupts: { stopRequested } }: LegsRun, action: Action): void {
  checkWho(action);
  refuseIf(stopRequested && `the show is being stopped already: ${stopRequested.detail}`);
}

function stopBooking(run: LegsRun, action: Action): Accepted {
  run.stopBooking(`stopped by ${action.by}: ${action.reason}`);
  audit(run, stopNowUpdate.name, action, {});
  return { accepted: true, effect: 'the show ends now, and makes nothing' };
}

/** A stop or a cancellation may come in the same workflow task. */
async function whenBegun(run: LegsRun, leg: LegStatus): Promise<void> {
  const isDecided = () => leg.begunAt !== undefined || run.whyNoneBegins() !== undefined;
  await CancellationScope.nonCancellable(() => condition(isDecided));
  if (leg.begunAt !== undefined) return;
  run.noSwitchTo(leg);
  refuseIf(run.whyNoneBegins());
}

/** Another leg, to which viewers are to be sent when it is live. */
function waitsFor({ choice }: LegsRun, { name }: LegStatus): string | undefined {
  return choice.switchTo?.leg === name ? undefined : choice.switchTo?.leg;
}

function switchText(run: LegsRun, leg: LegStatus): string {
  const other = waitsFor(run, leg);
  if (run.choice.onAir?.leg === leg.name && other !== undefined)
    return `viewers stay on leg ${leg.name}; the switch to leg ${other} is taken back`;
  if (isReady(leg)) return `viewers are sent to leg ${leg.name} now`;
  const begins = leg.begunAt === undefined ? 'begins now, and ' : 'is not live yet; ';
  return `leg ${leg.name} ${begins}viewers are sent to it when it is live`;
}
