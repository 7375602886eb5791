import type { PushMessage } from '../../domain/vendor-events/inbound.ts';
import { type Hint, hintKey } from '../../domain/vendor-events/vendor-event.ts';

/** How much an event may be told. Each telling costs its run some history, and anybody who can push may send much. */
export interface HintPace {
  /** At most one telling in this time, milliseconds; what comes in between goes together. */
  spacingMs: number;
  /** So many tellings may come close together … */
  burst: number;
  /** … and then one in this time, milliseconds. */
  refillMs: number;
}

/** As much as one signal carries. */
const mostWaiting = 50;
const knownIds = 500;

/** What one event was told and is to be told next. */
export class HintLine {
  /** Workflow ids, and until when to trust that they are the right ones. */
  runs: string[] = [];
  trustedUntil = 0;
  /** The telling that is due and has not begun: whoever comes now joins it. */
  due: Promise<number> | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #tokens: number;
  #countedAt: number;
  #waiting: PushMessage[] = [];
  readonly #told = new Set<string>();
  readonly #reports = new Map<string, { says: string; at: number }>();
  readonly #pace: HintPace;

  constructor(pace: HintPace, now: number) {
    this.#pace = pace;
    this.#tokens = pace.burst;
    this.#countedAt = now;
  }

  /** Puts it with what is to be told next; false when the event knows it already. */
  add(message: PushMessage): boolean {
    if (this.#told.has(hintKey(message.hint)) || this.#isOldNews(message)) return false;
    this.#waiting.push(message);
    if (this.#waiting.length > mostWaiting) this.#waiting.splice(0, this.#waiting.length - mostWaiting);
    return true;
  }

  /** Milliseconds until the next telling may be; undefined when there were too many: then it goes with a later one. */
  wait(hints: readonly Hint[], now: number): number | undefined {
    const { burst, refillMs, spacingMs } = this.#pace;
    const refilled = Math.floor((now - this.#countedAt) / refillMs);
    this.#tokens = Math.min(burst, this.#tokens + refilled);
    this.#countedAt += refilled * refillMs;
    // Evidence leaves half of them to what is a reason to look.
    const reserve = hints.every((hint) => hint.evidenceOnly) ? burst / 2 : 0;
    if (this.#tokens <= reserve) return undefined;
    return Math.max(0, this.#lastAt + spacingMs - now);
  }

  /** What is to be told now. */
  takeWaiting(now: number): PushMessage[] {
    this.#tokens -= 1;
    this.#lastAt = now;
    return this.#waiting.splice(0);
  }

  wasTold(messages: readonly PushMessage[]): void {
    for (const { hint, report } of messages) {
      this.#told.add(hintKey(hint));
      if (report) this.#noteReport(report, hint.at);
    }
    for (const oldest of this.#told) {
      if (this.#told.size <= knownIds) break;
      this.#told.delete(oldest);
    }
  }

  #isOldNews({ report, hint }: PushMessage): boolean {
    const last = report && this.#reports.get(report.of);
    return last !== undefined && (last.says === report?.says || hint.at <= last.at);
  }

  #noteReport({ of, says }: { of: string; says: string }, at: number): void {
    this.#reports.set(of, { says, at });
    // A sender that names ever new tracks must not fill the memory.
    if (this.#reports.size > mostWaiting) this.#reports.delete([...this.#reports.keys()][0] ?? of);
  }
}
