import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { PollerPort, WatchingRun } from '../activities/ports.ts';
import { askStatus } from '../client/ask-status.ts';
import { pollerIdOf, pollerType } from '../domain/ids.ts';
import { inParallel } from '../domain/in-parallel.ts';
import { acceptsEncoder } from '../domain/phases.ts';
import {
  channelOf,
  hasChannel,
  inPhases,
  isPlainKey,
  onChannels,
  phaseOf,
  runningEvents,
} from '../domain/search-attributes.ts';
import type { ReportGate } from './report-gate.ts';
import { Watches } from './watches.ts';

/** How long a poller that runs is not looked up again. */
const trustMs = 30_000;
/** A run without a worker would keep the question open for longer than the poller may be silent. */
const answerWithinMs = 4_000;
const describedAtOnce = 20;

/** Reaches runs through Temporal; finds them by the search attribute of their channel. */
export function pollerPort(
  client: Client,
  taskQueue: string,
  { versioned = false, gate }: { versioned?: boolean; gate?: ReportGate } = {},
): PollerPort {
  const ensured = new Map<string, number>();
  const watches = new Watches(client, gate);
  return {
    async watching(vendor, account) {
      const query = `${runningEvents(vendor, account)} AND ${hasChannel} AND ${inPhases(acceptsEncoder)}`;
      const runs: WatchingRun[] = [];
      for await (const { workflowId, searchAttributes, startTime } of client.workflow.list({ query })) {
        const [channel, phase] = [channelOf(searchAttributes), phaseOf(searchAttributes)];
        runs.push({
          workflowId,
          startedAt: startTime.getTime(),
          ...(channel !== undefined && { channel }),
          ...(phase !== undefined && { phase }),
        });
      }
      return runs;
    },

    waiting: (workflowId) => watches.waiting(workflowId),

    async statusOf(workflowId) {
      try {
        const ask = () => askStatus(client.workflow.getHandle(workflowId));
        return await client.withDeadline(Date.now() + answerWithinMs, ask);
      } catch {
        // No worker answers, or the run is over: the next look at the list says which.
        return undefined;
      }
    },

    async isShowOver(workflowId) {
      const describe = () => client.workflow.getHandle(workflowId).describe();
      const { closeTime, searchAttributes } = await client.withDeadline(Date.now() + answerWithinMs, describe);
      const phase = phaseOf(searchAttributes);
      return closeTime !== undefined || (phase !== undefined && !acceptsEncoder(phase));
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

    async find(vendor, account, channels) {
      const keys = channels.filter(isPlainKey);
      if (keys.length === 0) return [];
      // A run that does not watch its encoder has nothing to look at.
      const query = `${runningEvents(vendor, account)} AND ${onChannels(keys)} AND ${inPhases(acceptsEncoder)}`;
      const runs: { workflowId: string; channel: string }[] = [];
      for await (const { workflowId, searchAttributes } of client.workflow.list({ query })) {
        const channel = channelOf(searchAttributes);
        if (channel !== undefined) runs.push({ workflowId, channel });
      }
      // At a full hour hundreds of encoders connect at one instant.
      const found = await inParallel(runs, describedAtOnce, (run) => watches.find(run));
      return found.filter((run) => run !== undefined);
    },

    reach: (run, answer) => watches.reach(run, answer),

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
