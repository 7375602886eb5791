/** What keeps one caller from taking everything. */
export interface Limits {
  /** Largest body, bytes. */
  bodyBytes: number;
  /** Requests in a minute of one token. */
  perToken: number;
  /** Requests in a minute of one address without a valid token. */
  perStranger: number;
  /** How long a request may take to arrive, milliseconds. */
  requestMs: number;
  /** How long a question to Temporal may take, milliseconds. */
  answerMs: number;
  /** Streams open at once. */
  streams: number;
  /** How often what is watched is looked at, milliseconds. */
  lookMs: number;
  /** How often a silent stream says that it is there, milliseconds. */
  heartbeatMs: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 64 * 1024,
  perToken: 1_200,
  perStranger: 300,
  requestMs: 15_000,
  answerMs: 10_000,
  streams: 500,
  lookMs: 1_000,
  heartbeatMs: 15_000,
};
