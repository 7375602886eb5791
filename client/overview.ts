import { type AccountSeen, accountStaleMs, type Condition, conditionsOf } from '../domain/conditions/condition.ts';
import type { PendingStep } from '../domain/conditions/pending-step.ts';
import { legKeyOf } from '../domain/ids.ts';
import { inParallel } from '../domain/in-parallel.ts';
import { messageOf } from '../domain/message-of.ts';
import { acceptsEncoder, hasOneStep, isClosingDown, isOver, type Phase } from '../domain/phases.ts';
import type { EventStatus } from '../domain/report.ts';
import type { ShowcallerClient } from './client.ts';
import { NoWorkerError } from './errors.ts';
import type { EventSummary } from './listing.ts';
import type { WorkerSeen } from './workers.ts';

/** An event as it was last seen, and what is wrong with it. */
export interface ViewedEvent {
  summary: EventSummary;
  /** Absent while its run never answered. */
  status?: EventStatus;
  conditions: Condition[];
}

/** Whether anything looks at the events, and when it last did. Epoch milliseconds. */
export interface SystemSeen {
  workers: WorkerSeen[];
  /** When a run last answered through a worker; absent where none was asked. */
  answeredAt?: number;
  /** Since when no worker answers, and in which words; absent while one does. */
  unanswered?: { since: number; reason: string };
  /** The accounts of the events that accept an encoder. */
  accounts: (AccountSeen & { isStale: boolean })[];
}

export interface View {
  events: ViewedEvent[];
  system: SystemSeen;
}

interface Known {
  summary: string;
  /** Epoch milliseconds. */
  at: number;
  status: EventStatus;
}

const queriesAtOnce = 8;
const scheduledStaleMs = 30_000;
/**
 * A run that has been in its phase for a while, and whose next cue is still to come, is asked so often, a part of them at each
 * look: its phase is in the list anyway, and a question costs Temporal and a worker more than all else of a look.
 */
const settledStaleMs = 8_000;
const settlesInMs = 60_000;
const settledShare = 8;
/** At least so many are asked at each look: that no worker answers is seen at once. */
const leastAsked = 2;
/** A run that did not answer is asked again after this. */
const unresponsiveForMs = 2_000;
/** Runs that do not answer must not keep a look from its end. */
const usualBudgetMs = 10_000;
/** A run that is alive answers within milliseconds. */
const longestAnswerMs = 4_000;
/** Steps are asked for at most so often. */
const stepsFreshForMs = 2_000;
const systemFreshForMs = 1_500;
/** A run in such a phase waits for a step; in the others the poller says whether the encoder is seen. */
const waitsForStep = (phase: Phase | undefined): boolean => hasOneStep(phase) || isClosingDown(phase);

export const identityOf = ({ eventId, tenant }: Pick<EventSummary, 'eventId' | 'tenant'>): string =>
  JSON.stringify([tenant, eventId]);

/**
 * Events as they were last seen. Asks a run only when its status may have changed, and keeps what it said with its instant:
 * a run that does not answer is shown as stale, never as it was.
 */
export class Overview {
  readonly #client: ShowcallerClient;
  readonly #answerMs: number;
  readonly #budgetMs: number;
  readonly #known = new Map<string, Known>();
  readonly #steps = new Map<string, { at: number; steps: PendingStep[] }>();
  /** Runs that did not answer: until when they are not asked again, epoch milliseconds, and why. */
  readonly #unresponsive = new Map<string, { until: number; reason: string }>();
  #system: { at: number; workers: WorkerSeen[]; accounts: AccountSeen[] } | undefined;
  #answeredAt: number | undefined;
  #unanswered: SystemSeen['unanswered'];

  constructor(client: ShowcallerClient, answerMs: number, budgetMs = usualBudgetMs) {
    this.#client = client;
    this.#budgetMs = budgetMs;
    this.#answerMs = Math.min(answerMs, longestAnswerMs);
  }

  /** @param summaries all that are shown: what is known of others is forgotten */
  async look(summaries: readonly EventSummary[]): Promise<View> {
    this.#forgetAllBut(new Set(summaries.map(identityOf)));
    const stale = summaries.filter((summary) => this.#isStale(summary));
    await this.#query([...stale, ...this.#itsTurn(summaries, stale)]);
    const { workers, accounts } = await this.#lookAtSystem(summaries);
    await this.#askSteps(summaries.filter(({ workflowStatus }) => workflowStatus === 'RUNNING'));
    const now = Date.now();
    const of = (summary: EventSummary): ViewedEvent => {
      const identity = identityOf(summary);
      const known = this.#known.get(identity);
      const reason = this.#unresponsive.get(identity)?.reason;
      const seen = {
        ...(known && { status: known.status, seenAt: known.at }),
        ...(reason !== undefined && { unanswered: reason }),
        steps: this.#steps.get(identity)?.steps ?? [],
        accounts,
      };
      return { summary, ...(known && { status: known.status }), conditions: conditionsOf(seen, now) };
    };
    return {
      events: summaries.map(of),
      system: {
        workers,
        ...(this.#answeredAt !== undefined && { answeredAt: this.#answeredAt }),
        ...(this.#unanswered && { unanswered: this.#unanswered }),
        accounts: accounts.map((one) => ({
          ...one,
          isStale: one.failing !== undefined || now - (one.seenAt ?? 0) >= accountStaleMs,
        })),
      },
    };
  }

  #forgetAllBut(shown: ReadonlySet<string>): void {
    for (const kept of [this.#known, this.#steps, this.#unresponsive])
      for (const identity of kept.keys()) if (!shown.has(identity)) kept.delete(identity);
  }

  #isStale(summary: EventSummary): boolean {
    const identity = identityOf(summary);
    if (this.#isUnresponsive(summary)) return false;
    const known = this.#known.get(identity);
    if (!known || known.summary !== JSON.stringify(summary) || this.#unresponsive.has(identity)) return true;
    if (summary.workflowStatus !== 'RUNNING' || isOver(summary.phase)) return false;
    if (summary.phase === 'scheduled') return Date.now() - known.at > scheduledStaleMs;
    const answers = this.#unanswered === undefined;
    return !answers || !isSettled(known.status) || Date.now() - known.at >= settledStaleMs;
  }

  /** Of the settled runs those that were asked longest ago. */
  #itsTurn(summaries: readonly EventSummary[], stale: readonly EventSummary[]): EventSummary[] {
    const askedAt = (summary: EventSummary) => this.#known.get(identityOf(summary))?.at ?? 0;
    const settled = summaries.filter((summary) => {
      const status = this.#known.get(identityOf(summary))?.status;
      const runs = summary.workflowStatus === 'RUNNING' && summary.phase !== 'scheduled';
      return runs && status && isSettled(status) && !this.#isUnresponsive(summary);
    });
    const isAsked = new Set(stale);
    const others = settled.filter((summary) => !isAsked.has(summary)).sort((a, b) => askedAt(a) - askedAt(b));
    const share = Math.ceil(settled.length / settledShare) - (settled.length - others.length);
    return others.slice(0, Math.max(0, share, leastAsked - stale.length));
  }

  #isUnresponsive(summary: EventSummary): boolean {
    return (this.#unresponsive.get(identityOf(summary))?.until ?? 0) > Date.now();
  }

  /** When two runs did not answer and none did, no worker is there: the others are not asked in vain. */
  async #query(stale: readonly EventSummary[]): Promise<void> {
    const until = Date.now() + this.#budgetMs;
    let [answered, unanswered] = [0, 0];
    await inParallel(stale, queriesAtOnce, async (summary) => {
      const { key, workflowStatus } = summary;
      const identity = identityOf(summary);
      const inVain = answered === 0 && unanswered >= 2;
      if (inVain || Date.now() > until) {
        const reason = inVain ? 'no worker answers' : 'it was not asked, because other runs do not answer';
        this.#unresponsive.set(identity, { until: 0, reason });
        return;
      }
      try {
        const status = await this.#client.within(this.#answerMs, () =>
          this.#client.status(key, undefined, this.#answerMs),
        );
        this.#known.set(identity, { summary: JSON.stringify(summary), at: Date.now(), status });
        this.#unresponsive.delete(identity);
        if (workflowStatus !== 'RUNNING') return;
        answered += 1;
        this.#answeredAt = Date.now();
      } catch (error) {
        const reason = error instanceof NoWorkerError ? error.why : messageOf(error);
        if (error instanceof NoWorkerError && error.isOfAllRuns) unanswered += 1;
        this.#unresponsive.set(identity, { until: Date.now() + unresponsiveForMs, reason });
      }
    });
    if (answered > 0) this.#unanswered = undefined;
    else if (unanswered > 0)
      this.#unanswered ??= { since: this.#answeredAt ?? Date.now(), reason: 'no worker answers for any run' };
  }

  async #askSteps(summaries: readonly EventSummary[]): Promise<void> {
    const waiting = summaries.filter((summary) => this.#runsWithSteps(summary).length > 0);
    const asked = new Set(waiting.map(identityOf));
    for (const identity of this.#steps.keys()) if (!asked.has(identity)) this.#steps.delete(identity);
    await inParallel(waiting, queriesAtOnce, async (summary) => {
      const identity = identityOf(summary);
      if (Date.now() - (this.#steps.get(identity)?.at ?? 0) < stepsFreshForMs) return;
      try {
        this.#steps.set(identity, { at: Date.now(), steps: await this.#stepsOf(summary) });
      } catch {
        // What was known of its steps may be over; that the run does not answer is shown by itself.
        this.#steps.delete(identity);
      }
    });
  }

  async #stepsOf(summary: EventSummary): Promise<PendingStep[]> {
    const ofRun = async ({ key, leg }: { key: string; leg?: string }) => {
      const steps = await this.#client.within(this.#answerMs, () => this.#client.pending(key));
      return leg === undefined ? steps : steps.map((step) => ({ ...step, leg }));
    };
    return (await Promise.all(this.#runsWithSteps(summary).map(ofRun))).flat();
  }

  /** The runs of an event that wait for a step: its own, or those of its legs. */
  #runsWithSteps(summary: EventSummary): { key: string; leg?: string }[] {
    const { key } = summary;
    const known = this.#known.get(identityOf(summary))?.status;
    const legs = known?.legs;
    if (!legs) return this.#waitsForAStep(known ?? summary) ? [{ key }] : [];
    return legs
      .filter(({ status }) => status && this.#waitsForAStep(status))
      .map(({ name }) => ({ key: legKeyOf(key, name), leg: name }));
  }

  /** A run in the other phases waits for its encoder: where a poller follows the account, that says when it was seen. */
  #waitsForAStep({ vendor, account, phase }: Pick<EventSummary, 'vendor' | 'account' | 'phase'>): boolean {
    const isFollowed = this.#system?.accounts.some(
      (one) => one.vendor === vendor && one.account === account && one.heardAt !== undefined,
    );
    return waitsForStep(phase) || (acceptsEncoder(phase) && !isFollowed);
  }

  async #lookAtSystem(summaries: readonly EventSummary[]) {
    if (this.#system && Date.now() - this.#system.at < systemFreshForMs) return this.#system;
    const names = new Map<string, { vendor: string; account: string }>();
    for (const summary of summaries) {
      const status = this.#known.get(identityOf(summary))?.status;
      for (const { vendor, account, phase } of status?.legs?.flatMap((leg) => leg.status ?? []) ?? [status ?? summary])
        if (vendor && account && summary.workflowStatus === 'RUNNING' && acceptsEncoder(phase))
          names.set(`${vendor}/${account}`, { vendor, account });
    }
    const [workers, accounts] = await this.#client.within(this.#answerMs, () =>
      Promise.all([
        this.#client.workersSeen(),
        Promise.all([...names.values()].map(({ vendor, account }) => this.#client.accountSeen(vendor, account))),
      ]),
    );
    this.#system = { at: Date.now(), workers, accounts };
    return this.#system;
  }
}

/** Nothing is about to happen to it by itself. */
function isSettled({ phase, entered, nextCue, legs }: EventStatus): boolean {
  const now = Date.now();
  if (legs || !acceptsEncoder(phase)) return false;
  return now - (entered[phase] ?? now) >= settlesInMs && (nextCue === undefined || nextCue.at > now);
}

/** One event as it is now, with the steps that are under way. @throws NoWorkerError */
export async function viewOf(
  client: ShowcallerClient,
  eventId: string,
): Promise<{ status: EventStatus; pending: PendingStep[]; conditions: Condition[] }> {
  const [status, own] = await Promise.all([client.status(eventId), client.pending(eventId)]);
  const legs = (status.legs ?? []).flatMap(({ name, status: leg }) =>
    leg && !isOver(leg.phase) ? [{ name, leg }] : [],
  );
  const ofLegs = legs.map(async ({ name }) => {
    const steps = await client.pending(legKeyOf(eventId, name));
    return steps.map((step) => ({ ...step, leg: name }));
  });
  const pending = [...own, ...(await Promise.all(ofLegs)).flat()];
  const followed = (status.legs ? legs.map(({ leg }) => leg) : [status]).filter(({ phase }) => acceptsEncoder(phase));
  const accounts = await Promise.all(followed.map(({ vendor, account }) => client.accountSeen(vendor, account)));
  const now = Date.now();
  return { status, pending, conditions: conditionsOf({ status, seenAt: now, steps: pending, accounts }, now) };
}
