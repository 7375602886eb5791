import type { PendingStep } from '../../../domain/conditions/pending-step.ts';
import type { EventStatus, VodRetry } from '../../../domain/report.ts';
import type { BilledSpan, LogEntry, SimResource } from '../../../simulators/kit/types.ts';
import type { Push } from './encoder.ts';
import type { Scenario } from './scenario.ts';

/** Everything that is known of one scenario when it is over. */
export interface Evidence {
  scenario: Scenario;
  /** The report, or the last status of a run that did not end. */
  report?: EventStatus;
  /** Temporal's word: COMPLETED, FAILED, CANCELLED … */
  workflow: string;
  /** Steps that were being tried when the run was given up by the test. */
  unfinished?: PendingStep[];
  /** What the run showed of its trying when the lasting faults were lifted; absent when it never came to that. */
  trying?: PendingStep[];
  /** Operators' actions that came to something else than an answer or a refusal. */
  mishaps: string[];
  /** Whether a cancellation was sent. */
  cancelled: boolean;
  /** The vendor's calls, players' reads among them. */
  calls: LogEntry[];
  pushes: Push[];
  /** Whether the encoder was let in after all was over; undefined when it never had an address. */
  letInAfterwards?: boolean;
  left: SimResource[];
  mostChannels: number;
  channelsMade: number;
  neighbours: { before: readonly SimResource[]; after: readonly SimResource[] };
  historyLength: number;
  /** Secrets found in what Temporal keeps or shows, by their first letters. */
  leakedSecrets: string[];
  retry?: VodRetry;
  tookMs: number;
  /** What the vendor would bill, and when that was read. */
  billed: { spans: BilledSpan[]; at: number };
}
