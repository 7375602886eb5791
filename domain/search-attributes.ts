import { workflowType } from './ids.ts';

/** What a channel's key may consist of; anything else is no channel of ours, and must not get into a query. */
const plainKey = /^[A-Za-z0-9:/._-]{1,400}$/;

export const isPlainKey = (key: string): boolean => plainKey.test(key);

/** The visibility query of the events that run at a vendor, at one of its accounts when it is given. */
export function runningEvents(vendor: string, account?: string): string {
  const where = `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Running' AND ShowcallerVendor = '${vendor}'`;
  return account === undefined ? where : `${where} AND ShowcallerAccount = '${account}'`;
}

/** The condition that an event's channel is one of these; each must be a plain key. */
export const onChannels = (keys: readonly string[]): string =>
  `ShowcallerChannel IN (${keys.map((key) => `'${key}'`).join(', ')})`;
