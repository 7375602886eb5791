import { inParallel } from '../domain/in-parallel.ts';
import { messageOf } from '../domain/message-of.ts';
import { acceptsEncoder, isOver } from '../domain/phases.ts';
import type { EventStatus } from '../domain/report.ts';
import { goesOn } from '../domain/run-status.ts';
import type { ShowcallerClient } from './client.ts';
import { NoWorkerError } from './errors.ts';
import { type EventSummary, identityOf } from './listing.ts';
import { type RunState, saysTheSame } from './run-state.ts';
import type { WorkerSeen } from './workers.ts';

interface Known {
  summary: string;
  /** When it was known to hold. Epoch milliseconds. */
  at: number;
  /** When the run itself said it. Epoch milliseconds. */
  saidAt: number;
  status: EventStatus;
  /** The run just before it said that. */
  run: RunState;
}

export const looksAtOnce = 8;
const scheduledStaleMs = 30_000;
/**
 * It is looked so often at a run that has been in its phase for a while, and whose next cue is still to come, at a part of them in
 * each look: their phases are in the list anyway.
 */
const settledStaleMs = 8_000;
const settlesInMs = 60_000;
const settledShare = 8;
/**
 * At least so many runs of each build are asked in each look, whatever Temporal knows of them: that no worker answers is seen at
 * once. The others are asked when something has happened to them: a question costs a worker more than all else of a look, and
 * is billed by Temporal Cloud.
 */
const leastAsked = 2;
/** A run that did not answer is asked again after this. */
const unresponsiveForMs = 2_000;

/** What runs said last, each asked again only when it may say something else by now. */
export class RunAnswers {
  readonly #client: ShowcallerClient;
  readonly #answerMs: number;
  readonly #budgetMs: number;
  readonly #known = new Map<string, Known>();
  /** Runs that did not answer: until when they are not asked again, epoch milliseconds, and why. */
  readonly #unresponsive = new Map<string, { until: number; reason: string }>();
  #workers: string | undefined;
  /** When the workers were last others than before: what runs said until then other code may not say again. */
  #workersSince = 0;
  #answeredAt: number | undefined;
  #unanswered: { since: number; reason: string } | undefined;

  /** @param of how long one run may take to answer, and all of them together; milliseconds */
  constructor(client: ShowcallerClient, of: { answerMs: number; budgetMs: number }) {
    this.#client = client;
    this.#answerMs = of.answerMs;
    this.#budgetMs = of.budgetMs;
  }

  /** When a run last answered through a worker; undefined where none was asked. */
  get answeredAt(): number | undefined {
    return this.#answeredAt;
  }

  /** Since when no worker answers; undefined while one does. */
  get unanswered(): { since: number; reason: string } | undefined {
    return this.#unanswered;
  }

  of(summary: EventSummary): { at: number; status: EventStatus } | undefined {
    return this.#known.get(identityOf(summary));
  }

  /** Why the last question to a run was not answered; undefined where it was. */
  silenceOf(summary: EventSummary): string | undefined {
    return this.#unresponsive.get(identityOf(summary))?.reason;
  }

  forgetAllBut(shown: ReadonlySet<string>): void {
    for (const kept of [this.#known, this.#unresponsive])
      for (const identity of kept.keys()) if (!shown.has(identity)) kept.delete(identity);
  }

  workersAre(workers: readonly WorkerSeen[]): void {
    const names = JSON.stringify(workers.map(({ identity }) => identity).sort());
    if (this.#workers !== undefined && names !== this.#workers) this.#workersSince = Date.now();
    this.#workers = names;
  }

  /** Looks at those whose status may have changed. */
  async refresh(summaries: readonly EventSummary[]): Promise<void> {
    const stale = summaries.filter((summary) => this.#isStale(summary));
    await this.#look([...stale, ...this.#itsTurn(summaries, stale)]);
  }

  #isStale(summary: EventSummary): boolean {
    const identity = identityOf(summary);
    if (this.#isUnresponsive(summary)) return false;
    const known = this.#known.get(identity);
    if (!known || known.summary !== JSON.stringify(summary) || this.#unresponsive.has(identity)) return true;
    if (!goesOn(summary.workflowStatus) || isOver(summary.phase)) return false;
    if (summary.phase === 'scheduled') return Date.now() - known.at > scheduledStaleMs;
    const answers = this.#unanswered === undefined;
    return !answers || !isSettled(known.status) || Date.now() - known.at >= settledStaleMs;
  }

  /** Of the settled runs those that were seen longest ago. */
  #itsTurn(summaries: readonly EventSummary[], stale: readonly EventSummary[]): EventSummary[] {
    const seenAt = (summary: EventSummary) => this.#known.get(identityOf(summary))?.at ?? 0;
    const settled = summaries.filter((summary) => {
      const status = this.#known.get(identityOf(summary))?.status;
      const runs = goesOn(summary.workflowStatus) && summary.phase !== 'scheduled';
      return runs && status && isSettled(status) && !this.#isUnresponsive(summary);
    });
    const isStale = new Set(stale);
    const others = settled.filter((summary) => !isStale.has(summary)).sort((a, b) => seenAt(a) - seenAt(b));
    const share = Math.ceil(settled.length / settledShare) - (settled.length - others.length);
    return others.slice(0, Math.max(0, share, leastAsked - stale.length));
  }

  #isUnresponsive(summary: EventSummary): boolean {
    return (this.#unresponsive.get(identityOf(summary))?.until ?? 0) > Date.now();
  }

  /** When two runs did not answer and none did, no worker is there: the others are not asked in vain. */
  async #look(due: readonly EventSummary[]): Promise<void> {
    const until = Date.now() + this.#budgetMs;
    let [answered, unanswered] = [0, 0];
    const builds = new Set<string>();
    const look = async (summary: EventSummary, mayStand: boolean) => {
      const { key, workflowStatus } = summary;
      const identity = identityOf(summary);
      const inVain = answered === 0 && unanswered >= 2;
      if (inVain || Date.now() > until) {
        const reason = inVain ? 'no worker answers' : 'it was not asked, because other runs do not answer';
        this.#unresponsive.set(identity, { until: 0, reason });
        return;
      }
      try {
        const run = await this.#client.within(this.#answerMs, () => this.#client.runState(key));
        const known = this.#known.get(identity);
        const stands = mayStand && known && builds.has(run.build) && saysTheSame(known.run, run);
        const status = stands ? known.status : await this.#ask(key);
        const at = Date.now();
        const saidAt = stands ? known.saidAt : at;
        this.#known.set(identity, { summary: JSON.stringify(summary), at, saidAt, status, run });
        this.#unresponsive.delete(identity);
        if (stands || !goesOn(workflowStatus)) return;
        builds.add(run.build);
        answered += 1;
        this.#answeredAt = at;
      } catch (error) {
        const reason = error instanceof NoWorkerError ? error.why : messageOf(error);
        if (error instanceof NoWorkerError && error.isOfAllRuns) unanswered += 1;
        this.#unresponsive.set(identity, { until: Date.now() + unresponsiveForMs, reason });
      }
    };
    const asked = this.#askedAnyway(due);
    await inParallel([...asked], looksAtOnce, (summary) => look(summary, false));
    await inParallel(
      due.filter((summary) => !asked.has(summary)),
      looksAtOnce,
      (summary) => look(summary, true),
    );
    if (answered > 0) this.#unanswered = undefined;
    else if (unanswered > 0)
      this.#unanswered ??= { since: this.#answeredAt ?? Date.now(), reason: 'no worker answers for any run' };
  }

  #ask(key: string): Promise<EventStatus> {
    return this.#client.within(this.#answerMs, () => this.#client.status(key, undefined, this.#answerMs));
  }

  /** Those of which nothing is known that may still hold, and of each build the few that show whether its workers answer. */
  #askedAnyway(due: readonly EventSummary[]): ReadonlySet<EventSummary> {
    const saidAt = (summary: EventSummary) => this.#known.get(identityOf(summary))?.saidAt ?? 0;
    const ofBuild = new Map<string, number>();
    const isAsked = (summary: EventSummary) => {
      const identity = identityOf(summary);
      const known = this.#known.get(identity);
      if (!known || known.saidAt < this.#workersSince || this.#unresponsive.has(identity)) return true;
      if (!goesOn(summary.workflowStatus)) return true;
      const asked = ofBuild.get(known.run.build) ?? 0;
      ofBuild.set(known.run.build, asked + 1);
      return asked < leastAsked;
    };
    return new Set([...due].sort((a, b) => saidAt(a) - saidAt(b)).filter(isAsked));
  }
}

/** Nothing is about to happen to it by itself. */
function isSettled({ phase, entered, nextCue, legs }: EventStatus): boolean {
  const now = Date.now();
  if (legs || !acceptsEncoder(phase)) return false;
  return now - (entered[phase] ?? now) >= settlesInMs && (nextCue === undefined || nextCue.at > now);
}
