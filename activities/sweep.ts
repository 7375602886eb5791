import { heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ChannelRef } from '../domain/channel.ts';
import type { Orphan, SweptOrphan } from '../domain/sweep.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { SweepActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { step } from './driver-step.ts';
import { redact } from './redact.ts';

/** How often a not-yet of one orphan is asked again before the next sweep goes on with it. */
const triesPerOrphan = 20;

export const sweepActivities = (deps: ActivityDeps): SweepActivities => ({
  sweepableAccounts: async () => deps.allAccounts?.() ?? [],

  findOrphans: async ({ vendor, account }) => {
    const driver = await deps.driver(vendor, account);
    let seen = 0;
    const orphans: Orphan[] = [];
    for await (const ref of ownedBy(deps, driver)) {
      seen += 1;
      const orphan = await orphanOf(deps, ref);
      if (orphan) orphans.push(orphan);
    }
    return { seen, orphans };
  },

  releaseOrphan: async ({ ref }): Promise<Pick<SweptOrphan, 'outcome' | 'detail'>> => {
    // Asked again: in the grace time the same event may have been started anew.
    if (!(await orphanOf(deps, ref))) return { outcome: 'alive again' };
    const driver = await deps.driver(ref.vendor, ref.account);
    try {
      return await release(deps, driver, ref);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { outcome: 'not released', detail: redact(message, deps.secrets()) };
    }
  },
});

async function release(
  deps: ActivityDeps,
  driver: VendorDriver,
  ref: ChannelRef,
): Promise<Pick<SweptOrphan, 'outcome' | 'detail'>> {
  let waitingFor = '';
  for (let tries = 0; tries < triesPerOrphan; tries += 1) {
    heartbeat();
    const progress = await driver.cleanUp(ref);
    if (progress.done) return { outcome: 'released' };
    waitingFor = progress.waitingFor;
    await new Promise((resolve) => setTimeout(resolve, Math.max(20, progress.retryAfterMs * deps.pace)));
  }
  return { outcome: 'not released', detail: `still waiting for ${waitingFor}; the next sweep goes on` };
}

async function* ownedBy(deps: ActivityDeps, driver: VendorDriver): AsyncGenerator<ChannelRef> {
  let cursor: string | undefined;
  do {
    heartbeat();
    const page = await step(deps, 'recording', () => driver.owned(cursor));
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}

async function orphanOf({ sweep }: ActivityDeps, ref: ChannelRef): Promise<Orphan | undefined> {
  if (!sweep) throw ApplicationFailure.nonRetryable('this worker has no client to ask for runs with', 'unknown');
  const owner = await sweep.ownerOf(ref.workflowId);
  if (owner === 'running') return undefined;
  return { ref, reason: owner === 'over' ? 'its run is over' : 'its run is unknown to Temporal' };
}
