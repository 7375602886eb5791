/** The shares of a budget at which running events are warned. */
const shares = [0.8, 1] as const;
export type BudgetShare = (typeof shares)[number];

/** A share that is so near is taken as reached, so that a look does not end just before it again and again. */
export const nearMs = 500;

export interface Reach {
  /** The largest share that is reached. */
  reached?: BudgetShare;
  /** When the next share is reached if nothing changes; absent while nothing is billed, and after the last. */
  nextInMs?: number;
}

/** Which share of a limit is reached. `rate`: by how much the use grows in a millisecond. `near`: so much short of it is enough. */
export function reachOf({ used, limit, rate, near }: Record<'used' | 'limit' | 'rate' | 'near', number>): Reach {
  const isReached = (share: BudgetShare) => used >= share * limit - near;
  const reached = shares.findLast(isReached);
  const next = shares.find((share) => !isReached(share));
  return {
    ...(reached !== undefined && { reached }),
    ...(next !== undefined && rate > 0 && { nextInMs: Math.ceil((next * limit - used) / rate) }),
  };
}
