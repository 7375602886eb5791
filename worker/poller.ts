import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { PollerPort, WatchingRun } from '../activities/ports.ts';
import { pollerIdOf, pollerType } from '../domain/ids.ts';
import { acceptsEncoder } from '../domain/phases.ts';
import type { EventStatus } from '../domain/report.ts';
import { channelOf, inPhases, isPlainKey, onChannels, runningEvents } from '../domain/search-attributes.ts';

/** How long a poller that runs is not looked up again. */
const trustMs = 30_000;

/** Signals runs through Temporal; finds them by the search attribute of their channel. */
export function pollerPort(client: Client, taskQueue: string, { versioned = false } = {}): PollerPort {
  const ensured = new Map<string, number>();
  return {
    async watching(vendor, account) {
      const query = `${runningEvents(vendor, account)} AND ${inPhases(acceptsEncoder)}`;
      const runs: WatchingRun[] = [];
      for await (const { workflowId, searchAttributes } of client.workflow.list({ query })) {
        const channel = channelOf(searchAttributes);
        runs.push({ workflowId, ...(channel !== undefined && { channel }) });
      }
      return runs;
    },

    async statusOf(workflowId) {
      try {
        return await client.workflow.getHandle(workflowId).query<EventStatus>('status');
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
      // A run that does not watch its encoder has no use for the signal, which would cost its history a task.
      const query = `${runningEvents(vendor, account)} AND ${onChannels(keys)} AND ${inPhases(acceptsEncoder)}`;
      for await (const run of client.workflow.list({ query })) {
        const channel = channelOf(run.searchAttributes);
        const isReached = await signalled(client, run.workflowId);
        if (channel !== undefined && isReached) found.add(channel);
      }
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

/** A run may refuse signals, for example after Temporal's 10,000: that concerns no other run. */
async function signalled(client: Client, workflowId: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).signal('look');
    return true;
  } catch (error) {
    return error instanceof WorkflowNotFoundError;
  }
}
