import type { FastifyInstance, FastifyRequest } from 'fastify';
import { goneSignal } from '../http/gone.ts';
import { callerGone, tooMany } from '../http/problem.ts';
import { principalOf } from './authorize.ts';

/** How much of a caller is done at once, and how much may wait for it. */
export interface TurnLimits {
  atOnce: number;
  mostWaiting: number;
}

interface Queue {
  busy: number;
  waiting: (() => void)[];
}

/**
 * Work for one caller is done in turn, so much of it at once: a flood of one waits for itself, and keeps no other's
 * waiting. What comes while too much waits is refused.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #what: string;
  readonly #queues = new Map<string, Queue>();

  /** @param what waits, for the refusal: `tokens of this address` */
  constructor({ atOnce, mostWaiting }: TurnLimits, what: string) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
    this.#what = what;
  }

  /** @param gone aborted when nothing waits for the answer any more. @throws HttpProblem 429, or 499 to who has gone */
  async take<T>(caller: string, work: () => Promise<T>, gone?: AbortSignal): Promise<T> {
    if (gone?.aborted) throw callerGone();
    const queue = this.#queues.get(caller) ?? { busy: 0, waiting: [] };
    this.#queues.set(caller, queue);
    if (queue.busy < this.#atOnce) queue.busy += 1;
    else if (queue.waiting.length < this.#mostWaiting) await turnIn(queue, gone);
    else throw tooMany(`too many ${this.#what} wait: try again in 1 s`, 1);
    try {
      return await work();
    } finally {
      const next = queue.waiting.shift();
      if (next) next();
      else queue.busy -= 1;
      if (queue.busy === 0) this.#queues.delete(caller);
    }
  }
}

function turnIn({ waiting }: Queue, gone: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.splice(waiting.indexOf(go), 1);
      reject(callerGone());
    };
    const go = () => {
      gone?.removeEventListener('abort', leave);
      resolve();
    };
    waiting.push(go);
    gone?.addEventListener('abort', leave, { once: true });
  });
}

/** Whose turn it is that a request waits for: a tenant's, or that of a caller of all tenants. */
export function turnOf(request: FastifyRequest): string {
  const { name, tenant } = principalOf(request);
  return tenant === undefined ? `by ${name}` : `of ${tenant}`;
}

/**
 * Lets the requests of a tenant, or of a caller of all tenants, to a route that costs much wait for each other. A route says so by
 * its `config.inTurn`.
 */
export function takeTurns(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const { handler, config } = route;
    if (!config?.inTurn) return;
    const turns = new Turns(config.inTurn, 'requests like this one');
    route.handler = function inTurn(request, reply) {
      return turns.take(turnOf(request), async () => handler.call(this, request, reply), goneSignal(reply));
    };
  });
}
