import type { BudgetShortage } from '../../domain/booking/budget.ts';
import type { Conflict } from '../../domain/booking/request.ts';
import type { Problem } from '../../domain/errors.ts';

export interface ProblemFacts {
  status: number;
  /** Names the kind of problem for programs: `urn:showcaller:problem:<kind>`. */
  kind: string;
  title: string;
  /** What was attempted, on what, what to do next. Never a secret. */
  detail: string;
  /** Everything wrong with what was sent. */
  problems?: readonly Problem[];
  /** What other events hold at the same time. */
  conflicts?: readonly Conflict[];
  /** The budgets that have no room. */
  budgets?: readonly BudgetShortage[];
  headers?: Readonly<Record<string, string>>;
}

/** A failure as the caller sees it (RFC 9457). Its `cause` goes to the log alone. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly facts: ProblemFacts;
  /** Fastify reads it. */
  readonly statusCode: number;

  constructor(facts: ProblemFacts, options?: ErrorOptions) {
    super(facts.detail, options);
    this.facts = facts;
    this.statusCode = facts.status;
  }
}

const retryAfterSeconds = 5;

/** 401: no token, or one that is not known. */
export const unauthenticated = (detail: string, options?: ErrorOptions): HttpProblem =>
  new HttpProblem(
    {
      status: 401,
      kind: 'unauthenticated',
      title: 'A valid token is needed',
      detail,
      headers: { 'www-authenticate': 'Bearer realm="showcaller"' },
    },
    options,
  );

/** 403: the token is known and lacks the permission. */
export const forbidden = (detail: string): HttpProblem =>
  new HttpProblem({ status: 403, kind: 'forbidden', title: 'Not allowed', detail });

/** 429: the caller has to wait, or to use less. */
export const tooMany = (detail: string, retryAfterSeconds = 5): HttpProblem =>
  new HttpProblem({
    status: 429,
    kind: 'too-many-requests',
    title: 'Too many requests',
    detail,
    headers: { 'retry-after': String(retryAfterSeconds) },
  });

/** 499: the caller has closed its connection, and gets no answer; the log and the metrics blame no other side. */
export const callerGone = (options?: ErrorOptions): HttpProblem =>
  new HttpProblem(
    { status: 499, kind: 'caller-gone', title: 'Caller gone', detail: 'the caller has closed its connection' },
    options,
  );

/** 503: Temporal, a vendor or the token issuer does not answer now. */
export const unavailable = (detail: string, options?: ErrorOptions): HttpProblem =>
  new HttpProblem(
    {
      status: 503,
      kind: 'unavailable',
      title: 'Unavailable',
      detail,
      headers: { 'retry-after': String(retryAfterSeconds) },
    },
    options,
  );

/** 404: it does not exist, or belongs to another tenant. */
export const notFound = (detail: string, options?: ErrorOptions): HttpProblem =>
  new HttpProblem({ status: 404, kind: 'not-found', title: 'Not found', detail }, options);

/** 409: the state of the event or schedule does not allow it. */
export const conflict = (kind: string, detail: string, options?: ErrorOptions): HttpProblem =>
  new HttpProblem({ status: 409, kind, title: 'Conflict', detail }, options);

/** 409: other events hold what this one uses. */
export const booked = (detail: string, conflicts: readonly Conflict[], options?: ErrorOptions): HttpProblem =>
  new HttpProblem({ status: 409, kind: 'already-booked', title: 'Already booked', detail, conflicts }, options);

/** 409: the budget of the event's tenant has no room for it. */
export const overBudget = (detail: string, budgets: readonly BudgetShortage[], options?: ErrorOptions): HttpProblem =>
  new HttpProblem({ status: 409, kind: 'over-budget', title: 'Over budget', detail, budgets }, options);

/** 4xx for what was sent, with everything that is wrong with it. */
export const invalid = (
  status: number,
  kind: string,
  detail: string,
  problems?: readonly Problem[],
  options?: ErrorOptions,
): HttpProblem => new HttpProblem({ status, kind, title: 'Not valid', detail, problems }, options);
