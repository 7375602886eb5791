import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { type Channel, keyOf } from '../../domain/channel.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Phase } from '../../domain/phases.ts';
import type { PreparedPlan } from '../../domain/plan.ts';
import { withEnded, withWarning } from '../../domain/webhooks/warnings.ts';
import type { WarningName, WebhookType } from '../../domain/webhooks/webhook.ts';
import { phaseEntered } from '../metrics.ts';
import { searchAttributes } from '../search-attributes.ts';
import { Outbox } from '../webhooks/outbox.ts';
import { BudgetWarnings } from './budget-warnings.ts';
import { Interrupts } from './interrupts.ts';
import { newStatus } from './new-status.ts';
import { checkTransition } from './transitions.ts';

/** What the run of an event keeps of it and says of it, whether it has legs or not. */
export abstract class EventRecord {
  readonly status = newStatus(workflowInfo().workflowId, workflowInfo().memo);
  readonly interrupts = new Interrupts();
  readonly budgetWarnings = new BudgetWarnings();
  plan!: PreparedPlan;
  /** Outbound webhooks; absent without subscribers, and then the history has nothing of them. */
  outbox?: Outbox;
  /** How many warnings the status keeps. Default: the most that any does. */
  protected readonly mostWarnings: number | undefined = undefined;
  #bookings = 0;

  /** Brings the Temporal UI up to date, and sends the webhooks that are queued. */
  abstract show(): void;

  /** Takes over the plan, which is checked. */
  adopt(plan: PreparedPlan): void {
    this.plan = plan;
    const { eventId, title, vendor, account, tenant, startsAt, endsAt, hardEndsAt } = plan;
    Object.assign(this.status, { eventId, title, vendor, account, tenant, startsAt, endsAt, hardEndsAt, plan });
    if (plan.notify) this.outbox = new Outbox(this.status, plan.notify);
  }

  /**
   * Enters a phase, which lists show.
   *
   * @param also further search attributes; with the first phase those that lists find the event by
   */
  enter(phase: Phase, also = this.phaseBefore === undefined ? this.foundBy : []): void {
    const { status } = this;
    this.pass(phase);
    upsertSearchAttributes([
      { key: searchAttributes.phase, value: phase },
      ...also,
      ...(phase === 'starting' && status.channel
        ? [{ key: searchAttributes.channel, value: keyOf(status.channel.ref) }]
        : []),
      ...(status.endReason ? [{ key: searchAttributes.endReason, value: status.endReason }] : []),
    ]);
  }

  /** Enters a phase that is over in the same moment: the search attributes show the next one. */
  pass(phase: Phase): void {
    const { status, phaseBefore: previous } = this;
    checkTransition(previous, phase);
    status.phase = phase;
    status.entered[phase] ??= Date.now();
    phaseEntered(status);
    this.enqueue('phase-changed', { ...(previous && { previous }) });
  }

  /** Undefined until it has entered one: the status says `scheduled` before that. */
  protected get phaseBefore(): Phase | undefined {
    return Object.keys(this.status.entered).length === 0 ? undefined : this.status.phase;
  }

  /** The search attributes that lists find the event by. */
  protected get foundBy() {
    const { vendor, account, tenant, startsAt } = this.status;
    return [
      { key: searchAttributes.vendor, value: vendor },
      { key: searchAttributes.account, value: account },
      { key: searchAttributes.startsAt, value: new Date(startsAt) },
      ...(tenant ? [{ key: searchAttributes.tenant, value: tenant }] : []),
    ];
  }

  /** A number for the next change of the booking, so that two never share an activity id. */
  nextBooking(): number {
    this.#bookings += 1;
    return this.#bookings;
  }

  /** Brings up to date what a webhook says of the event. */
  protected refresh(): void {}

  /** Queues a webhook. It is sent at the next `show`, when people see the change too. */
  enqueue(type: WebhookType, data: JsonObject, channel?: Channel): void {
    if (!this.outbox) return;
    this.refresh();
    this.outbox.add(type, data, channel);
  }

  /** Reports something that a person may want to act on. */
  warn(warning: WarningName, message: string, data: JsonObject = {}): void {
    const { status } = this;
    Object.assign(status, withWarning(status, { at: Date.now(), warning, message }, this.mostWarnings));
    this.enqueue('warning', { warning, message, ...data });
  }

  /** Notes that the cause of warnings, or of those of one leg, is over. */
  endWarnings(names: readonly WarningName[], ended: string, leg?: string): void {
    const { status } = this;
    status.warnings = withEnded(status.warnings, names, { endedAt: Date.now(), ended }, leg);
  }
}
