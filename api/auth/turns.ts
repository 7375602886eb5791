import { tooMany } from '../http/problem.ts';

interface Queue {
  busy: number;
  waiting: (() => void)[];
}

/**
 * Work for a caller of an address is done in turn, so much of it at once: a flood of one address waits for itself, and keeps
 * no other address's waiting. What comes while too much waits is refused.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #queues = new Map<string, Queue>();

  constructor({ atOnce, mostWaiting }: { atOnce: number; mostWaiting: number }) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws HttpProblem 429 */
  async take<T>(address: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(address) ?? { busy: 0, waiting: [] };
    this.#queues.set(address, queue);
    if (queue.busy < this.#atOnce) queue.busy += 1;
    else if (queue.waiting.length < this.#mostWaiting)
      await new Promise<void>((resolve) => queue.waiting.push(() => resolve()));
    else throw tooMany('too many tokens of this address wait to be checked: try again in 1 s', 1);
    try {
      return await work();
    } finally {
      const next = queue.waiting.shift();
      if (next) next();
      else queue.busy -= 1;
      if (queue.busy === 0) this.#queues.delete(address);
    }
  }
}
