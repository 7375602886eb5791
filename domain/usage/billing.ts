/** A state of something at the vendor that costs, or the end of it, as the vendor dated it where it does. Epoch milliseconds. */
export interface BilledState {
  resource: string;
  name: string;
  state: 'standby' | 'running' | 'off';
  at: number;
  /** It was asked for then; the vendor's own date, seen later, takes its place. */
  asked?: boolean;
}

/** What a vendor bills, of what its manifest says. */
export interface Bill {
  /** The vendor's word for what is billed. */
  resource: string;
  /** `input`: while an encoder sends. `standby`, `running`: while the resource is in that state. */
  state: 'standby' | 'running' | 'input';
  /** The vendor option whose value decides the price. */
  classOption?: string;
  /** It is shared by the events of the account, and costs until an operator ends it. */
  goesOn?: boolean;
  /** Not every event makes it. */
  optional?: boolean;
  /** What the vendor bills besides and does not say. */
  unseen?: string;
}

/** How much may be billed of an event, and what happens then. Stands in histories. */
export interface Budget {
  billedMs: number;
  onLimit: 'warn' | 'stop';
  /** What the vendor billed when the plan was prepared. */
  bills: readonly Bill[];
}

/** With more states; one that repeats the newest state of its resource says nothing new. */
export function withBilledStates(known: readonly BilledState[], more: readonly BilledState[]): BilledState[] {
  const all = [...known];
  for (const seen of more) {
    const last = all.findLastIndex(({ resource, name }) => resource === seen.resource && name === seen.name);
    if (all[last]?.state !== seen.state) all.push(seen);
    else if (all[last]?.asked && !seen.asked) all[last] = seen;
  }
  return all;
}
