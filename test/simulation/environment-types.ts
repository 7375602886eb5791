import type { Client } from '@temporalio/client';
import type { Activities } from '../../activities/contract.ts';
import type { ShowcallerClient } from '../../client/client.ts';
import type { Phase } from '../../domain/phases.ts';
import type { Skew } from './temporal/virtual-globals.ts';

/** A worker that a test can stop. */
export interface TestWorker {
  /** Asks for nothing more; resolves when it has ended. */
  stop(): Promise<void>;
  /** As a SIGKILL: what it had under way never answers. */
  kill(): void;
}

export interface WorkOptions {
  /** Asks for one kind of task: what the other half does is then in the test's hand. Default: both. */
  only?: 'workflows' | 'activities';
  /** How far the clock of the worker's machine is ahead. */
  skewMs?: Skew;
}

/** What a test of a workflow needs of Temporal, whether it is simulated or real. */
export interface TestEnvironment {
  client: Client;
  namespace: string;
  taskQueue: string;
  showcaller: ShowcallerClient;
  /** Starts a worker with these activities on the environment's own task queue. */
  work(activities: Activities, options?: WorkOptions): Promise<TestWorker>;
  /** The phase of an event as the server has it at this instant, without a question to a worker. */
  phaseOf(eventId: string): Phase | undefined;
  /** The server is killed and started again: what waits to be tried again begins at once. */
  serverRestarts(): void;
  close(): Promise<void>;
}

export interface EnvironmentOptions {
  /** Default: one of its own. */
  taskQueue?: string;
  /** The test speaks HTTP or RTMP on loopback: virtual time waits for it. */
  usesLoopback?: boolean;
}
