import { VendorError, type VendorErrorKind } from '../../../domain/errors.ts';
import type { Prng } from '../prng.ts';
import type { Clock } from '../temporal/clock.ts';
import { lifetimes } from '../temporal/virtual-globals.ts';

export const faultKinds = [
  'throttled',
  'unavailable',
  'quota',
  'unauthorized',
  'invalid',
  /** The connection is cut before the vendor has the call. */
  'cut-off',
  /** The vendor never gets it, and nothing is answered within the SDK's time. */
  'never-answered',
  /** It is done, and the answer is lost at once. */
  'answer-lost',
  /** It is done, and nothing is answered within the SDK's time. */
  'answer-never-comes',
  /** It is done late: after the SDK has given it up, perhaps. */
  'late',
  /** It is done, and what is answered cannot be read. */
  'wrong-shape',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Something that goes wrong with calls of one operation. */
export interface PlannedFault {
  kind: FaultKind;
  /** `*`: whichever is called. */
  operation: string;
  skip: number;
  times: number;
  /** Of `late`. */
  delayMs: number;
}

export interface SentCall {
  at: number;
  operation: string;
  /** Answered, or given up; absent while the call is under way. */
  endedAt?: number;
  fault?: FaultKind;
}

export interface NetworkOptions {
  clock: Clock;
  prng: Prng;
  note(line: string): void;
}

const sdkTimeoutMs = 10_000;

/**
 * Between a driver and the vendor: calls take time, and some go wrong. What a killed worker had sent still arrives; it
 * sends nothing more, and no answer reaches it.
 */
export class Network {
  readonly calls: SentCall[] = [];
  readonly faults: PlannedFault[] = [];
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  call<T>(operation: string, serve: () => T): Promise<T> {
    const lifetime = lifetimes.getStore();
    const { clock, prng, note } = this.#options;
    return new Promise((resolve, reject) => {
      if (lifetime?.dead) return;
      const fault = this.#faultOn(operation);
      const call: SentCall = { at: clock.now, operation, ...(fault && { fault: fault.kind }) };
      this.calls.push(call);
      note(`call: ${operation}${fault ? ` [${fault.kind}]` : ''}`);
      const answerIn = (ms: number, answer: () => void) =>
        clock.in(ms, () => {
          call.endedAt = clock.now;
          if (!lifetime?.dead) answer();
        });
      const failIn = (ms: number, kind: VendorErrorKind, message: string) =>
        answerIn(ms, () => reject(new VendorError({ kind, vendor: 'cloud', operation, message })));
      const serveIn = (ms: number, then: (answer: () => void) => void) =>
        clock.in(ms, () => {
          const answer = outcomeOf(serve);
          then(() => ('error' in answer ? reject(answer.error) : resolve(answer.value)));
        });
      const thereMs = prng.between(5, 150);
      const backMs = prng.between(5, 100);
      switch (fault?.kind) {
        case 'throttled':
          return failIn(thereMs + backMs, 'throttled', 'too many calls');
        case 'unavailable':
          return failIn(thereMs + backMs, 'unavailable', 'the service answered 503');
        case 'quota':
          return failIn(thereMs + backMs, 'quota-exceeded', 'no more channels');
        case 'unauthorized':
          return failIn(thereMs + backMs, 'unauthorized', 'a wrong key');
        case 'invalid':
          return failIn(thereMs + backMs, 'invalid-request', 'no such parameter');
        case 'cut-off':
          return failIn(thereMs, 'unavailable', 'the connection was cut');
        case 'never-answered':
          return failIn(sdkTimeoutMs, 'unavailable', 'no answer');
        case 'answer-lost':
          return serveIn(thereMs, () => failIn(1, 'unavailable', 'the connection was cut'));
        case 'answer-never-comes':
          serveIn(thereMs, () => {});
          return failIn(sdkTimeoutMs, 'unavailable', 'no answer');
        case 'wrong-shape':
          return serveIn(thereMs, () => failIn(backMs, 'unknown', 'an answer that cannot be read'));
        case 'late':
          if (fault.delayMs < sdkTimeoutMs) return serveIn(fault.delayMs, (answer) => answerIn(backMs, answer));
          serveIn(fault.delayMs, () => {});
          return failIn(sdkTimeoutMs, 'unavailable', 'no answer');
        default:
          return serveIn(thereMs, (answer) => answerIn(backMs, answer));
      }
    });
  }

  #faultOn(operation: string): PlannedFault | undefined {
    const fault = this.faults.find((one) => (one.operation === '*' || one.operation === operation) && one.times > 0);
    if (!fault) return undefined;
    if (fault.skip > 0) {
      fault.skip -= 1;
      return undefined;
    }
    fault.times -= 1;
    return fault;
  }
}

function outcomeOf<T>(serve: () => T): { value: T } | { error: unknown } {
  try {
    return { value: serve() };
  } catch (error) {
    return { error };
  }
}
