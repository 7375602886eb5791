/** Every way a vendor can refuse or fail, in our words. `activities/failures.ts` alone decides what is retried. */
export const vendorErrorKinds = [
  'invalid-request',
  'unauthorized',
  'quota-exceeded',
  'not-found',
  'conflict',
  'throttled',
  'unavailable',
  'clock-skew',
  'unknown',
] as const;
export type VendorErrorKind = (typeof vendorErrorKinds)[number];

export interface VendorErrorFacts {
  kind: VendorErrorKind;
  vendor: string;
  /** The vendor's own name of the call, e.g. `PutLiveChannel`. */
  operation: string;
  /** The resource of the call: a channel name, a bucket, an ARN. */
  resource?: string;
  /** The vendor's own words. */
  message: string;
  /** The vendor's error code, e.g. `SignatureDoesNotMatch`. */
  code?: string;
  httpStatus?: number;
  requestId?: string;
  /** How long the vendor asked us to wait, in milliseconds. */
  retryAfterMs?: number;
  /** The check or the action that helps a person next. */
  advice?: string;
  /** Whose clock is wrong, where the vendor's and this machine's do not agree. */
  clock?: string;
}

/**
 * A vendor call that failed: what was attempted, on what, why, what to do next. Keeps the original as `cause`. Inside a driver its
 * texts are the vendor's, of any length, and may repeat a secret or a signed address; what leaves a driver is short and has neither
 * (`vendors/masked.ts`).
 */
export class VendorError extends Error {
  override readonly name = 'VendorError';
  readonly facts: VendorErrorFacts;

  constructor(facts: VendorErrorFacts, options?: ErrorOptions) {
    super(describe(facts), options);
    this.facts = facts;
  }

  get kind(): VendorErrorKind {
    return this.facts.kind;
  }
}

function describe(f: VendorErrorFacts): string {
  const on = f.resource ? ` on ${f.resource}` : '';
  const code = [f.code, f.httpStatus].filter((x) => x !== undefined).join(', ');
  const next = f.advice ? ` — ${f.advice}` : '';
  const clock = f.clock ? ` (${f.clock})` : '';
  return `${f.vendor} ${f.operation}${on}: ${f.kind}${code ? ` (${code})` : ''}: ${f.message}${next}${clock}`;
}

/** One thing wrong with a plan or a configuration. */
export interface Problem {
  /** Where: `waits.firstConnect`, or the whole (`''`). */
  path: string;
  /** What was given, as JSON, cut when long. Left out where it could be a secret. */
  given?: string;
  /** What is wrong and what is allowed. */
  message: string;
}

/** A payload of Temporal that cannot be read here: the message says with which key it could. */
export class PayloadUnreadableError extends Error {
  override readonly name = 'PayloadUnreadableError';
}
