import type { ChannelRef } from './channel.ts';

/** Why a resource with our mark is nobody's any more. */
export type OrphanReason = 'its run is over' | 'its run is unknown to Temporal';

export interface Orphan {
  ref: ChannelRef;
  reason: OrphanReason;
}

/** What became of one orphan. */
export interface SweptOrphan extends Orphan {
  outcome: 'released' | 'would be released' | 'not released' | 'alive again' | 'left alone';
  /** Why it was not released, in the vendor's words. */
  detail?: string;
}

/** What a sweep of one account saw and did. */
export interface SweptAccount {
  vendor: string;
  account: string;
  /** Resources that carry our mark. */
  seen: number;
  orphans: SweptOrphan[];
  /** Why the account could not be looked at. */
  problem?: string;
}

export interface SweepReport {
  dryRun: boolean;
  accounts: SweptAccount[];
}

export interface SweepOptions {
  /** Release nothing, only tell. */
  dryRun?: boolean;
  /**
   * Also release what this namespace knows no run of. Only for accounts that no other namespace uses: its events carry
   * the same mark.
   */
  unknownToo?: boolean;
  /** How long an orphan is left alone before it is looked at again and released. Default 2 minutes. */
  graceMs?: number;
}

export const defaultGraceMs = 120_000;
