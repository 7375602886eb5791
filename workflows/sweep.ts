import {
  ActivityCancellationType,
  ActivityFailure,
  executeChild,
  ParentClosePolicy,
  patched,
  proxyActivities,
  sleep,
  TemporalFailure,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { SweepActivities } from '../activities/contract.ts';
import { eventKeyOf, releasedIdOf } from '../domain/ids.ts';
import {
  asksAgain,
  contradicts,
  defaultGraceMs,
  isElsewhere,
  isLeftAlone,
  isSilent,
  type OrphanedResource,
  type SweepOptions,
  type SweepReport,
  type SweptAccount,
  type SweptResource,
} from '../domain/sweep.ts';
import type { ReleasedUsage } from '../domain/usage/usage.ts';
import { describeFailure } from './failure.ts';
import { canWait } from './priorities.ts';
import { liveEventReleased } from './released.ts';

const { sweepableAccounts, findOrphans, releaseOrphan } = proxyActivities<SweepActivities>({
  ...canWait,
  startToCloseTimeout: '10m',
  heartbeatTimeout: '1m',
  // The next sweep comes in a few minutes: what fails now is reported, not tried for ever.
  scheduleToCloseTimeout: '20m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 5 },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/**
 * Finds resources that no run will release any more, because the run was terminated, its namespace deleted, or a bug
 * forgot them, and releases them after a grace time. Resources without our ownership tag are not touched.
 */
export async function sweep(options: SweepOptions = {}): Promise<SweepReport> {
  const { dryRun = false, unknownToo = false, graceMs = defaultGraceMs } = options;
  const accounts = await sweepableAccounts();
  const listed = await Promise.all(accounts.map(listAccount));
  const isOurs = ({ reason }: OrphanedResource) =>
    !isLeftAlone(reason) && (unknownToo || reason !== 'its run is unknown to Temporal');
  const anything = listed.some(({ orphans }) => orphans.some(isOurs));
  if (anything && !dryRun) await sleep(graceMs, { summary: 'grace time before anything is released' });
  return { dryRun, accounts: await Promise.all(listed.map((account) => releaseAll(account, dryRun, isOurs))) };
}

const maybeForeign = 'another namespace may own it; a sweep with unknownToo releases it';

const whyLeftAlone = ({ reason, ref }: OrphanedResource): string => {
  if (reason === isElsewhere)
    return `the run of ${ref.workflowId} made its channel in another place than this one${ref.place ? `, ${ref.place}` : ''}; if it is not in use, delete it at the vendor`;
  return reason === contradicts
    ? `it carries the ownership tag of ${ref.workflowId} under a name that showcaller would not give; if it is not in use, delete it at the vendor`
    : maybeForeign;
};

type ListedAccount = Omit<SweptAccount, 'orphans'> & { orphans: OrphanedResource[] };

async function listAccount({ vendor, account }: { vendor: string; account: string }): Promise<ListedAccount> {
  try {
    return { vendor, account, ...(await findOrphans({ vendor, account })) };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { vendor, account, seen: 0, orphans: [], problem: describeFailure(error).message };
  }
}

async function releaseAll(
  { orphans, ...account }: ListedAccount,
  dryRun: boolean,
  isOurs: (resource: OrphanedResource) => boolean,
): Promise<SweptAccount> {
  const swept: SweptAccount = { ...account, orphans: [] };
  for (const resource of orphans) {
    if (!isOurs(resource)) swept.orphans.push({ ...resource, outcome: 'left alone', detail: whyLeftAlone(resource) });
    else if (dryRun) swept.orphans.push({ ...resource, ...wouldBe(resource) });
    else swept.orphans.push({ ...resource, ...(await releaseOne(resource)) });
  }
  return swept;
}

const wouldBe = ({ reason, ref }: OrphanedResource): Pick<SweptResource, 'outcome' | 'detail'> =>
  reason === isSilent ? asksAgain(ref) : { outcome: 'would be released' };

async function releaseOne(resource: OrphanedResource) {
  try {
    const { usage, ...outcome } = await releaseOrphan(resource);
    if (usage && patched('released-is-kept')) await keep(resource, usage);
    return outcome;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { outcome: 'not released' as const, detail: describeFailure(error).message };
  }
}

/** For the usage of the event. A record that cannot be made keeps nothing from being released. */
async function keep({ ref }: OrphanedResource, released: ReleasedUsage): Promise<void> {
  try {
    await executeChild(liveEventReleased, {
      workflowId: releasedIdOf(eventKeyOf(ref.workflowId) ?? ref.workflowId),
      args: [released],
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `released by the sweep: ${ref.id ?? ref.name}`,
    });
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
  }
}
