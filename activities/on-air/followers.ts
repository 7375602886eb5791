import type { WatchingRun } from '../ports.ts';
import { type FollowDeps, followRun } from './follow-run.ts';

interface Following {
  end: AbortController;
  /** Settled when it does not look any more; never rejects. */
  done: Promise<void>;
}

/** Watches the live streams of an account's runs, each on its own: one that fails does not touch the others. */
export class Followers {
  readonly #deps: FollowDeps;
  readonly #following = new Map<string, Following>();

  constructor(deps: FollowDeps) {
    this.#deps = deps;
  }

  /** Begins with the runs that are new, and ends with those that are not among them. */
  follow(runs: readonly WatchingRun[]): void {
    const wanted = new Set(runs.map(({ workflowId }) => workflowId));
    for (const [workflowId, { end }] of this.#following) if (!wanted.has(workflowId)) end.abort();
    for (const workflowId of wanted) if (!this.#following.has(workflowId)) this.#begin(workflowId);
  }

  async close(): Promise<void> {
    const all = [...this.#following.values()];
    for (const { end } of all) end.abort();
    await Promise.all(all.map(({ done }) => done));
  }

  #begin(workflowId: string): void {
    const end = new AbortController();
    const done = followRun(this.#deps, workflowId, end.signal)
      // What no look foresees concerns this run alone; it is begun anew when the runs are counted next.
      .catch(() => undefined)
      .finally(() => this.#following.delete(workflowId));
    this.#following.set(workflowId, { end, done });
  }
}
