import { attributeNames, isOpen } from '../domain/search-attributes.ts';
import { formatInstant } from '../domain/time.ts';
import { vendorsThatShare } from '../plan/bills.ts';
import { RefusedError } from './errors.ts';
import { type EventSummary, quoted } from './listing.ts';

/** What a run left may have been billed until a sweep came. */
const sweptWithinMs = 86_400_000;
/** A run that was cut off longer before is billed until a sweep comes, however late: so many are read, the newest. */
const mostCutOff = 500;
/** The newest event of an account may have ended before it needed what the account's events share: so many are read. */
const newestOfAccount = 5;
const mostAccounts = 100;

export interface ListsRuns {
  listRuns(query: string): AsyncIterable<EventSummary>;
}

export interface UsageRequest {
  /** Epoch milliseconds. */
  from: number;
  to: number;
}

export interface BilledRunsOptions {
  most: number;
  /** Also the runs that know of what the events of an account share. */
  withShared: boolean;
}

/**
 * The runs that may have been billed in a span, by Temporal's visibility.
 *
 * @throws RefusedError when more than so many were under way in it
 */
export async function billedRuns(
  client: ListsRuns,
  { from, to }: UsageRequest,
  { most, withShared }: BilledRunsOptions,
): Promise<EventSummary[]> {
  // No run began before 1970.
  const closed = formatInstant(Math.max(0, from - sweptWithinMs));
  const begun = `StartTime < '${formatInstant(to)}' AND ${attributeNames.phase} IS NOT NULL`;
  const found: EventSummary[] = [];
  for await (const event of client.listRuns(`${begun} AND (${isOpen} OR CloseTime >= '${closed}')`)) {
    found.push(event);
    if (found.length > most) throw new RefusedError(`more than ${most} events in this time: ask for a shorter one`);
  }
  const before = `${begun} AND CloseTime < '${closed}'`;
  found.push(...(await firstOf(client, `${before} AND ExecutionStatus IN ('Terminated', 'TimedOut')`, mostCutOff)));
  if (!withShared) return found;
  for (const vendor of vendorsThatShare) found.push(...(await newestOfAccounts(client, before, vendor)));
  const known = new Set<string>();
  return found.filter(({ run, key }) => {
    const id = run?.runId ?? key;
    return !known.has(id) && known.add(id);
  });
}

/** What the events of an account share is billed after its last event too: the newest events of each account have it. */
async function newestOfAccounts(client: ListsRuns, before: string, vendor: string): Promise<EventSummary[]> {
  const newest: EventSummary[] = [];
  const accounts: string[] = [];
  while (accounts.length < mostAccounts) {
    const others = accounts.map((account) => ` AND ${attributeNames.account} != ${quoted(account)}`);
    const ofVendor = `${before} AND ${attributeNames.vendor} = ${quoted(vendor)}${others.join('')}`;
    const [first] = await firstOf(client, ofVendor, 1);
    if (first?.account === undefined) break;
    accounts.push(first.account);
    const ofAccount = `${before} AND ${attributeNames.vendor} = ${quoted(vendor)} AND ${attributeNames.account} = ${quoted(first.account)}`;
    newest.push(...(await firstOf(client, ofAccount, newestOfAccount)));
  }
  return newest;
}

async function firstOf(client: ListsRuns, query: string, most: number): Promise<EventSummary[]> {
  const found: EventSummary[] = [];
  for await (const event of client.listRuns(query)) {
    if (found.push(event) >= most) break;
  }
  return found;
}
