import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { type Channel, type ChannelRef, type EventSpec, keyOf, type Output } from '../../domain/channel.ts';
import { eventIdOf } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/json.ts';
import { acceptsEncoder, type EndReason, finalPhaseOf, type Phase } from '../../domain/phases.ts';
import { type PreparedEvent, type PreparedPlan, specOf } from '../../domain/plan.ts';
import { type EncoderChange, nobodyThere, type Presence, presenceAfter } from '../../domain/presence.ts';
import type { EventStatus } from '../../domain/report.ts';
import { formatDuration, formatInstant } from '../../domain/time.ts';
import { type Cues, cuesOf, type Facts, nextCue, prolonging } from '../../domain/timeline.ts';
import { callsForRecheck, readVendorEvents, VendorEventLog } from '../../domain/vendor-events/vendor-event.ts';
import { endData } from '../../domain/webhooks/event-data.ts';
import type { WarningName, WebhookType } from '../../domain/webhooks/webhook.ts';
import { afterChange, gapsOf, nothingSeen, type Seen, windowsOf } from '../../domain/windows.ts';
import { encoderBack, encoderLost, phaseEntered } from '../metrics.ts';
import { searchAttributes } from '../search-attributes.ts';
import { Outbox } from '../webhooks/outbox.ts';
import { detailsOf } from './current-details.ts';
import { warnIfSlow } from './slow-step.ts';
import { checkTransition } from './transitions.ts';

/** Ends the show: thrown by a phase, or by an operator's stop, and caught once. */
export class ShowOver extends Error {
  readonly reason: EndReason;
  constructor(reason: EndReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

const oneMinuteMs = 60_000;
/** Each recheck costs history, and any holder of a token may send many vendor events. */
const maxRechecks = 500;

const mostWarnings = 20;

/** An attempt under way may fail by itself after it was cancelled; it is not tried again, and that is the cancellation. */
const isCancelled = (error: unknown): boolean =>
  isCancellation(error) || (error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED');

/** The phase in which a run that ends so ends. */
const finalPhase = ({ endReason }: EventStatus): Phase | undefined => endReason && finalPhaseOf(endReason);

/** What `interruptible` answers when an operator's action overtook the work. */
export const woken = Symbol('woken');

/** The state of one run: what people may see (`status`), and what the phases hand on. */
export class Run {
  readonly status: EventStatus;
  plan!: PreparedPlan;
  ref!: ChannelRef;
  channel?: Channel;
  output?: Output;
  /** Set by an operator; the phases look at them. */
  stopRequested?: { detail: string; keepRecording: boolean };
  skipWait = false;
  /** That the encoder is missing was told. */
  encoderMissed = false;
  /** Set by an operator who deletes by hand what the clean-up cannot. */
  cleanupAbandoned = false;
  /** When the channel began to accept encoders: no picture can be older. */
  openedAt?: number;
  /** What moves the cues. */
  facts: Facts = {};
  presence: Presence = nobodyThere;
  /** Outbound webhooks; absent without subscribers, and then the history has nothing of them. */
  outbox?: Outbox;
  #seen: Seen = nothingSeen;
  #watches = 0;
  #changes = 0;
  #changedAt = 0;
  #rechecks = 0;
  readonly #vendorEvents = new VendorEventLog();
  #wakes = 0;
  readonly #underway = new Set<CancellationScope>();
  readonly #resets = new Map<CancellationScope, Promise<void>>();

  constructor() {
    const { workflowId } = workflowInfo();
    const eventId = eventIdOf(workflowId) ?? workflowId;
    this.status = {
      eventId,
      title: eventId,
      vendor: '',
      account: '',
      phase: 'scheduled',
      encoder: 'waiting',
      startsAt: 0,
      endsAt: 0,
      hardEndsAt: 0,
      entered: {},
      windows: [],
      gaps: [],
      sessions: [],
      vod: [],
      audit: [],
      troubles: [],
      released: true,
    };
  }

  begin({ plan, ref }: PreparedEvent): void {
    this.plan = plan;
    this.ref = ref;
    const { eventId, title, vendor, account, tenant, startsAt, endsAt, hardEndsAt } = plan;
    Object.assign(this.status, { eventId, title, vendor, account, tenant, startsAt, endsAt, hardEndsAt, plan });
    if (plan.notify) this.outbox = new Outbox(this.status, plan.notify);
  }

  /** The show at other times, before anything is made for it. */
  move(plan: PreparedPlan): void {
    this.plan = plan;
    // An extension of the old show says nothing of the new one.
    this.facts.endsAt = undefined;
    const { startsAt, endsAt, hardEndsAt } = plan;
    Object.assign(this.status, { startsAt, endsAt, hardEndsAt, plan });
    upsertSearchAttributes([{ key: searchAttributes.startsAt, value: new Date(startsAt) }]);
  }

  get spec(): EventSpec {
    return specOf(this.plan, workflowInfo().workflowId);
  }

  get cues(): Cues {
    return cuesOf(this.plan, this.facts);
  }

  /** Enters a phase: the one place where status, search attributes and the Temporal UI's details move on. */
  enter(phase: Phase): void {
    const { status } = this;
    const first = Object.keys(status.entered).length === 0;
    const previous = first ? undefined : status.phase;
    checkTransition(previous, phase);
    status.phase = phase;
    status.entered[phase] ??= Date.now();
    phaseEntered(status);
    this.enqueue('phase-changed', { ...(previous && { previous }) });
    if (phase === finalPhase(status)) this.enqueue('ended', endData(status));
    this.show();
    const keys = searchAttributes;
    upsertSearchAttributes([
      { key: keys.phase, value: phase },
      ...(first
        ? [
            { key: keys.vendor, value: status.vendor },
            { key: keys.account, value: status.account },
            { key: keys.startsAt, value: new Date(status.startsAt) },
            ...(status.tenant ? [{ key: keys.tenant, value: status.tenant }] : []),
          ]
        : []),
      ...(phase === 'starting' && this.channel ? [{ key: keys.channel, value: keyOf(this.channel.ref) }] : []),
      ...(status.endReason ? [{ key: keys.endReason, value: status.endReason }] : []),
    ]);
  }

  /** Brings what people see up to date with what the run knows. */
  show(): void {
    // An operator may act while the plan is still being checked.
    if (!this.plan) return;
    this.#refresh();
    setCurrentDetails(detailsOf(this.status));
    this.outbox?.send();
  }

  #refresh(): void {
    const { status, plan, facts } = this;
    const now = Date.now();
    status.nextCue = nextCue(plan, facts, status.phase, now);
    status.endsAt = this.cues.endAt;
    if (this.openedAt !== undefined && facts.stoppedAt === undefined) {
      status.windows = windowsOf(this.#seen, { from: this.openedAt, to: now });
      status.gaps = gapsOf(status.windows);
    }
  }

  /** Queues a webhook. It is sent at the next `show`, when people see the change too. */
  enqueue(type: WebhookType, data: JsonObject, channel?: Channel): void {
    if (!this.outbox) return;
    this.#refresh();
    this.outbox.add(type, data, channel);
  }

  /** Something that a person may want to act on. */
  warn(warning: WarningName, message: string, data: JsonObject = {}): void {
    const { status } = this;
    status.warnings = [...(status.warnings ?? []), { at: Date.now(), warning, message }].slice(-mostWarnings);
    this.enqueue('warning', { warning, message, ...data });
  }

  /** Runs a step; where somebody is told, also that it takes long. */
  warnIfSlow<T>(step: string, work: () => Promise<T>): Promise<T> {
    const { outbox } = this;
    // Without another promise in between: the order of commands hangs on it.
    if (!outbox) return work();
    const warn = (tookMs: number) => {
      const message = `${step} has been tried for ${formatDuration(tookMs)}: the pending steps say why it does not succeed`;
      this.warn('step-slow', message, { step, tookMs });
      this.show();
    };
    return warnIfSlow({ afterMs: outbox.slowStepMs, step, warn }, work);
  }

  /** Takes in a confirmed change of the encoder. */
  encoderChanged(change: EncoderChange): void {
    const { status, facts } = this;
    this.#changes += 1;
    this.#changedAt = Date.now();
    this.presence = presenceAfter(this.presence, change);
    this.#seen = afterChange(this.#seen, change);
    const gone = change.kind === 'lost';
    const previous = status.encoder;
    if (gone) encoderLost(status);
    else if (facts.lostAt !== undefined) encoderBack(status, change.at - facts.lostAt);
    facts.firstConnectedAt ??= gone ? undefined : change.at;
    facts.lostAt = gone ? change.at : undefined;
    status.encoder = gone ? 'lost' : change.kind === 'starved' ? 'starved' : 'connected';
    status.vendorState = change.vendorState;
    if (change.evidence) status.evidence = change.evidence;
    const { kind, at, vendorState } = change;
    this.enqueue('encoder-changed', {
      change: kind,
      previous,
      changedAt: formatInstant(at),
      ...(vendorState !== undefined && { vendorState }),
    });
    if (gone) this.#warnOfLoss(at);
  }

  #warnOfLoss(at: number): void {
    const { lostUntil, endAt } = this.cues;
    const until = formatInstant(lostUntil ?? endAt);
    const message = `the encoder was lost at ${formatInstant(at)}; if it does not come back, the show ends at ${until}`;
    this.warn('encoder-lost', message, { endsAtUnlessBack: until });
  }

  /** The end was moved, by the encoder that still sends or by an operator. */
  prolonged(byOverrun: boolean): void {
    const { endAt, last, by } = prolonging(this.plan, this.facts, byOverrun);
    const end = formatInstant(endAt);
    const firstTime = !this.status.warnings?.some(({ warning }) => warning === 'prolonged');
    if (endAt >= last) this.warn('last-end', `the show ends at ${end} and cannot go on any longer (${by})`);
    else if (byOverrun && firstTime) {
      this.warn('prolonged', `the encoder still sends: the show goes on in steps, now until ${end}`, {
        until: formatInstant(last),
      });
    }
  }

  /** A number for the next look, so that two looks never share an activity id. */
  nextWatch(): number {
    this.#watches += 1;
    return this.#watches;
  }

  /** Before this instant no change is reported, because the encoder came and went too often already. */
  quietUntil(): number | undefined {
    const quietMs = this.#changes < 100 ? 0 : this.#changes < 1000 ? oneMinuteMs : 5 * oneMinuteMs;
    return quietMs === 0 ? undefined : this.#changedAt + quietMs;
  }

  trouble(kind: string, message: string): void {
    this.status.troubles.push({ at: Date.now(), phase: this.status.phase, kind, message });
    this.warn('step-failed', message, { kind });
  }

  /** Cancels the work under way, so that its phase sees what an operator or a vendor event changed. */
  wake(): void {
    this.#wakes += 1;
    for (const scope of this.#underway) scope.cancel();
  }

  /**
   * Looks at the encoder at once, unless the encoder changes so often that the next look must do. `sent` is what came
   * with the signal: unchecked, because any Temporal client may send it.
   */
  recheck(sent?: unknown): void {
    if (sent !== undefined && sent !== null && !this.#keepVendorEvents(sent)) return;
    const quiet = Date.now() < (this.quietUntil() ?? 0);
    if (!acceptsEncoder(this.status.phase) || quiet || this.tooManyRechecks) return;
    this.#rechecks += 1;
    this.wake();
  }

  /** Keeps new vendor events as evidence; true when one of them calls for a recheck. */
  #keepVendorEvents(sent: unknown): boolean {
    const now = Date.now();
    const fresh = this.#vendorEvents.add(readVendorEvents(sent, now));
    if (fresh.length > 0) this.status.hints = this.#vendorEvents.kept;
    return fresh.some((event) => callsForRecheck(event, now));
  }

  /** True after so many rechecks that signals no longer make the run look. */
  get tooManyRechecks(): boolean {
    return this.#rechecks >= maxRechecks;
  }

  /** Runs work that `wake` may overtake. */
  async interruptible<T>(work: () => Promise<T>): Promise<T | typeof woken> {
    const before = this.#wakes;
    const scope = new CancellationScope();
    this.#underway.add(scope);
    try {
      return await scope.run(work);
    } catch (error) {
      if (!isCancelled(error)) throw error;
      const cancelledFromOutside = CancellationScope.current().consideredCancelled;
      if (this.#wakes !== before && !cancelledFromOutside) return woken;
      throw isCancellation(error) ? error : new CancelledFailure('cancelled while an attempt was under way');
    } finally {
      this.#underway.delete(scope);
    }
  }

  /** Runs work again whenever it was overtaken; `before` each time, so that a stop can end it. */
  async untilDone<T>(work: () => Promise<T>, before: () => void = () => this.heedStop()): Promise<T> {
    for (;;) {
      before();
      const result = await this.interruptible(work);
      if (result !== woken) return result;
    }
  }

  /** Runs a reset of the connection; it accepts encoders again at its end, so it must not outlast the show. */
  async resetting(work: () => Promise<void>): Promise<void> {
    const scope = new CancellationScope();
    const reset = scope.run(work);
    this.#resets.set(scope, reset);
    try {
      await reset;
    } finally {
      this.#resets.delete(scope);
    }
  }

  get isResetting(): boolean {
    return this.#resets.size > 0;
  }

  /** Waits for the attempts under way, and lets no other begin. */
  async endResets(): Promise<void> {
    const resets = [...this.#resets];
    for (const [scope] of resets) scope.cancel();
    await Promise.allSettled(resets.map(([, reset]) => reset));
  }

  heedStop(): void {
    if (this.stopRequested) throw new ShowOver('stopped-by-operator', this.stopRequested.detail);
  }
}
