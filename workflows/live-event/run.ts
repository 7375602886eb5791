import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { WhatWasSeen, WithPlayback } from '../../activities/contract.ts';
import type { Channel, ChannelRef, EventSpec } from '../../domain/channel.ts';
import { withSkewedClocks } from '../../domain/clock-skew.ts';
import { slowStepMs } from '../../domain/conditions/condition.ts';
import { acceptsEncoder, finalPhaseOf, hasOneStep, type Phase } from '../../domain/phases.ts';
import { type PreparedEvent, type PreparedPlan, specOf } from '../../domain/plan.ts';
import type { EncoderChange } from '../../domain/presence.ts';
import { formatDuration, formatInstant } from '../../domain/time.ts';
import { type Cues, cuesOf, nextCue, prolonging, type ShowFacts } from '../../domain/timeline.ts';
import { withBilledStates } from '../../domain/usage/billing.ts';
import { endData } from '../../domain/webhooks/event-data.ts';
import { endedByEncoder, withWarning } from '../../domain/webhooks/warnings.ts';
import type { WarningName } from '../../domain/webhooks/webhook.ts';
import { gapsOf } from '../../domain/windows.ts';
import { encoderBack, encoderLost } from '../metrics.ts';
import { searchAttributes } from '../search-attributes.ts';
import { detailsOf } from './current-details.ts';
import { EncoderRecord } from './encoder-record.ts';
import { EventRecord } from './event-record.ts';
import { EventReport } from './event-report.ts';

/** One run: its status as people see it, its encoder, and what may interrupt it. */
export class Run extends EventRecord {
  /** An earlier run, or this one before its reset, may have opened the channel. */
  mayJoin = workflowInfo().runId !== workflowInfo().firstExecutionRunId;
  /** This run has made nothing at the vendor; a channel that it may join can be there all the same. */
  madeNothing = true;
  readonly encoder = new EncoderRecord({ joins: this.mayJoin });
  ref!: ChannelRef;
  /** What moves the cues. */
  facts: ShowFacts = {};
  /** Temporal's time, at least, as a look at the encoder said it; the time of a task may be behind (ADR 0032). */
  knownAt = 0;
  #stepDone?: Phase;
  /** Of a leg's run; other runs report to no run. */
  readonly eventReport: EventReport | undefined;

  constructor() {
    super();
    this.status.released = !this.mayJoin;
    this.eventReport = EventReport.ofLeg(this.status);
  }

  begin({ plan, ref, continues = false }: PreparedEvent): void {
    if (continues) {
      this.mayJoin = true;
      this.status.released = false;
    }
    this.ref = ref;
    this.adopt(plan);
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

  /** The vendor's step of a phase may have taken long, and a phase that ends the run is reported as its end. */
  override pass(phase: Phase): void {
    const { status, phaseBefore: previous } = this;
    if (previous && previous !== this.#stepDone) this.#noteIfSlow(previous);
    super.pass(phase);
    if (status.endReason && phase === finalPhaseOf(status.endReason)) this.enqueue('ended', endData(status));
    this.show();
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

  override show(): void {
    // An operator may act while the plan is still being checked.
    if (!this.plan) return;
    this.refresh();
    setCurrentDetails(detailsOf(this.status));
    this.outbox?.send();
    this.eventReport?.send();
  }

  protected override refresh(): void {
    const { status, plan, facts } = this;
    const now = Date.now();
    status.nextCue = nextCue(plan, facts, status, now);
    status.endsAt = this.cues.endAt;
    const windows = status.stoppedAt === undefined ? this.encoder.windows(now) : undefined;
    if (!windows) return;
    status.windows = windows;
    status.gaps = gapsOf(windows);
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

  /** Looks at the encoder at once. Both came with the signal: unchecked, because any Temporal client may send it. */
  recheck(sent?: unknown, droppedBefore?: unknown): void {
    if (sent !== undefined && sent !== null) {
      const { kept, dropped, isDue } = this.encoder.keep(sent, droppedBefore);
      if (kept.length > 0) this.status.hints = kept;
      if (dropped > 0) this.status.vendorEventsDropped = dropped;
      if (!isDue) return;
    }
    if (acceptsEncoder(this.status.phase) && this.encoder.mayRecheck()) this.interrupts.wake();
  }
}
