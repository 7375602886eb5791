import type { LiveWindow } from '../../../domain/channel.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import type { HistoryEvent } from '../temporal/events.ts';
import type { RunStatus } from '../temporal/server/execution.ts';
import type { CloudChannel } from './cloud.ts';
import type { SentCall } from './network.ts';
import type { ViewerFault } from './playback.ts';
import type { OperatorAction, Scenario } from './scenario.ts';

/** An action of an operator, and what came of it. */
export interface Acted {
  action: OperatorAction;
  at: number;
  /** `unanswered`: no worker took it up in time, and one may do it later; `failed`: none of these. */
  outcome: 'accepted' | 'refused' | 'unanswered' | 'failed';
  answer: string;
}

/** Everything that is known of one random show when it is over. Instants are epoch milliseconds. */
export interface Evidence {
  scenario: Scenario;
  /** Absent when the run never ended. */
  report?: EventStatus;
  status: RunStatus;
  closedAt: number;
  phases: { phase: Phase; at: number }[];
  acted: Acted[];
  /** The spans in which the vendor took the picture. */
  sent: LiveWindow[];
  /** When a viewer could get a new segment, ascending, and how long one is at most. */
  news: number[];
  targetMs: number;
  viewerFaults: ViewerFault[];
  calls: SentCall[];
  made: { name: string; tag: string }[];
  /** When channels were open to encoders. */
  opened: { name: string; at: number }[];
  /** When channels were closed to encoders. */
  closed: { name: string; at: number }[];
  /** What was at the vendor in the moment in which the run ended. */
  left: CloudChannel[];
  /** What the event held of its tenant's budget when its run had ended. */
  held: string[];
  neighbourIsUntouched: boolean;
  letInAfterwards: boolean;
  /** Spans without a worker, and what a killed one needs to be missed. */
  unattended: LiveWindow[];
  /** Spans in which a transition was stuck. */
  stuck: LiveWindow[];
  /** Workflow tasks that failed, and what else is wrong with the runs themselves. */
  taskFailures: readonly string[];
  histories: Record<string, HistoryEvent[]>;
  /** What happened, in order: `<instant> <what>`. */
  trace: readonly string[];
  digest: string;
  kills: number;
  virtualMs: number;
}
