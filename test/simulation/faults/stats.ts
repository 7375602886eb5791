import type { EventStatus } from '../../../domain/report.ts';
import type { Evidence } from './evidence.ts';

type Counts = Record<string, number>;

const add = (counts: Counts, key: string, by = 1): void => {
  counts[key] = (counts[key] ?? 0) + by;
};

const why = ({ endDetail = '' }: EventStatus): string => endDetail.slice(0, 300);

/** What a campaign came to, in numbers. */
export class Stats {
  readonly #began = Date.now();
  readonly #reasons: Counts = {};
  readonly #vendors: Counts = {};
  readonly #hits: Counts = {};
  readonly #operators: Counts = {};
  readonly #recordings: Counts = { proved: 0, unproved: 0 };
  readonly #unproved: Record<string, string> = {};
  #played = 0;
  #violated = 0;
  #kept = 0;
  #longestHistory = 0;
  #longestMs = 0;

  count(
    { scenario, report, calls, trying, retry, historyLength, tookMs }: Evidence,
    violations: readonly string[],
  ): void {
    this.#played += 1;
    if (violations.length > 0) this.#violated += 1;
    if (trying) this.#kept += 1;
    add(this.#vendors, scenario.vendor);
    add(this.#reasons, report?.endReason ?? 'none');
    for (const { fault } of calls) if (fault) add(this.#hits, fault);
    for (const { action } of report?.audit ?? []) add(this.#operators, action);
    for (const { proof } of report?.vod ?? []) add(this.#recordings, proof.proved ? 'proved' : 'unproved');
    if (retry) add(this.#recordings, retry.proved ? 'proved after the end' : 'unproved after the end');
    if (report?.endReason === 'vod-unproved') this.#unproved[`${scenario.seed} ${scenario.vendor}`] = why(report);
    this.#longestHistory = Math.max(this.#longestHistory, historyLength);
    this.#longestMs = Math.max(this.#longestMs, tookMs);
  }

  get summary() {
    const seconds = (Date.now() - this.#began) / 1000;
    return {
      scenarios: this.#played,
      failed: this.#violated,
      seconds: Math.round(seconds),
      perSecond: Number((this.#played / seconds).toFixed(2)),
      vendors: this.#vendors,
      endReasons: this.#reasons,
      faultsThatHit: this.#hits,
      operatorsHeeded: this.#operators,
      recordings: this.#recordings,
      unproved: this.#unproved,
      keptTryingUntilLifted: this.#kept,
      longestHistory: this.#longestHistory,
      longestSeconds: Number((this.#longestMs / 1000).toFixed(1)),
    };
  }
}
