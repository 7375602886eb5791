/** Limits that keep one caller from using up the process. */
export interface ApiLimits {
  /** Largest body, bytes. */
  bodyBytes: number;
  /** Requests in a minute of one principal. */
  requestsPerPrincipal: number;
  /** Requests in a minute of one address without a valid token. */
  requestsPerAddress: number;
  /** How long a request may take to arrive, milliseconds. */
  requestMs: number;
  /** How long Temporal may take to answer, milliseconds. */
  answerMs: number;
  /** Streams open at once. */
  streams: number;
  /** Of these, one principal's. */
  streamsPerPrincipal: number;
  /** How often Temporal is asked for what a stream shows, milliseconds. */
  pollMs: number;
  /** How often a silent stream sends a comment, milliseconds. */
  heartbeatMs: number;
}

export const defaultLimits: ApiLimits = {
  bodyBytes: 64 * 1024,
  requestsPerPrincipal: 1_200,
  requestsPerAddress: 300,
  requestMs: 15_000,
  answerMs: 10_000,
  streams: 500,
  streamsPerPrincipal: 50,
  pollMs: 1_000,
  heartbeatMs: 15_000,
};
