import { AsyncLocalStorage } from 'node:async_hooks';
import { type Heard, recorded } from '../../certify/recorded-calls.ts';
import { leaksIn, secretsOf } from '../../certify/secrets.ts';
import { createKit } from '../../simulators/kit/kit.ts';
import type { RunningSimulator, SimResource, SimulatorKit, SimulatorOptions } from '../../simulators/kit/types.ts';
import { simulators } from '../../simulators/registry.ts';
import type { CallHooks } from '../../vendors/call.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import type { Account, VendorManifest } from '../../vendors/manifest.ts';
import { openUnmasked } from '../../vendors/place.ts';
import { type MutationCounter, runWith } from '../../vendors/under-way.ts';
import { accountsFrom, driverContext } from '../support/accounts.ts';
import { oracles } from './models/oracles.ts';

/** A vendor's driver on a simulator of its own: what a worker would have, plus what a test wants to look at. */
export interface ContractHarness {
  manifest: VendorManifest;
  account: Account;
  driver: VendorDriver;
  sim: RunningSimulator;
  kit: SimulatorKit;
  /** The vendor's names of the calls made so far, by whether they may change something. */
  calls: { changes: Set<string>; reads: Set<string> };
  heard: Heard;
  /** What is there now and was not before, by kind and name. */
  added(): SimResource[];
  /** What is there, but for the account's own streaming endpoint, which comes up while other things are looked at. */
  ofEvents(): SimResource[];
  /** Names of the vendor's calls that reached the simulator, oldest first. */
  operations(): string[];
  /** Another driver of the account, as a second worker would have. */
  anotherDriver(settings?: Record<string, string>): Promise<VendorDriver>;
}

export interface ContractHarnessOptions {
  /** Over the account's own. */
  settings?: Record<string, string>;
  slowness?: number;
  /** The clock of the runs; without it the machine's. */
  now?: () => number;
  /** What the account lacks. */
  denied?: readonly string[];
  /** Starts a simulator that differs from the usual one. */
  start?: (kit: SimulatorKit, options: SimulatorOptions) => Promise<RunningSimulator>;
}

interface CallWatch {
  counter: MutationCounter;
  seen: number;
  calls: ContractHarness['calls'];
}

const watches = new AsyncLocalStorage<CallWatch>();
const hooks: CallHooks = {
  settled: ({ operation }) => {
    const watch = watches.getStore();
    if (!watch) return;
    // The counter counts a change before the hook is called, in one step.
    const changed = watch.counter.count > watch.seen;
    watch.seen = watch.counter.count;
    (changed ? watch.calls.changes : watch.calls.reads).add(operation);
  },
};

/**
 * Runs `scene` in a harness that is closed afterwards, whatever happens. On every harness it holds that nothing a driver
 * said carries a secret, and that the simulator answers as the vendor's own model says.
 */
export async function withHarness<T>(
  manifest: VendorManifest,
  options: ContractHarnessOptions,
  scene: (harness: ContractHarness) => Promise<T>,
): Promise<T> {
  const complaints = new Set<string>();
  const kit = createKit({
    watch: (exchange) => {
      for (const complaint of oracles[exchange.vendor]?.(exchange) ?? []) complaints.add(complaint);
    },
  });
  const { denied, slowness = 0.02, start = simulatorOf(manifest).start } = options;
  const sim = await start(kit, { slowness, ...(denied && { denied }) });
  try {
    const harness = await harnessOf(manifest, options, kit, sim);
    const counter: MutationCounter = { count: 0 };
    const outcome = await watches.run({ counter, seen: 0, calls: harness.calls }, () =>
      runWith({ counter }, () => scene(harness)),
    );
    const leaks = leaksIn(harness.heard.calls, secretsOf(manifest, harness.account, harness.heard.endpoints));
    if (leaks.length > 0) throw new Error(`${manifest.name} leaks secrets in ${leaks.join('; ')}`);
    if (complaints.size > 0) throw new Error(`not as the vendor's model says: ${[...complaints].join('; ')}`);
    return outcome;
  } finally {
    await sim.close();
  }
}

async function harnessOf(
  manifest: VendorManifest,
  { settings: own, now }: ContractHarnessOptions,
  kit: SimulatorKit,
  sim: RunningSimulator,
): Promise<ContractHarness> {
  const heard: Heard = { calls: [], endpoints: [] };
  const account = accountOf(manifest, sim, own);
  const anotherDriver = async (settings: Record<string, string> = {}) => {
    const changed = { ...account, settings: { ...account.settings, ...settings } };
    // Without its secrets: what a driver says itself is looked at.
    return recorded(await openUnmasked(manifest, changed, { ...driverContext, hooks, ...(now && { now }) }), heard);
  };
  const idOf = ({ kind, name }: SimResource) => `${kind} ${name}`;
  const before = new Set(sim.resources().map(idOf));
  return {
    manifest,
    account,
    driver: await anotherDriver(),
    sim,
    kit,
    calls: { changes: new Set(), reads: new Set() },
    heard,
    ofEvents: () => sim.resources().filter(({ kind }) => kind !== 'streamingEndpoint'),
    added: () => sim.resources().filter((resource) => !before.has(idOf(resource))),
    operations: () => kit.log.entries({ vendor: manifest.name }).map(({ operation }) => operation),
    anotherDriver,
  };
}

function simulatorOf(manifest: VendorManifest) {
  const found = simulators.find(({ vendor }) => vendor === manifest.name);
  if (!found) throw new Error(`simulators/registry.ts has no simulator of ${manifest.name}`);
  return found;
}

/** The account as a worker reads it from the simulator's environment. */
function accountOf(manifest: VendorManifest, sim: RunningSimulator, settings: Record<string, string> = {}): Account {
  const account = accountsFrom(sim.env, [manifest]).get(manifest.name, 'default');
  if (!account) throw new Error(`${manifest.name}: the simulator's env has no account`);
  return { ...account, settings: { ...account.settings, timeoutMs: '20000', ...settings } };
}
