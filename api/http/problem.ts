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
  headers?: Readonly<Record<string, string>>;
}

/** An answer other than success, as RFC 9457 has it. What it says is sent to the caller; its `cause` is not. */
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

/** 401: nobody, or nobody we know. */
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

/** 403: somebody we know, who may not. */
export const forbidden = (detail: string): HttpProblem =>
  new HttpProblem({ status: 403, kind: 'forbidden', title: 'Not allowed', detail });

/** 503: our own trouble, which passes. */
export const unavailable = (detail: string, options?: ErrorOptions): HttpProblem =>
  new HttpProblem(
    {
      status: 503,
      kind: 'unavailable',
      title: 'Not possible just now',
      detail,
      headers: { 'retry-after': String(retryAfterSeconds) },
    },
    options,
  );

/** 404: not there, or not for this caller to see. */
export const notFound = (detail: string, options?: ErrorOptions): HttpProblem =>
  new HttpProblem({ status: 404, kind: 'not-found', title: 'Not found', detail }, options);

/** 409: not as things stand. */
export const conflict = (kind: string, detail: string, options?: ErrorOptions): HttpProblem =>
  new HttpProblem({ status: 409, kind, title: 'Not as things stand', detail }, options);

/** 4xx for what was sent, with all that is wrong with it. */
export const invalid = (
  status: number,
  kind: string,
  detail: string,
  problems?: readonly Problem[],
  options?: ErrorOptions,
): HttpProblem => new HttpProblem({ status, kind, title: 'Not valid', detail, problems }, options);
