import { inTurns } from '../../domain/in-parallel.ts';
import { keepNewest } from '../../domain/keep-newest.ts';
import type { WatchingRun } from '../ports.ts';
import { type FollowDeps, followRun } from './follow-run.ts';

interface Following {
  end: AbortController;
  /** Settled when it does not look any more; never rejects. */
  done: Promise<void>;
}

/**
 * A run that its worker has not in memory is read again from its history for each question. Where a worker takes over an account, these are
 * all runs of it, and the cues that are due meanwhile wait for those that are being read.
 */
const askedAtOnce = 8;
/** A run gets its address before it waits for its encoder; later only a reset may give it one. */
const askedAgainAfterMs = 10 * 60_000;

/** More are not live in an account at once; one that is forgotten is asked once more. */
const mostKnown = 10_000;

const keyOf = ({ workflowId, startedAt }: WatchingRun): string => `${workflowId} ${startedAt}`;

/** Watches the live streams of an account's runs, each on its own: one that fails does not touch the others. */
export class Followers {
  readonly #deps: FollowDeps;
  readonly #following = new Map<string, Following>();
  /** Those that are known, and when one that has no address to watch is asked again, by the monotonic clock. */
  readonly #askAt = new Map<string, number>();
  readonly #begunAt: number;

  constructor(deps: FollowDeps) {
    const { poller } = deps;
    this.#begunAt = deps.now();
    this.#deps = { ...deps, poller: { ...poller, statusOf: inTurns(askedAtOnce, (id) => poller.statusOf(id)) } };
  }

  /** Begins with the runs that are new, and ends with those that are not among them. */
  follow(runs: readonly WatchingRun[]): void {
    const wanted = new Set(runs.map(({ workflowId }) => workflowId));
    for (const [workflowId, { end }] of this.#following) if (!wanted.has(workflowId)) end.abort();
    for (const run of runs) {
      const isAskedLater = this.#deps.elapsed() < (this.#askAt.get(keyOf(run)) ?? Number.NEGATIVE_INFINITY);
      if (!isAskedLater && !this.#following.has(run.workflowId)) this.#begin(run);
    }
  }

  async close(): Promise<void> {
    const all = [...this.#following.values()];
    for (const { end } of all) end.abort();
    await Promise.all(all.map(({ done }) => done));
  }

  #begin(run: WatchingRun): void {
    const { workflowId, startedAt, phase } = run;
    const end = new AbortController();
    // One that was on air before may have been followed by another worker.
    const isLater = startedAt !== undefined && startedAt > this.#begunAt;
    const isNew = (isLater || phase === 'waiting-for-encoder') && !this.#askAt.has(keyOf(run));
    this.#askAt.set(keyOf(run), Number.NEGATIVE_INFINITY);
    keepNewest(this.#askAt, mostKnown);
    const done = followRun(this.#deps, workflowId, end.signal, isNew)
      .then((found) => {
        if (found) this.#askAt.set(keyOf(run), this.#deps.elapsed() + askedAgainAfterMs);
      })
      // What no look foresees concerns this run alone; it is begun anew when the runs are counted next.
      .catch(() => undefined)
      .finally(() => this.#following.delete(workflowId));
    this.#following.set(workflowId, { end, done });
  }
}
