import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  patched,
  setCurrentDetails,
} from '@temporalio/workflow';
import type { VodResult } from '../activities/contract.ts';
import type { By } from '../domain/actions.ts';
import type { Channel } from '../domain/channel.ts';
import { type PreparedPlan, specOf } from '../domain/plan.ts';
import type { EventStatus, VodRetry } from '../domain/report.ts';
import { withoutMarkup } from '../domain/text.ts';
import { describeFailure } from './failure.ts';
import { allocateBy, cleanUp, publishVodWithin } from './live-event/activities.ts';
import { vodInputOf } from './live-event/vod-input.ts';

export interface VodRetryInput extends By {
  /** Of the finished event. */
  report: EventStatus;
}

/** How long a vendor may take to give back the empty channel that its playlist call needs. */
const allocateWithinMs = 600_000;

/** Publishes and proves the recording of a finished event again, and leaves nothing else behind. */
export async function liveEventVod({ report, by, reason }: VodRetryInput): Promise<VodRetry> {
  const { eventId, plan } = report;
  const input = vodInputOf(report);
  if (!plan || !input) {
    throw ApplicationFailure.nonRetryable(`${eventId} recorded nothing: it has no output`, 'refused');
  }
  setCurrentDetails(
    `### ${withoutMarkup(plan.title)}\n\n${withoutMarkup(`the recording is tried again for ${by}: ${reason}`)}\n`,
  );
  const publish = publishVodWithin(plan.vod.deadlineMs);
  const result = await withChannel(plan, input.channel, (channel) => publish({ ...input, channel }));
  const retry: VodRetry = { eventId, by, reason, proved: result.proved, vod: result.assets, detail: result.reason };
  if (result.proved) return retry;
  throw ApplicationFailure.create({
    type: 'vod-unproved',
    message: result.reason ?? 'the recording could not be proved whole',
    details: [retry],
    nonRetryable: true,
  });
}

/** Some vendors make playlists only of a channel that exists: it is made again, closed, and released in any case. */
async function withChannel(
  plan: PreparedPlan,
  channel: Channel,
  work: (present: Channel) => Promise<VodResult>,
): Promise<VodResult> {
  const failed = (error: unknown): VodResult => {
    if (!(error instanceof ActivityFailure)) throw error;
    return { proved: false, assets: [], reason: describeFailure(error).message };
  };
  if (!plan.capabilities.vodNeedsChannel) return work(channel).catch(failed);
  let mayBeThere = true;
  try {
    return await work(await allocateBy(allocateWithinMs)(specOf(plan, channel.ref)));
  } catch (error) {
    mayBeThere = !(isRefusedAllocation(error) && patched('retry-made-nothing'));
    return failed(error);
  } finally {
    if (mayBeThere) await CancellationScope.nonCancellable(() => cleanUp(channel.ref));
  }
}

/** Nothing was made, for example because the account leads elsewhere now: a clean-up there would never end. */
const isRefusedAllocation = (error: unknown): boolean =>
  error instanceof ActivityFailure && error.activityType === 'allocate' && describeFailure(error).nothingMade;
