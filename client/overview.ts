import { type AccountSeen, accountStaleMs, type Condition, conditionsOf } from '../domain/conditions/condition.ts';
import type { PendingStep } from '../domain/conditions/pending-step.ts';
import { legKeyOf } from '../domain/ids.ts';
import { inParallel } from '../domain/in-parallel.ts';
import { acceptsEncoder, hasOneStep, isClosingDown, isOver, type Phase } from '../domain/phases.ts';
import type { EventStatus } from '../domain/report.ts';
import { goesOn } from '../domain/run-status.ts';
import type { ShowcallerClient } from './client.ts';
import { type EventSummary, identityOf } from './listing.ts';
import { looksAtOnce, RunAnswers } from './run-answers.ts';
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

/** Runs that do not answer must not keep a look from its end. */
const usualBudgetMs = 10_000;
/** A run that is alive answers within milliseconds. */
const longestAnswerMs = 4_000;
/** Steps are asked for at most so often. */
const stepsFreshForMs = 2_000;
const systemFreshForMs = 1_500;
/** A run in such a phase waits for a step; in the others the poller says whether the encoder is seen. */
const waitsForStep = (phase: Phase | undefined): boolean => hasOneStep(phase) || isClosingDown(phase);

/**
 * Events as they were last seen. Asks a run only when its status may have changed, and keeps what it said with its instant:
 * a run that does not answer is shown as stale, never as it was.
 */
export class Overview {
  readonly #client: ShowcallerClient;
  readonly #answerMs: number;
  readonly #answers: RunAnswers;
  readonly #steps = new Map<string, { at: number; steps: PendingStep[] }>();
  #system: { at: number; workers: WorkerSeen[]; accounts: AccountSeen[] } | undefined;

  constructor(client: ShowcallerClient, answerMs: number, budgetMs = usualBudgetMs) {
    this.#client = client;
    this.#answerMs = Math.min(answerMs, longestAnswerMs);
    this.#answers = new RunAnswers(client, { answerMs: this.#answerMs, budgetMs });
  }

  /** @param summaries all that are shown: what is known of others is forgotten */
  async look(summaries: readonly EventSummary[]): Promise<View> {
    this.#answers.forgetAllBut(new Set(summaries.map(identityOf)));
    await this.#answers.refresh(summaries);
    const { workers, accounts } = await this.#lookAtSystem(summaries);
    await this.#askSteps(summaries.filter(({ workflowStatus }) => goesOn(workflowStatus)));
    const now = Date.now();
    const of = (summary: EventSummary): ViewedEvent => {
      const known = this.#answers.of(summary);
      const reason = this.#answers.silenceOf(summary);
      const seen = {
        ...(known && { status: known.status, seenAt: known.at }),
        ...(reason !== undefined && { unanswered: reason }),
        steps: this.#steps.get(identityOf(summary))?.steps ?? [],
        accounts,
      };
      return { summary, ...(known && { status: known.status }), conditions: conditionsOf(seen, now) };
    };
    const { answeredAt, unanswered } = this.#answers;
    return {
      events: summaries.map(of),
      system: {
        workers,
        ...(answeredAt !== undefined && { answeredAt }),
        ...(unanswered && { unanswered }),
        accounts: accounts.map((one) => ({
          ...one,
          isStale: one.failing !== undefined || now - (one.seenAt ?? 0) >= accountStaleMs,
        })),
      },
    };
  }

  async #askSteps(summaries: readonly EventSummary[]): Promise<void> {
    const waiting = summaries.filter((summary) => this.#runsWithSteps(summary).length > 0);
    const asked = new Set(waiting.map(identityOf));
    for (const identity of this.#steps.keys()) if (!asked.has(identity)) this.#steps.delete(identity);
    await inParallel(waiting, looksAtOnce, async (summary) => {
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
    const known = this.#answers.of(summary)?.status;
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
      const status = this.#answers.of(summary)?.status;
      for (const { vendor, account, phase } of status?.legs?.flatMap((leg) => leg.status ?? []) ?? [status ?? summary])
        if (vendor && account && goesOn(summary.workflowStatus) && acceptsEncoder(phase))
          names.set(`${vendor}/${account}`, { vendor, account });
    }
    const [workers, accounts] = await this.#client.within(this.#answerMs, () =>
      Promise.all([
        this.#client.workersSeen(),
        Promise.all([...names.values()].map(({ vendor, account }) => this.#client.accountSeen(vendor, account))),
      ]),
    );
    this.#answers.workersAre(workers);
    this.#system = { at: Date.now(), workers, accounts };
    return this.#system;
  }
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
