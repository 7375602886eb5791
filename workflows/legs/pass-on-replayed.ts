import type { Accepted } from '../../domain/actions.ts';
import type { LegStatus } from '../../domain/report.ts';
import { refuse } from '../live-event/refusals.ts';
import { stopNowUpdate } from '../messages.ts';
import { type Action, answerOf, audit, legsFor, movedBy } from './asking.ts';
import type { LegsRun } from './legs-run.ts';

/** How actions were passed on before; runs that did so replay it. */
export async function passOnReplayed(run: LegsRun, update: string, action: Action, n: number): Promise<Accepted> {
  const { leg: only, ...rest } = action;
  const legs = legsFor(run, action);
  const goOn = update === stopNowUpdate.name && only === undefined ? run.stop.begin() : undefined;
  const answers = await Promise.all(legs.map((leg: LegStatus) => answerOf(leg, update, rest, n)));
  const text = answers.map(({ leg, answer }) => `${leg}: ${answer.accepted ? answer.effect : answer.why}`).join('; ');
  if (!answers.some(({ answer }) => answer.accepted)) {
    goOn?.();
    refuse(text || 'no leg runs');
  }
  const moved = only === undefined ? movedBy(update, action) : undefined;
  if (moved) run.move(moved);
  const { by: _, reason: __, ...details } = rest;
  audit(run, update, action, { ...details, ...(only !== undefined && { leg: only }) });
  return { accepted: true, effect: text };
}
