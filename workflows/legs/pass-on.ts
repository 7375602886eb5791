import { CancellationScope, condition, patched } from '@temporalio/workflow';
import type { Accepted } from '../../domain/actions.ts';
import type { JsonObject } from '../../domain/json.ts';
import { hasBegunOnly, runs } from '../../domain/legs/leg.ts';
import { answerText, type LegsOutcome } from '../../domain/legs/refusals.ts';
import type { AuditEntry, LegStatus } from '../../domain/report.ts';
import { refuse } from '../live-event/refusals.ts';
import { stopNowUpdate } from '../messages.ts';
import { type Action, type Answered, answerOf, audit, changed, legsFor, movedBy } from './asking.ts';
import type { LegsRun } from './legs-run.ts';
import { passOnReplayed } from './pass-on-replayed.ts';

/** The plan of a leg that has only begun is checked within a second, unless its worker is away. */
const preparedWithinMs = 30_000;
/** Clients wait for 10 s: what the other legs answered must be with them by then. */
const answersWithinMs = 6_000;

/** Each leg that runs gets the action and answers for itself, or the one that is named. */
export function passOn(run: LegsRun, update: string, action: Action, n: number): Promise<Accepted> {
  if (!patched('answers-for-the-legs-that-did')) return passOnReplayed(run, update, action, n);
  const act = () => new PassedOn(run, update, action, n).answer();
  return movedBy(update, action) ? inTurn(run, act) : act();
}

/** Two moves at once reach every leg in the same order: all legs then have the times of the last. */
function inTurn<T>(run: LegsRun, act: () => Promise<T>): Promise<T> {
  const before = run.moving;
  const turn = before === undefined ? act() : before.then(act);
  const over = (): void => {
    if (run.moving === moving) run.moving = undefined;
  };
  const moving: Promise<void> = turn.then(over, over);
  run.moving = moving;
  return turn;
}

/** One action on its way to the legs. A leg that answers late does not keep the answer of the others from the operator. */
class PassedOn {
  readonly #run: LegsRun;
  readonly #update: string;
  readonly #action: Action;
  readonly #n: number;
  readonly #asked: LegStatus[];
  readonly #answers: Answered[] = [];
  #isMoved = false;
  /** Once the operator has an answer. */
  #entry: AuditEntry | undefined;

  constructor(run: LegsRun, update: string, action: Action, n: number) {
    this.#run = run;
    this.#update = update;
    this.#action = action;
    this.#n = n;
    this.#asked = legsFor(run, action);
  }

  async answer(): Promise<Accepted> {
    const run = this.#run;
    // No leg begins while the others are being stopped.
    const stopsAll = this.#update === stopNowUpdate.name && this.#action.leg === undefined;
    const goOn = stopsAll ? run.stop.begin() : undefined;
    // A cancelled event still has its answers: its legs say that they are being cancelled.
    await CancellationScope.nonCancellable(async () => {
      for (const leg of this.#asked) void this.#ask(leg);
      const isDone = () => this.#answers.length === this.#asked.length;
      if (await condition(isDone, answersWithinMs)) return;
      await condition(() => isDone() || this.#isAccepted);
    });
    if (!this.#isAccepted) {
      goOn?.();
      refuse(this.#outcome.refused.map(({ leg, why }) => `${leg}: ${why}`).join('; ') || 'no leg runs');
    }
    this.#entry = audit(run, this.#update, this.#action, this.#details);
    return { accepted: true, effect: answerText(this.#outcome), ...this.#others };
  }

  get #isAccepted(): boolean {
    return this.#answers.some(({ answer }) => answer.accepted);
  }

  async #ask(leg: LegStatus): Promise<void> {
    const { leg: _, ...action } = this.#action;
    // The run of a leg moves nothing before it has its plan.
    if (movedBy(this.#update, action) && hasBegunOnly(leg)) await condition(() => !hasBegunOnly(leg), preparedWithinMs);
    const answered = await answerOf(leg, this.#update, action, this.#n);
    this.#answers.push(answered);
    if (answered.answer.accepted) this.#move();
    if (!this.#entry) return;
    this.#entry.details = this.#details;
    changed(this.#run);
  }

  /** Moves the event with the first leg that moves. A leg that began meanwhile has the times of before. */
  #move(): void {
    const moved = this.#action.leg === undefined ? movedBy(this.#update, this.#action) : undefined;
    if (!moved || this.#isMoved) return;
    this.#isMoved = true;
    this.#run.move(moved, { isKept: true });
    const begun = this.#run.legs.filter((leg) => runs(leg) && !this.#asked.includes(leg));
    this.#asked.push(...begun);
    for (const leg of begun) void this.#ask(leg);
  }

  /** What each leg has said, in the order of the plan. */
  get #outcome(): LegsOutcome {
    const said = this.#run.legs.flatMap(({ name }) => this.#answers.filter(({ leg }) => leg === name));
    const names = new Set(said.map(({ leg }) => leg));
    return {
      accepted: said.flatMap(({ leg, answer }) => (answer.accepted ? [{ leg, effect: answer.effect }] : [])),
      refused: said.flatMap(({ leg, answer }) => (answer.accepted ? [] : [{ leg, why: answer.why }])),
      unanswered: this.#asked.map(({ name }) => name).filter((name) => !names.has(name)),
    };
  }

  get #details(): JsonObject {
    const { by: _, reason: __, ...details } = this.#action;
    return { ...details, ...this.#others };
  }

  /** The legs that have not accepted; nothing is said where all have. */
  get #others() {
    const { refused, unanswered } = this.#outcome;
    return { ...(refused.length > 0 && { refused }), ...(unanswered.length > 0 && { unanswered }) };
  }
}
