import { status as grpc } from '@grpc/grpc-js';
import { type Client, isGrpcServiceError, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { PollerPort, WatchingRun } from '../activities/ports.ts';
import { askStatus } from '../client/ask-status.ts';
import { pollerIdOf, pollerType } from '../domain/ids.ts';
import { inParallel } from '../domain/in-parallel.ts';
import { acceptsEncoder } from '../domain/phases.ts';
import { channelOf, hasChannel, inPhases, isPlainKey, onChannels, runningEvents } from '../domain/search-attributes.ts';

/** How long a poller that runs is not looked up again. */
const trustMs = 30_000;
/** A run without a worker would keep the question open for longer than the poller may be silent. */
const answerWithinMs = 4_000;
/** Each is two calls of Temporal. */
const reachedAtOnce = 20;

/** Reaches runs through Temporal; finds them by the search attribute of their channel. */
export function pollerPort(client: Client, taskQueue: string, { versioned = false } = {}): PollerPort {
  const ensured = new Map<string, number>();
  const rechecks = new Rechecks(client);
  return {
    async watching(vendor, account) {
      const query = `${runningEvents(vendor, account)} AND ${hasChannel} AND ${inPhases(acceptsEncoder)}`;
      const runs: WatchingRun[] = [];
      for await (const { workflowId, searchAttributes } of client.workflow.list({ query })) {
        const channel = channelOf(searchAttributes);
        runs.push({ workflowId, ...(channel !== undefined && { channel }) });
      }
      return runs;
    },

    async statusOf(workflowId) {
      try {
        const ask = () => askStatus(client.workflow.getHandle(workflowId));
        return await client.withDeadline(Date.now() + answerWithinMs, ask);
      } catch {
        // No worker answers, or the run is over: the next look at the list says which.
        return undefined;
      }
    },

    async signalOnAir(workflowId, change) {
      await client.workflow.getHandle(workflowId).signal('onAir', change).catch(unlessOver);
    },

    async connected(vendor, account) {
      const channels: string[] = [];
      const query = `${runningEvents(vendor, account)} AND ${inPhases((phase) => phase === 'live')}`;
      for await (const run of client.workflow.list({ query })) channels.push(channelOf(run.searchAttributes) ?? '');
      return channels.filter((channel) => channel !== '');
    },

    async recheck(vendor, account, channels) {
      const keys = channels.filter(isPlainKey);
      if (keys.length === 0) return [];
      const found = new Set<string>();
      // A run that does not watch its encoder has nothing to look at.
      const query = `${runningEvents(vendor, account)} AND ${onChannels(keys)} AND ${inPhases(acceptsEncoder)}`;
      const reached = async ({ workflowId, searchAttributes }: WorkflowExecutionInfo): Promise<void> => {
        const channel = channelOf(searchAttributes);
        if ((await rechecks.of(workflowId)) && channel !== undefined) found.add(channel);
      };
      // At a full hour hundreds of encoders connect at one instant.
      const runs: WorkflowExecutionInfo[] = [];
      for await (const run of client.workflow.list({ query })) runs.push(run);
      await inParallel(runs, reachedAtOnce, reached);
      return keys.filter((key) => !found.has(key));
    },

    async ensure(vendor, account) {
      const workflowId = pollerIdOf(taskQueue, vendor, account);
      if (performance.now() - (ensured.get(workflowId) ?? Number.NEGATIVE_INFINITY) < trustMs) return true;
      try {
        await client.workflow.start(pollerType, {
          workflowId,
          taskQueue,
          args: [{ vendor, account }],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          // Pinned to a build, the poller would keep that build in use while any event waits, also of later builds.
          ...(versioned && { versioningOverride: 'AUTO_UPGRADE' as const }),
          staticSummary: `encoders of ${vendor} / ${account}`,
        });
      } catch {
        // Without the poller each run asks the vendor itself: more calls, no delay for the event.
        return false;
      }
      ensured.set(workflowId, performance.now());
      return true;
    },
  };
}

function unlessOver(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** The activity of a run that looks at its encoder: between two looks it waits for its next attempt. */
const watchType = 'watchEncoder';
const started = 2;

/**
 * Makes a run look at its encoder at once. A watch that waits for its next attempt is reset, which begins the attempt and
 * leaves nothing in the run's history; a signal, which ends the watch and begins another, costs ten events.
 */
class Rechecks {
  readonly #client: Client;
  /** The attempt that was under way when the run was to look: it may have looked before the change. */
  readonly #underWay = new Map<string, string>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** False when the run was not reached: that concerns no other run. */
  async of(workflowId: string): Promise<boolean> {
    const before = this.#underWay.get(workflowId);
    this.#underWay.delete(workflowId);
    try {
      const { raw } = await this.#client.workflow.getHandle(workflowId).describe();
      const watch = raw.pendingActivities?.find(({ activityType }) => activityType?.name === watchType);
      // Its next watch begins with a look; whether that saw the change is found out at the next tick.
      if (!watch) return false;
      const attempt = `${watch.activityId} ${watch.attempt} ${watch.lastStartedTime?.seconds}`;
      if (watch.state !== started) return await this.#lookNow(workflowId);
      // An attempt that looks now ends soon, with the change or without; one that hangs is replaced.
      if (before === attempt) return await this.#signal(workflowId);
      this.#underWay.set(workflowId, attempt);
      return false;
    } catch (error) {
      return error instanceof WorkflowNotFoundError;
    }
  }

  async #lookNow(workflowId: string): Promise<boolean> {
    const { workflowService, options } = this.#client;
    try {
      // https://docs.temporal.io/cli/activity#reset
      await workflowService.resetActivity({
        namespace: options.namespace,
        execution: { workflowId },
        identity: options.identity,
        type: watchType,
      });
      return true;
    } catch (error) {
      // The watch ended meanwhile: the next one begins with a look.
      if (isGrpcServiceError(error) && error.code === grpc.NOT_FOUND) return false;
      // A server before 1.28 cannot, and a role may not.
      return this.#signal(workflowId);
    }
  }

  /** A run may refuse signals, for example after Temporal's 10,000. */
  async #signal(workflowId: string): Promise<boolean> {
    try {
      await this.#client.workflow.getHandle(workflowId).signal('look');
      return true;
    } catch (error) {
      return error instanceof WorkflowNotFoundError;
    }
  }
}
