import type { ChannelRef } from './channel.ts';

/** Why no run will release a resource that carries our ownership tag. */
export type WhyOrphaned =
  | 'its run is over'
  | 'its run is unknown to Temporal'
  | 'its run has another channel'
  | 'its run allocates later'
  | 'its run has its channel in another place'
  | 'its run does not say where its channel is'
  | 'its name is not the one its ownership tag leads to';

/** The reason that makes the sweep report a resource and never touch it: a copied tag must not release it, nor hide it. */
export const contradicts: WhyOrphaned = 'its name is not the one its ownership tag leads to';

/** The tag and the name are the run's, and the run recorded that it made its channel elsewhere. */
export const isElsewhere: WhyOrphaned = 'its run has its channel in another place';

/** The run has a channel, and Temporal or a worker could not say which: the resource may be that channel. */
export const isSilent: WhyOrphaned = 'its run does not say where its channel is';

/** What lacks the tag, the name or the place of its run's channel is reported, and left to a person. */
export const isLeftAlone = (reason: WhyOrphaned): boolean => reason === contradicts || reason === isElsewhere;

export interface OrphanedResource {
  ref: ChannelRef;
  reason: WhyOrphaned;
}

/** An orphaned resource, and what the sweep did about it. */
export interface SweptResource extends OrphanedResource {
  outcome: 'released' | 'would be released' | 'not released' | 'alive again' | 'left alone';
  /** Why it was not released, as the vendor put it. */
  detail?: string;
}

/** What every sweep does about a resource whose run is silent: nothing, for now. */
export const asksAgain = ({ workflowId }: ChannelRef): Pick<SweptResource, 'outcome' | 'detail'> => ({
  outcome: 'not released',
  detail: `the run of ${workflowId} does not say now where its channel is; the next sweep asks again`,
});

/** What a sweep of one account found and did. The field names are public. */
export interface SweptAccount {
  vendor: string;
  account: string;
  /** How many resources carry our ownership tag. */
  seen: number;
  orphans: SweptResource[];
  /** Why the account could not be listed. */
  problem?: string;
}

export interface SweepReport {
  dryRun: boolean;
  accounts: SweptAccount[];
}

/** Undefined where it did all that it tried; a dry run tries to release nothing. */
export function whySweepFailed({ dryRun, accounts }: SweepReport): string | undefined {
  if (accounts.some(({ problem }) => problem)) return 'not every account could be listed';
  const isLeft = !dryRun && accounts.some(({ orphans }) => orphans.some(({ outcome }) => outcome === 'not released'));
  return isLeft ? 'not everything could be released' : undefined;
}

export interface SweepOptions {
  /** Release nothing, only report. */
  dryRun?: boolean;
  /**
   * Also release resources whose run this namespace does not know. Only for accounts that no other namespace uses: its
   * events carry the same ownership tag.
   */
  unknownToo?: boolean;
  /** How long the sweep waits before it checks an orphaned resource again and releases it. Default 2 minutes. */
  graceMs?: number;
}

export const defaultGraceMs = 120_000;
