import { workflowType } from './ids.ts';
import { type Phase, phases } from './phases.ts';

/** Search attributes in Temporal: a public contract. Temporal does not encrypt them: never a title or a secret. */
export const attributeNames = {
  vendor: 'ShowcallerVendor',
  account: 'ShowcallerAccount',
  /** The vendor's id of the channel, else its name: how the poller and vendor events find their run. */
  channel: 'ShowcallerChannel',
  phase: 'ShowcallerPhase',
  endReason: 'ShowcallerEndReason',
  tenant: 'ShowcallerTenant',
  startsAt: 'ShowcallerStartsAt',
} as const;

/** Other characters occur in no channel key and no workflow id of ours, and must not get into a query. */
const plainKey = /^[A-Za-z0-9:/._@-]{1,400}$/;

export const isPlainKey = (key: string): boolean => plainKey.test(key);

/**
 * The conditions that a run has not ended, and that it has. Not by ExecutionStatus: servers before 1.30 refuse a query that
 * names the status of a paused run.
 */
export const isOpen = 'CloseTime IS NULL';
export const isClosed = 'CloseTime IS NOT NULL';

/** The visibility query of the events that run at a vendor, paused ones left out, which take no signal; at one of its accounts when it is given. */
export function runningEvents(vendor: string, account?: string): string {
  const query = `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Running' AND ${attributeNames.vendor} = '${vendor}'`;
  return account === undefined ? query : `${query} AND ${attributeNames.account} = '${account}'`;
}

/** The condition that a run has a channel of its own; an event with several legs has none. */
export const hasChannel = `${attributeNames.channel} IS NOT NULL`;

/** The condition that an event's channel is one of these; each must be a plain key. */
export const onChannels = (keys: readonly string[]): string =>
  `${attributeNames.channel} IN (${keys.map((key) => `'${key}'`).join(', ')})`;

/** The condition that an event is in a phase of a group, e.g. `acceptsEncoder`. */
export const inPhases = (group: (phase: Phase) => boolean): string =>
  `${attributeNames.phase} IN (${phases
    .filter(group)
    .map((phase) => `'${phase}'`)
    .join(', ')})`;

type Attributes = Readonly<Record<string, unknown>>;

/** The channel key in the search attributes of a run. */
export const channelOf = (attributes: Attributes): string | undefined => firstText(attributes[attributeNames.channel]);

/** The vendor and the account in the search attributes of a run; undefined unless it has both. */
export const accountOf = (attributes: Attributes): { vendor: string; account: string } | undefined => {
  const vendor = firstText(attributes[attributeNames.vendor]);
  const account = firstText(attributes[attributeNames.account]);
  return vendor === undefined || account === undefined ? undefined : { vendor, account };
};

/** The phase in the search attributes of a run. */
export const phaseOf = (attributes: Attributes): Phase | undefined => {
  const text = firstText(attributes[attributeNames.phase]);
  return phases.find((phase) => phase === text);
};

function firstText(values: unknown): string | undefined {
  const first: unknown = Array.isArray(values) ? values[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}
