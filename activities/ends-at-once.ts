import { activityInfo } from '@temporalio/activity';

/** So long a stop that is done waits for those of other shows, and an end that was met counts as one that is to be stopped. */
const longestMs = 3_000;
/** Half of the attempts that a worker makes at once: the other half is for the stops that these wait for. */
const mostWaiting = 250;

/**
 * The shows whose end was met by an attempt of this worker and whose stop has not begun. Where many shows end at one instant,
 * what follows a stop (recording, clean-up, bookkeeping) would take the processor before the stops of others: a stop that is done is
 * reported once no other is due.
 */
export class EndsAtOnce {
  readonly #timeScale: number;
  /** By the id of the run: when its end was met, by a monotonic clock. */
  readonly #due = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  constructor(timeScale: number) {
    this.#timeScale = timeScale;
  }

  /** The run of this attempt ends its show now, or decides that it goes on. */
  met(): void {
    this.#due.set(runId(), performance.now());
  }

  /** The stop of this attempt's run has begun. */
  stopBegins(): void {
    if (!this.#due.delete(runId()) || this.#due.size > 0) return;
    for (const go of this.#waiting) go();
  }

  /** Resolves when no stop of another show is due. */
  async othersBegun(): Promise<void> {
    const latest = performance.now() - longestMs * this.#timeScale;
    for (const [run, at] of this.#due) if (at < latest) this.#due.delete(run);
    if (this.#due.size === 0 || this.#waiting.size >= mostWaiting) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, longestMs * this.#timeScale);
      this.#waiting.add(go);
    });
  }
}

const runId = (): string => activityInfo().workflowExecution?.runId ?? '';
