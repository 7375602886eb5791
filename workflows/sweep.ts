import { ActivityCancellationType, ActivityFailure, proxyActivities, sleep } from '@temporalio/workflow';
import type { SweepActivities } from '../activities/contract.ts';
import {
  defaultGraceMs,
  type Orphan,
  type SweepOptions,
  type SweepReport,
  type SweptAccount,
} from '../domain/sweep.ts';
import { told } from './failure.ts';

const { sweepableAccounts, findOrphans, releaseOrphan } = proxyActivities<SweepActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '1m',
  // The next sweep comes in a few minutes: what fails now is told, not tried for ever.
  scheduleToCloseTimeout: '20m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 5 },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/**
 * Finds what no run will release any more — a terminated run, a deleted namespace, a bug — and releases it after a
 * grace time. Resources without our mark are never looked at.
 */
export async function sweep(options: SweepOptions = {}): Promise<SweepReport> {
  const { dryRun = false, unknownToo = false, graceMs = defaultGraceMs } = options;
  const accounts = await sweepableAccounts();
  const looked = await Promise.all(accounts.map(lookAt));
  const ours = (orphan: Orphan) => unknownToo || orphan.reason !== 'its run is unknown to Temporal';
  const anything = looked.some(({ orphans }) => orphans.some(ours));
  if (anything && !dryRun) await sleep(graceMs, { summary: 'grace time before anything is released' });
  return { dryRun, accounts: await Promise.all(looked.map((account) => settle(account, dryRun, ours))) };
}

const maybeOthers = 'another namespace may own it; a sweep with unknownToo releases it';

type Looked = Omit<SweptAccount, 'orphans'> & { orphans: Orphan[] };

async function lookAt({ vendor, account }: { vendor: string; account: string }): Promise<Looked> {
  try {
    return { vendor, account, ...(await findOrphans({ vendor, account })) };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { vendor, account, seen: 0, orphans: [], problem: told(error).message };
  }
}

async function settle(
  { orphans, ...account }: Looked,
  dryRun: boolean,
  ours: (orphan: Orphan) => boolean,
): Promise<SweptAccount> {
  const swept: SweptAccount = { ...account, orphans: [] };
  for (const orphan of orphans) {
    if (!ours(orphan)) swept.orphans.push({ ...orphan, outcome: 'left alone', detail: maybeOthers });
    else if (dryRun) swept.orphans.push({ ...orphan, outcome: 'would be released' });
    else swept.orphans.push({ ...orphan, ...(await released(orphan)) });
  }
  return swept;
}

async function released(orphan: Orphan) {
  try {
    return await releaseOrphan(orphan);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { outcome: 'not released' as const, detail: told(error).message };
  }
}
