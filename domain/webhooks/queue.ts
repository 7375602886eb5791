import type { Channel } from '../channel.ts';
import type { JsonObject } from '../json.ts';
import { mostNotices, type Notice, type NoticeReceiver, type NoticeType } from './webhook.ts';

/** Kept for the warning that no more is told, and for the end. */
const lastPlaces = 2;

export interface Told {
  type: NoticeType;
  /** Epoch milliseconds. */
  at: number;
  data: JsonObject;
  channel?: Channel;
}

/** Numbers what a run tells, and keeps it until it is handed over. Bounded, whatever happens to the show. */
export class NoticeQueue {
  readonly #wanted: ReadonlySet<NoticeType>;
  readonly #waiting: Notice[] = [];
  #seq = 0;
  #capped = false;

  constructor(receivers: readonly NoticeReceiver[]) {
    this.#wanted = new Set(receivers.flatMap(({ types }) => types));
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** What no receiver wants costs nothing. */
  add(runId: string, told: Told): void {
    if (told.type === 'ended' || this.#seq < mostNotices - lastPlaces) this.#push(runId, told);
    else if (!this.#capped) {
      this.#capped = true;
      const message = `${mostNotices} notices are the most of one event: only its end is still told`;
      const data = { ...told.data, warning: 'notices-capped', message };
      this.#push(runId, { type: 'warning', at: told.at, data });
    }
  }

  take(): Notice[] {
    return this.#waiting.splice(0);
  }

  #push(runId: string, told: Told): void {
    if (!this.#wanted.has(told.type)) return;
    this.#seq += 1;
    this.#waiting.push({ id: `${runId}/${this.#seq}`, seq: this.#seq, ...told });
  }
}
