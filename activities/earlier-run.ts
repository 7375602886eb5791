import { activityInfo, log } from '@temporalio/activity';
import type { LiveEventActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import type { OpenChannel } from './ports.ts';

/** For a run that ends without a plan, and so can close nothing. Of an event with legs, these close down by themselves. */
export const earlierRunActivities = ({ earlierRun }: ActivityDeps): Pick<LiveEventActivities, 'unreleasedBefore'> => ({
  unreleasedBefore: async () => {
    const { workflowExecution } = activityInfo();
    const run = workflowExecution && (await earlierRun?.unreleased(workflowExecution));
    if (!run) return undefined;
    const what = run.channel === undefined ? 'what it made' : `its channel ${run.channel}`;
    const where = run.vendor && run.account ? ` at ${run.vendor} / ${run.account}` : '';
    return `an earlier run of the event was cut off while ${run.phase}: ${what}${where} may still be on air and billed, until the sweep releases it or the next run of the event takes it over`;
  },
});

/** So often the answer is asked for again; then the run begins without it, because a show must not wait for a list. */
const mostTries = 5;

/** The channel that the event's earlier run had open at this account when it was terminated or reset. */
export async function leftOpen(
  { earlierRun }: ActivityDeps,
  of: { vendor: string; account: string },
): Promise<OpenChannel | undefined> {
  const { workflowExecution, attempt } = activityInfo();
  if (!earlierRun || !workflowExecution) return undefined;
  try {
    const left = await earlierRun.cutOff(workflowExecution);
    return left?.vendor === of.vendor && left.account === of.account ? left : undefined;
  } catch (error) {
    if (attempt <= mostTries) throw error;
    log.warn('cannot list the earlier runs of the event: a show that one of them had on air is not joined', { error });
    return undefined;
  }
}
