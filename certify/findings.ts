import { VendorError, type VendorErrorKind } from '../domain/errors.ts';
import { messageOf } from '../domain/message-of.ts';
import { checksOf, needsReachableIngest, type PromiseId, promises } from './promises.ts';
import { NotReached } from './waits.ts';

export type Verdict = 'confirmed' | 'contradicted' | 'not testable';

export interface PromiseFinding {
  promise: PromiseId;
  says: string;
  verdict: Verdict;
  /** What was seen, or why it could not be. */
  detail?: string;
  /** Not testable, because the vendor does not have it: no other try would show it. */
  lacking?: true;
}

/** How long a step took until its goal was seen. Milliseconds. */
export interface Transition {
  what: string;
  ms: number;
}

/** What was seen contradicts the promise. */
export class Contradiction extends Error {
  override readonly name = 'Contradiction';
}

/** Here the promise cannot be seen kept or broken. */
export class NotTestable extends Error {
  override readonly name = 'NotTestable';
  /** The vendor does not have it. */
  readonly lacking: boolean;

  constructor(why: string, { lacking = false } = {}) {
    super(why);
    this.lacking = lacking;
  }
}

/** The show cannot go on; the clean-up follows. */
export class ShowEnded extends Error {
  override readonly name = 'ShowEnded';
}

/** These say something of credentials, limits or the network, and nothing of the promise. */
const saysNothing: readonly (VendorErrorKind | undefined)[] = [
  'unauthorized',
  'clock-skew',
  'quota-exceeded',
  'throttled',
  'unavailable',
];

/** Collects what becomes of each promise: one contradiction outweighs every confirmation. */
export class PromiseFindings {
  readonly transitions: Transition[] = [];
  readonly #verdicts = new Map<PromiseId, FoundVerdict>();

  confirm(promise: PromiseId, detail?: string): void {
    this.#add(promise, 'confirmed', detail);
  }

  contradict(promise: PromiseId, detail: string): void {
    this.#add(promise, 'contradicted', detail);
  }

  notTestable(promise: PromiseId, why: string): void {
    this.#add(promise, 'not testable', why);
  }

  /** Runs one check, a text of whose is the detail; undefined when the promise was not confirmed. Rejects with what is no finding. */
  async check<T>(promise: PromiseId, work: () => Promise<T>, detail?: (value: T) => string | undefined) {
    try {
      const value = await work();
      this.confirm(promise, detail ? detail(value) : typeof value === 'string' ? value : undefined);
      return { value };
    } catch (error) {
      const found = verdictOf(error);
      if (!found) throw error;
      this.#add(promise, found, messageOf(error), error instanceof NotTestable && error.lacking);
      return undefined;
    }
  }

  /** A check without which the show cannot go on. */
  async need<T>(promise: PromiseId, work: () => Promise<T>): Promise<T> {
    const checked = await this.check(promise, work);
    if (!checked) throw new ShowEnded(`"${promise}" was not confirmed`);
    return checked.value;
  }

  /** Measures a step from its beginning until its goal was seen. */
  async timed<T>(what: string, work: () => Promise<T>): Promise<T> {
    const begunAt = performance.now();
    const value = await work();
    this.transitions.push({ what, ms: Math.round(performance.now() - begunAt) });
    return value;
  }

  /** Every promise, those that were not come to with this reason. */
  all(why: string): PromiseFinding[] {
    const reachable = this.#verdicts.get('let-in')?.verdict === 'confirmed';
    return Object.entries(promises).map(([id, says]) => {
      const promise = id as PromiseId;
      const found = this.#verdicts.get(promise);
      if (!found) return { promise, says, verdict: 'not testable', detail: why };
      if (found.verdict === 'confirmed' && !reachable && needsReachableIngest.includes(promise)) {
        const detail = 'no encoder was ever let in, so that a refusal says nothing';
        return { promise, says, verdict: 'not testable', detail };
      }
      const checks = checksOf[promise] ?? 1;
      if (found.verdict === 'confirmed' && found.times < checks) {
        const seen = [`${found.times} of ${checks} checks held`, ...found.details].join('; ');
        return { promise, says, verdict: 'not testable', detail: `${seen}; then: ${why}` };
      }
      const detail = found.details.join('; ');
      const { verdict, lacking } = found;
      return { promise, says, verdict, ...(detail !== '' && { detail }), ...(lacking && { lacking }) };
    });
  }

  #add(promise: PromiseId, verdict: Verdict, detail?: string, isLacking = false): void {
    const known = this.#verdicts.get(promise);
    const outweighs = !known || weight[verdict] > weight[known.verdict];
    if (known && !outweighs && weight[verdict] < weight[known.verdict]) return;
    const same = outweighs ? undefined : known;
    const details = same?.details ?? [];
    if (detail !== undefined) details.push(detail);
    // What the vendor does not have is the only reason, or it is none.
    const lacking = isLacking && (same === undefined || same.lacking === true);
    this.#verdicts.set(promise, { verdict, details, times: (same?.times ?? 0) + 1, ...(lacking && { lacking: true }) });
  }
}

interface FoundVerdict {
  verdict: Verdict;
  details: string[];
  /** How many checks found so. */
  times: number;
  lacking?: true;
}

const weight: Record<Verdict, number> = { confirmed: 0, 'not testable': 1, contradicted: 2 };

/** Undefined for what is a fault of the check itself, or an interruption. */
function verdictOf(error: unknown): Verdict | undefined {
  if (error instanceof Contradiction) return 'contradicted';
  if (error instanceof NotTestable) return 'not testable';
  if (!(error instanceof VendorError || error instanceof NotReached)) return undefined;
  return saysNothing.includes(error.kind) && error.kind !== undefined ? 'not testable' : 'contradicted';
}
