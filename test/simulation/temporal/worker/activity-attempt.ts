import { asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import {
  CancelledFailure,
  defaultFailureConverter,
  defaultPayloadConverter,
  ensureApplicationFailure,
  noopMetricMeter,
} from '@temporalio/common';
import { withPlainStacks } from '../../../support/plain-stacks.ts';
import type { Failure, Payload } from '../events.ts';
import { fromPayload, toPayload } from '../payloads.ts';
import { type Lifetime, lifetimes, type Skew } from '../virtual-globals.ts';

export type ActivityFunction = (...args: never[]) => Promise<unknown>;

/** How an attempt ended. */
export type AttemptEnd = { completed: Payload } | { failed: Failure } | { cancelled: Failure };

/** What an attempt needs of its worker. */
export interface AttemptOptions {
  fn: ActivityFunction;
  input: readonly Payload[];
  info: Omit<
    Info,
    'taskToken' | 'base64TaskToken' | 'activityNamespace' | 'workflowNamespace' | 'namespace' | 'inWorkflow'
  >;
  skewMs: Skew;
  onHeartbeat?(details: Payload[]): void;
  onEnd(end: AttemptEnd): void;
}

const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** An activity function in the SDK's own context, which dies with its worker. */
export class ActivityAttempt {
  readonly lifetime: Lifetime;
  readonly #options: AttemptOptions;
  readonly #abort = new AbortController();
  #reject: (error: Error) => void = () => {};
  #isOver = false;
  #cancelReason: string | undefined;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.lifetime = { dead: false, skewMs: options.skewMs };
  }

  get isOver(): boolean {
    return this.#isOver || this.lifetime.dead;
  }

  get cancelReason(): string | undefined {
    return this.#cancelReason;
  }

  run(): void {
    const { fn, input, info, onHeartbeat } = this.#options;
    const cancelled = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    cancelled.catch(() => {});
    const heartbeat = (details: unknown) => {
      if (!this.isOver) onHeartbeat?.(details === undefined ? [] : [toPayload(details)]);
    };
    const context = new Context(
      { ...info, ...constantInfo },
      cancelled,
      this.#abort.signal,
      heartbeat,
      undefined as never,
      silent,
      noopMetricMeter,
      {} as never,
    );
    const args = input.map(fromPayload);
    // Out of the caller's async context, into the attempt's own.
    const work = () => asyncLocalStorage.run(context, async () => fn(...(args as never[])));
    lifetimes.run(this.lifetime, work).then(
      (value) => this.#end({ completed: toPayload(value) }),
      (error: unknown) => this.#end(this.#failureOf(error)),
    );
  }

  cancel(reason: string): void {
    if (this.isOver || this.#cancelReason) return;
    this.#cancelReason = reason;
    const error = new CancelledFailure(reason);
    this.#abort.abort(error);
    this.#reject(error);
  }

  /** As a SIGKILL: nothing of it happens any more. */
  kill(): void {
    this.lifetime.dead = true;
  }

  #end(end: AttemptEnd): void {
    if (this.isOver) return;
    this.#isOver = true;
    this.#options.onEnd(end);
  }

  #failureOf(error: unknown): AttemptEnd {
    const isCancellation = error instanceof CancelledFailure || (error instanceof Error && error.name === 'AbortError');
    const failure = withPlainStacks(() =>
      defaultFailureConverter.errorToFailure(ensureApplicationFailure(error), defaultPayloadConverter),
    );
    if (this.#cancelReason && isCancellation) return { cancelled: { canceledFailureInfo: {} } };
    return { failed: failure };
  }
}

const constantInfo = {
  taskToken: new Uint8Array(),
  base64TaskToken: '',
  activityNamespace: 'default',
  workflowNamespace: 'default',
  namespace: 'default',
  inWorkflow: true,
};
