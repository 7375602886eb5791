import type { Channel } from '../../../domain/channel.ts';
import { workflowIdOf } from '../../../domain/ids.ts';
import { createKit } from '../../../simulators/kit/kit.ts';
import type { BilledSpan, RunningSimulator, SimResource, SimulatorKit } from '../../../simulators/kit/types.ts';
import { simulators } from '../../../simulators/registry.ts';
import type { Account, VendorManifest } from '../../../vendors/manifest.ts';
import { openDriver } from '../../../vendors/place.ts';
import { vendors } from '../../../vendors/registry.ts';
import { reach } from '../../contract/reach.ts';
import { eventFor } from '../../contract/show.ts';
import { accountsFrom, driverContext } from '../../support/accounts.ts';

/** One scenario's own vendor: a simulator that no other scenario uses, and the account that opens it. */
export interface FaultsHarness {
  account: Account;
  kit: SimulatorKit;
  sim: RunningSimulator;
  /** What was there before the event, and must be there after it. */
  neighbours: readonly SimResource[];
  /** The same things now. */
  neighboursNow(): SimResource[];
  /** What the event left: neither what was there before, nor what is meant to stay. */
  left(): SimResource[];
  /** The most channels the event had at any one time. */
  mostChannels(): number;
  /** When what would have cost. */
  billed(): BilledSpan[];
  /** How many were ever made for it. */
  channelsMade(): number;
  close(): Promise<void>;
}

export interface FaultsHarnessOptions {
  vendor: string;
  /** Of the account: every scenario has one of its own. */
  accountName: string;
  /** The event id of the neighbour, if there is one. */
  neighbour?: string;
  /** How long transitions take, relative to the simulators' usual ones. */
  slowness?: number;
}

const usualSlowness = 0.05;
/** A call that takes longer is given up, as one that hangs. */
const callTimeoutMs = '1500';

export async function openHarness({
  vendor,
  accountName,
  neighbour,
  slowness = usualSlowness,
}: FaultsHarnessOptions): Promise<FaultsHarness> {
  const manifest = found(vendors, ({ name }) => name === vendor);
  const module = found(simulators, (one) => one.vendor === vendor);
  const kit = createKit();
  let look = (): void => {};
  const log: SimulatorKit['log'] = {
    ...kit.log,
    add: (entry) => {
      kit.log.add(entry);
      look();
    },
  };
  const sim = await module.start({ ...kit, log }, { slowness });
  const account = accountOf(manifest, sim, accountName);
  if (neighbour !== undefined) await moveIn(manifest, account, neighbour);

  const neighbours = sim.resources();
  const known = new Set(neighbours.map(idOf));
  const channelsBefore = channelsIn(sim.made());
  const added = () => sim.resources().filter((resource) => !known.has(idOf(resource)));
  let most = 0;
  look = () => {
    most = Math.max(most, added().filter(({ kind }) => channelKinds.has(kind)).length);
  };
  return {
    account,
    kit,
    sim,
    neighbours,
    neighboursNow: () => sim.resources().filter((resource) => known.has(idOf(resource))),
    left: () => added().filter((resource) => !isKept(resource)),
    mostChannels: () => most,
    billed: () => sim.billed(),
    channelsMade: () => channelsIn(sim.made()) - channelsBefore,
    close: () => sim.close(),
  };
}

function accountOf(manifest: VendorManifest, { env }: RunningSimulator, name: string): Account {
  const account = accountsFrom(env, [manifest]).get(manifest.name, 'default');
  if (!account) throw new Error(`${manifest.name}: its settings have no account`);
  return { name, settings: { ...account.settings, timeoutMs: callTimeoutMs } };
}

/** A channel of another event of ours, which must be left alone. */
async function moveIn(manifest: VendorManifest, account: Account, eventId: string): Promise<Channel> {
  const driver = await openDriver(manifest, account, driverContext, []);
  const event = eventFor({ manifest }, eventId, { account: account.name, workflowId: workflowIdOf(eventId) });
  return reach(() => driver.allocate(event));
}

const channelKinds: ReadonlySet<string> = new Set(['live-channel', 'liveEvent', 'channel', 'stream']);
const keptKinds: ReadonlySet<string> = new Set(['asset', 'streamingLocator', 'recording-configuration']);

const channelsIn = (made: Record<string, number>): number =>
  Object.entries(made).reduce((sum, [kind, count]) => sum + (channelKinds.has(kind) ? count : 0), 0);

/** The recording and what it needs stay, and so does the ban on a stream; none of them costs. */
const isKept = ({ kind, billed, state }: SimResource): boolean =>
  !billed && (keptKinds.has(kind) || state === 'forbidden');

const idOf = ({ kind, name }: SimResource): string => `${kind} ${name}`;

function found<T>(all: readonly T[], is: (one: T) => boolean): T {
  const one = all.find(is);
  if (!one) throw new Error('there is no such vendor');
  return one;
}
