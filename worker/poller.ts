import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { PollerPort } from '../activities/ports.ts';
import { pollerIdOf, pollerType } from '../domain/ids.ts';
import { isPlainKey, onChannels, runningEvents } from '../domain/search-attributes.ts';

/** How long we believe that a poller we saw still runs. */
const trustMs = 30_000;

/** Gives events hints through Temporal, found by the search attribute of their channel. */
export function pollerPort(client: Client, taskQueue: string, { versioned = false } = {}): PollerPort {
  const ensured = new Map<string, number>();
  return {
    async watching(vendor, account) {
      const phases = "ShowcallerPhase IN ('waiting-for-encoder', 'live', 'encoder-lost')";
      const { count } = await client.workflow.count(`${runningEvents(vendor, account)} AND ${phases}`);
      return count;
    },

    async recheck(vendor, account, channels) {
      const keys = channels.filter(isPlainKey);
      if (keys.length === 0) return [];
      const found = new Set<string>();
      const query = `${runningEvents(vendor, account)} AND ${onChannels(keys)}`;
      for await (const run of client.workflow.list({ query })) {
        const { ShowcallerChannel: channel } = run.searchAttributes as Record<string, unknown[] | undefined>;
        if (typeof channel?.[0] === 'string') found.add(channel[0]);
        await client.workflow.getHandle(run.workflowId).signal('look').catch(unlessOver);
      }
      return keys.filter((key) => !found.has(key));
    },

    async ensure(vendor, account) {
      const workflowId = pollerIdOf(taskQueue, vendor, account);
      if (Date.now() - (ensured.get(workflowId) ?? 0) < trustMs) return true;
      try {
        await client.workflow.start(pollerType, {
          workflowId,
          taskQueue,
          args: [{ vendor, account }],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          // Pinned to a build it would hold that back for as long as anybody waits, for events of later builds too.
          ...(versioned && { versioningOverride: 'AUTO_UPGRADE' as const }),
          staticSummary: `encoders of ${vendor} / ${account}`,
        });
      } catch {
        // Then each event looks for itself: slower for the vendor, not for the event.
        return false;
      }
      ensured.set(workflowId, Date.now());
      return true;
    },
  };
}

function unlessOver(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
