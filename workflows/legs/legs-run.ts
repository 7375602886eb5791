import { patched, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { failingOf, unpreparedText, waitsToStart } from '../../domain/legs/failing.ts';
import { hasEnded, runs } from '../../domain/legs/leg.ts';
import { legReportOf } from '../../domain/legs/leg-report.ts';
import { outcomeOf, phaseOf, unrecordedLegs } from '../../domain/legs/outcome.ts';
import { bestLeg, recordingPieces } from '../../domain/legs/recording.ts';
import { type EndReason, finalPhaseOf, isBeforeStop, wayTo } from '../../domain/phases.ts';
import type { PreparedLeg, PreparedLegs } from '../../domain/plan.ts';
import type { LegStatus } from '../../domain/report.ts';
import { rescheduled } from '../../domain/timeline.ts';
import { type Spent, spentOf } from '../../domain/usage/budget.ts';
import { endData } from '../../domain/webhooks/event-data.ts';
import { endedByRelease, ofLeg } from '../../domain/webhooks/warnings.ts';
import { spentText, warnOfPlanBudget, warnOfTenantBudget } from '../live-event/budget-warnings.ts';
import { detailsOf } from '../live-event/current-details.ts';
import { EventRecord } from '../live-event/event-record.ts';
import { searchAttributes } from '../search-attributes.ts';
import { runLeg } from './leg-run.ts';
import { OnAirChoice } from './on-air-choice.ts';
import { StopOfAll } from './stop-of-all.ts';

/** The run of an event with several legs: what it knows of them, and what it decides. */
export class LegsRun extends EventRecord {
  protected override readonly mostWarnings = 20;
  /** Counts what may change a decision. */
  changes = 0;
  readonly stop = new StopOfAll();
  readonly choice = new OnAirChoice(this);
  /** Cold legs that an operator wants. */
  readonly #wanted = new Map<string, string>();
  /** The moves of the event that are under way. */
  moving?: Promise<void> | undefined;
  /** The end that operators gave the event; a leg on air may have gone on since. */
  #movedTo?: number;
  /** Legs that have had another begun in their place. */
  readonly #replaced = new Set<string>();

  get legs(): LegStatus[] {
    return this.status.legs ?? [];
  }

  get #prepared(): PreparedLegs {
    const { legs } = this.plan;
    if (!legs) throw new Error('the plan has no legs: a bug');
    return legs;
  }

  /** Whether the plan is adopted and no leg may begin yet: the budget of the tenant is asked. */
  get isBooking(): boolean {
    return this.plan !== undefined && this.status.legs === undefined;
  }

  begin(): void {
    this.status.legs = this.#prepared.legs.map(({ name, vendor, account, start }) => ({
      name,
      vendor,
      account,
      start,
    }));
    // Apart from the phase, as recorded histories have it.
    upsertSearchAttributes(this.foundBy);
    this.enter('scheduled', []);
    for (const leg of this.legs) if (leg.start === 'with-event') this.#begin(leg);
  }

  /** Stops the event while it is being booked. */
  stopBooking(detail: string, reason?: 'budget-spent'): void {
    this.interrupts.stopRequested ??= { detail, keepRecording: true, ...(reason && { reason }) };
    this.interrupts.wake();
  }

  /** Why no leg begins any more. */
  whyNoneBegins(now = Date.now()): string | undefined {
    if (this.stop.why !== undefined) return this.stop.why;
    return now < this.#endsAt ? undefined : `the show is over (${this.status.phase})`;
  }

  /** Every leg that has begun has ended, and none will begin. */
  get isOver(): boolean {
    return this.legs.every((leg) => !runs(leg));
  }

  reported(sent: unknown): void {
    const { leg: name, status } = legReportOf(sent) ?? {};
    const leg = this.legs.find((one) => one.name === name);
    if (!leg || !status || hasEnded(leg)) return;
    leg.status = status;
    this.changes += 1;
  }

  /** Moves the event, also for legs that begin later. */
  move({ startsAt, endsAt }: { startsAt?: number; endsAt: number }, { isKept = false } = {}): void {
    const { status } = this;
    if (isKept) this.#movedTo = startsAt === undefined ? Math.max(status.endsAt, endsAt) : endsAt;
    status.endsAt = this.#movedTo ?? endsAt;
    if (startsAt === undefined) return;
    const plan = rescheduled(this.plan, { startsAt, endsAt });
    this.plan = plan;
    Object.assign(status, { startsAt, hardEndsAt: plan.hardEndsAt, plan });
    upsertSearchAttributes([{ key: searchAttributes.startsAt, value: new Date(startsAt) }]);
  }

  /** Sends viewers to a leg: at once when it is ready, else when it is. A leg that is held back begins. */
  switchTo(leg: LegStatus, why: string): void {
    this.choice.switchTo = { leg: leg.name, why };
    if (leg.begunAt === undefined) this.#wanted.set(leg.name, why);
    this.changes += 1;
  }

  /** Takes a switch back that cannot be. */
  noSwitchTo(leg: LegStatus): void {
    this.#wanted.delete(leg.name);
    if (this.choice.switchTo?.leg === leg.name) this.choice.switchTo = undefined;
  }

  /** Decides which legs have failed, begins others in their place, and moves viewers. */
  decide(): void {
    const now = Date.now();
    for (const leg of this.legs) this.#check(leg, now);
    for (const leg of this.legs) {
      const why = this.#wanted.get(leg.name);
      if (why !== undefined && leg.begunAt === undefined && this.whyNoneBegins(now) === undefined)
        this.#begin(leg, why);
    }
    this.choice.decide(now);
    this.#meetBudget(now);
    this.show();
  }

  /** When a leg that is in trouble now counts as failed; undefined while none is. */
  nextDecisionAt(): number | undefined {
    const due = this.legs.flatMap((leg) => {
      const failing = leg.failed ? undefined : this.#failing(leg);
      return failing && failing.at > Date.now() ? [failing.at] : [];
    });
    const { nextAt } = this.#spent(Date.now()) ?? {};
    if (nextAt !== undefined) due.push(nextAt);
    return due.length > 0 ? Math.min(...due) : undefined;
  }

  #spent(now: number): Spent | undefined {
    const { budget } = this.plan;
    const counted = this.legs.flatMap((leg) => {
      const { bills } = this.#planOf(leg);
      return leg.status && bills ? [{ status: leg.status, bills }] : [];
    });
    return budget && spentOf(counted, budget.billedMs, now);
  }

  /** The legs spend the event's budget together. */
  #meetBudget(now: number): void {
    const { budget } = this.plan;
    const spent = this.#spent(now);
    if (!budget || !spent) return;
    warnOfPlanBudget(this, spent, budget);
    if (spent.reached !== 1 || budget.onLimit !== 'stop' || this.whyNoneBegins(now) !== undefined) return;
    this.stop.spent(`the budget is spent: ${spentText(spent, budget)}`);
  }

  /** The budget of the tenant has reached a share: the legs that run end where that is configured. */
  budgetReached(sent: unknown): void {
    const reached = this.plan && warnOfTenantBudget(this, sent);
    if (!reached) return;
    this.changes += 1;
    if (!reached.stops) return;
    if (this.isBooking) this.stopBooking(reached.message, 'budget-spent');
    else if (this.whyNoneBegins() === undefined) this.stop.spent(reached.message);
  }

  #failing(leg: LegStatus) {
    // Before, half of the lead after its allocation it was called late, and a cold leg began.
    if (waitsToStart(leg) && patched('allocated-is-not-late')) return undefined;
    return failingOf(leg, this.#planOf(leg), { startsAt: this.#startOf(leg), darkMs: this.#prepared.darkMs });
  }

  /** A leg that was moved alone may start later than the event. */
  #startOf({ status }: LegStatus): number {
    const { startsAt } = this.status;
    const isLater = status !== undefined && status.startsAt > startsAt;
    return isLater && patched('fails-after-its-own-start') ? status.startsAt : startsAt;
  }

  #planOf(leg: LegStatus): PreparedLeg {
    const plan = this.#prepared.legs.find(({ name }) => name === leg.name);
    if (!plan) throw new Error(`the plan has no leg ${leg.name}: a bug`);
    return plan;
  }

  #check(leg: LegStatus, now: number): void {
    const failing = this.#failing(leg);
    if (!failing || failing.at > now) {
      // After its show the report still says why it did not carry it.
      if (leg.failed && isBeforeStop(leg.status?.phase)) this.#recovered(leg);
      return;
    }
    if (leg.failed) return;
    const { since, reason } = failing;
    leg.failed = { since, reason };
    const message = `${ofLeg(leg.name)}${leg.vendor} / ${leg.account}) has failed: ${reason}`;
    this.status.troubles.push({ at: now, phase: this.status.phase, kind: 'leg-failed', message });
    this.warn('leg-failed', message, { leg: leg.name });
    if (this.#replaced.has(leg.name) || this.whyNoneBegins(now) !== undefined) return;
    this.#replaced.add(leg.name);
    const next = this.legs.find(({ begunAt }) => begunAt === undefined);
    if (next) this.#begin(next, message);
  }

  #recovered(leg: LegStatus): void {
    leg.failed = undefined;
    this.endWarnings(['leg-failed'], 'it is well again', leg.name);
  }

  /** A leg that began after it would have nothing to carry. */
  get #endsAt(): number {
    return Math.max(this.status.endsAt, ...this.legs.map(({ status }) => status?.endsAt ?? 0));
  }

  #begin(leg: LegStatus, why?: string): void {
    leg.begunAt = Date.now();
    if (why !== undefined) leg.begunBecause = why;
    const { startsAt, tenant } = this.status;
    const overrunUntil = this.plan.overrun?.until;
    const times = {
      startsAt,
      endsAt: this.#endsAt,
      ...(overrunUntil !== undefined && { overrunUntil }),
      ...(tenant !== undefined && { tenant }),
    };
    const mayBegin = () => this.whyNoneBegins() === undefined;
    const hasBegun = () => this.#earlierIsOver(leg);
    void runLeg(leg, this.#planOf(leg), times, { mayBegin, hasBegun }).then((end) => {
      leg.endedAt = Date.now();
      if (end.lost === undefined) leg.status = end.report ?? leg.status;
      else leg.lost = end.lost;
      this.changes += 1;
    });
  }

  /** A stop of the leg would reach its own run from now on. */
  #earlierIsOver(leg: LegStatus): void {
    if (leg.earlierSince === undefined) return;
    delete leg.earlierSince;
    if (!leg.failed) return;
    leg.failed = { ...leg.failed, reason: unpreparedText(leg) };
    this.endWarnings(['leg-failed'], 'its run of before is over', leg.name);
  }

  /** Ends the event, whose legs have all ended. */
  end(): void {
    const { status } = this;
    const last = patched('ends-as-the-leg-on-air') ? this.choice.onAir?.leg : undefined;
    const lacking = unrecordedLegs(this.legs, this.#prepared.legs);
    const unrecorded = lacking.length > 0 && patched('legs-count-by-recordings') ? lacking : [];
    const { reason, detail } = outcomeOf(this.legs, this.#prepared.require, last, unrecorded);
    status.endReason = reason === 'stopped-by-operator' && this.stop.budgetSpent ? 'budget-spent' : reason;
    status.endDetail = detail;
    this.choice.end();
    this.endWarnings(endedByRelease, 'every leg has ended');
    this.refresh();
    for (const phase of wayTo(status.phase, finalPhaseOf(status.endReason)).slice(0, -1)) this.enter(phase);
    this.#enterLast(status.endReason);
    this.show();
  }

  /** Ends the event before any leg begins; `also` is for histories that do not say what lists find it by. */
  endUnbegun(also?: []): void {
    this.#enterLast(this.status.endReason ?? 'over-budget', also);
  }

  #enterLast(endReason: EndReason, also?: []): void {
    this.enter(finalPhaseOf(endReason), also);
    this.enqueue('ended', endData(this.status));
  }

  /** Brings the status and the search attributes up to date too. */
  override show(): void {
    if (!this.plan) return;
    this.refresh();
    if (!this.isOver) {
      const target = phaseOf(this.legs, this.status.phase);
      for (const phase of target === this.status.phase ? [] : wayTo(this.status.phase, target)) this.enter(phase);
    }
    setCurrentDetails(detailsOf(this.status));
    this.outbox?.send();
  }

  /** Above its legs the status holds what holds of the leg on air; of a recording, what holds of the best leg. */
  protected override refresh(): void {
    const { status, legs } = this;
    const onAir = legs.find(({ name }) => name === status.legsOnAir?.at(-1)?.leg);
    const ended = this.isOver ? bestLeg(legs) : undefined;
    const shown = ended ?? onAir ?? legs.find((leg) => runs(leg) && !leg.failed && leg.status) ?? legs.find(runs);
    status.released = legs.every((leg) => leg.status?.released ?? leg.earlierSince === undefined);
    if (!shown?.status) return;
    const { encoder, nextCue, missedMs, playback, vendorState, windows, gaps, sessions, stoppedAt } = shown.status;
    const { onAir: seen, viewed, viewersUnknown } = shown.status;
    Object.assign(status, { vendor: shown.vendor, account: shown.account, encoder, missedMs, playback, vendorState });
    Object.assign(status, { windows, gaps, sessions, stoppedAt, onAir: seen, viewed, viewersUnknown, nextCue });
    // A report of a leg may be older than its move.
    status.endsAt = Math.max(this.#movedTo ?? status.endsAt, shown.status.endsAt);
    status.vod = bestLeg(legs)?.status.vod ?? [];
    const pieces = recordingPieces(legs);
    if (pieces.length > 0) status.recording = pieces;
  }
}
