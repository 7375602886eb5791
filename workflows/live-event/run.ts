import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { WhatWasSeen, WithPlayback } from '../../activities/contract.ts';
import { type Channel, type ChannelRef, type EventSpec, keyOf } from '../../domain/channel.ts';
import { withSkewedClocks } from '../../domain/clock-skew.ts';
import { slowStepMs } from '../../domain/conditions/condition.ts';
import type { JsonObject } from '../../domain/json.ts';
import { acceptsEncoder, finalPhaseOf, hasOneStep, type Phase } from '../../domain/phases.ts';
import { type PreparedEvent, type PreparedPlan, specOf } from '../../domain/plan.ts';
import type { EncoderChange } from '../../domain/presence.ts';
import type { EventStatus } from '../../domain/report.ts';
import { formatDuration, formatInstant } from '../../domain/time.ts';
import { type Cues, cuesOf, nextCue, prolonging, type ShowFacts } from '../../domain/timeline.ts';
import { withBilledStates } from '../../domain/usage/billing.ts';
import { endData } from '../../domain/webhooks/event-data.ts';
import { endedByEncoder, withEnded, withWarning } from '../../domain/webhooks/warnings.ts';
import type { WarningName, WebhookType } from '../../domain/webhooks/webhook.ts';
import { gapsOf } from '../../domain/windows.ts';
import { encoderBack, encoderLost, phaseEntered } from '../metrics.ts';
import { searchAttributes } from '../search-attributes.ts';
import { Outbox } from '../webhooks/outbox.ts';
import { BudgetWarnings } from './budget-warnings.ts';
import { detailsOf } from './current-details.ts';
import { EncoderRecord } from './encoder-record.ts';
import { EventReport } from './event-report.ts';
import { Interrupts } from './interrupts.ts';
import { newStatus } from './new-status.ts';
import { checkTransition } from './transitions.ts';

/** One run: its status as people see it, its encoder, and what may interrupt it. */
export class Run {
  readonly status: EventStatus;
  /** An earlier run, or this one before its reset, may have opened the channel. */
  mayJoin = workflowInfo().runId !== workflowInfo().firstExecutionRunId;
  /** This run has made nothing at the vendor; a channel that it may join can be there all the same. */
  madeNothing = true;
  readonly encoder = new EncoderRecord({ joins: this.mayJoin });
  readonly interrupts = new Interrupts();
  plan!: PreparedPlan;
  ref!: ChannelRef;
  /** What moves the cues. */
  facts: ShowFacts = {};
  /** Temporal's time, at least, as a look at the encoder said it; the time of a task may be behind (ADR 0032). */
  knownAt = 0;
  readonly budgetWarnings = new BudgetWarnings();
  #bookings = 0;
  #stepDone?: Phase;
  /** Outbound webhooks; absent without subscribers, and then the history has nothing of them. */
  outbox?: Outbox;
  /** Of a leg's run; other runs report to no run. */
  readonly eventReport: EventReport | undefined;

  constructor() {
    this.status = newStatus(workflowInfo().workflowId, workflowInfo().memo);
    this.status.released = !this.mayJoin;
    this.eventReport = EventReport.ofLeg(this.status);
  }

  begin({ plan, ref, continues = false }: PreparedEvent): void {
    if (continues) {
      this.mayJoin = true;
      this.status.released = false;
    }
    this.plan = plan;
    this.ref = ref;
    const { eventId, title, vendor, account, tenant, startsAt, endsAt, hardEndsAt } = plan;
    Object.assign(this.status, { eventId, title, vendor, account, tenant, startsAt, endsAt, hardEndsAt, plan });
    if (plan.notify) this.outbox = new Outbox(this.status, plan.notify);
  }

  /** Moves the show to other times, before anything is made for it. */
  move(plan: PreparedPlan): void {
    this.plan = plan;
    // An extension of the old show does not apply to the new times.
    this.facts.endsAt = undefined;
    const { startsAt, endsAt, hardEndsAt } = plan;
    Object.assign(this.status, { startsAt, endsAt, hardEndsAt, plan });
    upsertSearchAttributes([{ key: searchAttributes.startsAt, value: new Date(startsAt) }]);
  }

  /** What `allocate` made. @throws Error before that: a bug */
  get channel(): Channel {
    if (!this.status.channel) throw new Error('the run has no channel yet');
    return this.status.channel;
  }

  /** Takes where viewers watch, and what the step saw, out of what it gave, and gives the rest. */
  keepPlayback<T extends WithPlayback & WhatWasSeen>({
    playback,
    billing,
    clocks,
    ...made
  }: T): Omit<T, 'playback' | keyof WhatWasSeen> {
    if (playback) this.status.playback = playback;
    this.keepSeen({ billing, clocks });
    return made;
  }

  /** Adds what the attempts of a step saw. */
  keepSeen(seen: WhatWasSeen | null | undefined): void {
    const { status } = this;
    if (seen?.billing) status.billing = withBilledStates(status.billing ?? [], seen.billing);
    if (seen?.clocks) status.clocks = withSkewedClocks(status.clocks ?? [], seen.clocks);
  }

  get spec(): EventSpec {
    return specOf(this.plan, { workflowId: workflowInfo().workflowId, name: this.ref.name });
  }

  get cues(): Cues {
    return cuesOf(this.plan, this.facts);
  }

  /** A number for the next change of the booking, so that two never share an activity id. */
  nextBooking(): number {
    this.#bookings += 1;
    return this.#bookings;
  }

  /** Enters a phase that is over in the same moment: the search attributes show the next one. */
  pass(phase: Phase): void {
    const { status } = this;
    const previous = Object.keys(status.entered).length === 0 ? undefined : status.phase;
    checkTransition(previous, phase);
    if (previous && previous !== this.#stepDone) this.#noteIfSlow(previous);
    status.phase = phase;
    status.entered[phase] ??= Date.now();
    phaseEntered(status);
    this.enqueue('phase-changed', { ...(previous && { previous }) });
    if (status.endReason && phase === finalPhaseOf(status.endReason)) this.enqueue('ended', endData(status));
    this.show();
  }

  /** Enters a phase. Only here do the status, the search attributes and the Temporal UI's details move on. */
  enter(phase: Phase): void {
    const { status } = this;
    const isFirst = Object.keys(status.entered).length === 0;
    this.pass(phase);
    const keys = searchAttributes;
    upsertSearchAttributes([
      { key: keys.phase, value: phase },
      ...(isFirst
        ? [
            { key: keys.vendor, value: status.vendor },
            { key: keys.account, value: status.account },
            { key: keys.startsAt, value: new Date(status.startsAt) },
            ...(status.tenant ? [{ key: keys.tenant, value: status.tenant }] : []),
          ]
        : []),
      ...(phase === 'starting' && status.channel ? [{ key: keys.channel, value: keyOf(status.channel.ref) }] : []),
      ...(status.endReason ? [{ key: keys.endReason, value: status.endReason }] : []),
    ]);
  }

  /** The vendor's step of this phase is over, and the phase goes on until its cue. */
  stepDone(): void {
    const { phase } = this.status;
    this.#noteIfSlow(phase);
    this.#stepDone = phase;
  }

  /** A phase with one step of the vendor's took long, and is over. */
  #noteIfSlow(phase: Phase): void {
    const { status } = this;
    const since = status.entered[phase];
    if (since === undefined || !hasOneStep(phase)) return;
    const took = formatDuration(Math.round((Date.now() - since) / 1000) * 1000);
    this.noteBelatedly('step-slow', since + slowStepMs, `${phase} took ${took}`);
    this.endWarnings(['step-slow'], 'the step succeeded, or was given up');
  }

  /** Brings the Temporal UI up to date, and sends the webhooks that are queued. */
  show(): void {
    // An operator may act while the plan is still being checked.
    if (!this.plan) return;
    this.#refresh();
    setCurrentDetails(detailsOf(this.status));
    this.outbox?.send();
    this.eventReport?.send();
  }

  #refresh(): void {
    const { status, plan, facts } = this;
    const now = Date.now();
    status.nextCue = nextCue(plan, facts, status.phase, now);
    status.endsAt = this.cues.endAt;
    const windows = facts.stoppedAt === undefined ? this.encoder.windows(now) : undefined;
    if (!windows) return;
    status.windows = windows;
    status.gaps = gapsOf(windows);
  }

  /** Queues a webhook. It is sent at the next `show`, when people see the change too. */
  enqueue(type: WebhookType, data: JsonObject, channel?: Channel): void {
    if (!this.outbox) return;
    this.#refresh();
    this.outbox.add(type, data, channel);
  }

  /** Reports something that a person may want to act on. */
  warn(warning: WarningName, message: string, data: JsonObject = {}): void {
    const { status } = this;
    Object.assign(status, withWarning(status, { at: Date.now(), warning, message }));
    this.enqueue('warning', { warning, message, ...data });
  }

  /** Notes that the cause of warnings is over. */
  endWarnings(names: readonly WarningName[], ended: string): void {
    const { status } = this;
    status.warnings = withEnded(status.warnings, names, { endedAt: Date.now(), ended });
  }

  /** Adds what would have been a warning, had a timer watched for it: a run without subscribers has none. */
  noteBelatedly(warning: WarningName, at: number, message: string): void {
    const { status } = this;
    if (Date.now() < at || status.warnings?.some((one) => one.warning === warning && one.at >= at)) return;
    Object.assign(status, withWarning(status, { at, warning, message }));
  }

  /** Reports a step that failed for good. */
  trouble(kind: string, message: string): void {
    this.status.troubles.push({ at: Date.now(), phase: this.status.phase, kind, message });
    this.warn('step-failed', message, { kind });
  }

  /** Adds a confirmed change of the encoder. */
  encoderChanged(change: EncoderChange): void {
    const { status, facts } = this;
    const { kind, at, vendorState } = change;
    this.encoder.add(change);
    const isGone = kind === 'lost';
    const previous = status.encoder;
    if (isGone) encoderLost(status);
    else if (facts.lostAt !== undefined) encoderBack(status, at - facts.lostAt);
    facts.firstConnectedAt ??= isGone ? undefined : at;
    facts.lostAt = isGone ? at : undefined;
    facts.unseen = undefined;
    status.encoder = isGone ? 'lost' : kind === 'starved' ? 'starved' : 'connected';
    status.vendorState = vendorState;
    if (change.evidence) status.evidence = change.evidence;
    if (!isGone) this.endWarnings(endedByEncoder, `the encoder connected at ${formatInstant(at)}`);
    this.enqueue('encoder-changed', {
      change: kind,
      previous,
      changedAt: formatInstant(at),
      ...(vendorState !== undefined && { vendorState }),
    });
    if (!isGone) return;
    const until = formatInstant(this.cues.lostUntil ?? this.cues.endAt);
    const message = `the encoder was lost at ${formatInstant(at)}; if it does not come back, the show ends at ${until}`;
    this.warn('encoder-lost', message, { endsAtUnlessBack: until });
  }

  /** Reports that the end was moved, because the encoder still sends or by an operator. */
  prolonged(byOverrun: boolean): void {
    const { endAt, last, by } = prolonging(this.plan, this.facts, byOverrun);
    const end = formatInstant(endAt);
    const isFirstTime = !this.status.warnings?.some(({ warning }) => warning === 'prolonged');
    if (endAt >= last) this.warn('last-end', `the show ends at ${end} and cannot be prolonged further (${by})`);
    else if (byOverrun && isFirstTime) {
      this.warn('prolonged', `the encoder still sends: the show goes on in steps, now until ${end}`, {
        until: formatInstant(last),
      });
    }
  }

  /** Looks at the encoder at once. `sent` came with the signal: unchecked, because any Temporal client may send it. */
  recheck(sent?: unknown): void {
    if (sent !== undefined && sent !== null) {
      const { kept, isDue } = this.encoder.keep(sent);
      if (kept.length > 0) this.status.hints = kept;
      if (!isDue) return;
    }
    if (acceptsEncoder(this.status.phase) && this.encoder.mayRecheck()) this.interrupts.wake();
  }
}
