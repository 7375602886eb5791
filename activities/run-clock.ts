import { activityInfo } from '@temporalio/activity';
import { noticeableSkewMs, skewTextOf } from '../domain/clock-skew.ts';
import type { AttemptId } from './ports.ts';

export interface RunClockOptions {
  /** When Temporal started an attempt that is under way, epoch milliseconds; undefined when it does not know. */
  startedAt?: (attempt: AttemptId) => Promise<number | undefined>;
  /** Called at each attempt with the skew of this machine's clock, where it is known. */
  onSkew?: (skewMs: number) => void;
}

/** Clocks drift apart, so that an old sample is worth nothing; one of each attempt keeps the newest fresh. */
const sampleLastsMs = 10 * 60_000;

interface Sample {
  /** On the monotonic clock. */
  takenAt: number;
  /** From the monotonic clock to Temporal's, at least. */
  offset: number;
}

/**
 * Temporal's time, which decides in every run, as a worker knows it. The worker's own clock may be wrong or jump, so
 * that nothing here is added to it: each attempt brings the instant at which Temporal scheduled it, and the monotonic
 * clock goes on from there. An attempt may have waited in its queue, so that its instant is the earliest that it can
 * be now; the latest of these is nearest to the truth. A later attempt may also come before its instant: a Temporal that
 * was restarted starts at once what waits to be tried again. Such an instant is not learned: Temporal is asked instead.
 */
export class RunClock {
  /** Falling offsets, oldest first. */
  #samples: Sample[] = [];
  #asking: Promise<void> | undefined;
  /** The skew when Temporal was last asked, and the monotonic instant of the answer. */
  #confirmed: { skewMs: number; at: number } | undefined;
  readonly #options: RunClockOptions;

  constructor(options: RunClockOptions = {}) {
    this.#options = options;
  }

  /** Epoch milliseconds; the machine's own time before the first attempt. */
  now(): number {
    const [best] = this.#samples;
    return best ? Math.round(performance.now() + best.offset) : Date.now();
  }

  /** As `now`, undefined before the first attempt: Temporal's time is that or later, whatever the machine's own is. */
  get temporalNow(): number | undefined {
    return this.#samples.length > 0 ? this.now() : undefined;
  }

  /**
   * How far this machine's clock is ahead of Temporal's, milliseconds; negative: behind. Undefined while it is not known
   * how much of it is the clock, and how much the attempts had waited in their queue.
   */
  get skewMs(): number | undefined {
    const skewMs = this.#apparentSkewMs();
    return Math.abs(skewMs) <= noticeableSkewMs || this.#isConfirmed(skewMs) ? skewMs : undefined;
  }

  /** `this worker's clock is 20m ahead of Temporal's`; undefined while the two agree. */
  get skewText(): string | undefined {
    const text = skewTextOf(this.skewMs ?? 0);
    return text && `this worker's clock is ${text} Temporal's`;
  }

  /** Learns from the attempt that begins now. */
  async attemptBegins(): Promise<void> {
    const info = activityInfo();
    const { currentAttemptScheduledTimestampMs: scheduledAt, workflowExecution, activityId, attempt } = info;
    const begunAt = performance.now();
    const isPast = attempt === 1 || (this.#samples.length > 0 && scheduledAt <= this.now());
    if (isPast) this.learn(scheduledAt, begunAt);
    const { startedAt, onSkew } = this.#options;
    const isUnsure = this.#samples.length === 0 || this.skewMs === undefined;
    if (isUnsure && startedAt && workflowExecution) {
      const ask = () => startedAt({ ...workflowExecution, activityId, attempt });
      this.#asking ??= this.#ask(ask, begunAt);
      await this.#asking;
    }
    if (this.skewMs !== undefined) onSkew?.(this.skewMs);
  }

  /** @param instant on Temporal's clock; it was past at `takenAt` on the monotonic one */
  learn(instant: number, takenAt = performance.now()): void {
    const offset = instant - takenAt;
    const isOfUse = (sample: Sample) => sample.offset > offset && takenAt - sample.takenAt < sampleLastsMs;
    this.#samples = [...this.#samples.filter(isOfUse), { takenAt, offset }];
  }

  #apparentSkewMs(): number {
    return Date.now() - this.now();
  }

  #isConfirmed(skewMs: number): boolean {
    if (!this.#confirmed) return false;
    const { at, skewMs: before } = this.#confirmed;
    return performance.now() - at < sampleLastsMs && Math.abs(skewMs - before) <= noticeableSkewMs;
  }

  async #ask(ask: () => Promise<number | undefined>, begunAt: number): Promise<void> {
    try {
      const startedAt = await ask();
      if (startedAt === undefined) return;
      this.learn(startedAt, begunAt);
      this.#confirmed = { skewMs: this.#apparentSkewMs(), at: performance.now() };
    } catch {
      // The step goes on with what is known; the next attempt asks again.
    } finally {
      this.#asking = undefined;
    }
  }
}
