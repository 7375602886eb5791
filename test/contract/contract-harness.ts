import { AsyncLocalStorage } from 'node:async_hooks';
import { createKit } from '../../simulators/kit/kit.ts';
import type { RunningSimulator, SimResource, SimulatorKit } from '../../simulators/kit/types.ts';
import { simulators } from '../../simulators/registry.ts';
import { type CallHooks, type Ledger, withLedger } from '../../vendors/call.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import type { Account, VendorManifest } from '../../vendors/manifest.ts';
import { accountsFrom } from '../support/accounts.ts';
import { type Heard, recorded } from './recorded-calls.ts';
import { leaksIn, secretsOf } from './secrets.ts';

/** A vendor's driver on a simulator of its own: what a worker would have, plus what a test wants to look at. */
export interface Stage {
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
  /** Names of the vendor's calls that reached the simulator, oldest first. */
  operations(): string[];
  /** Another driver of the account, as a second worker would have. */
  anotherDriver(settings?: Record<string, string>): Promise<VendorDriver>;
}

export interface StageOptions {
  /** Over the account's own. */
  settings?: Record<string, string>;
  slowness?: number;
}

interface CallWatch {
  ledger: Ledger;
  seen: number;
  calls: Stage['calls'];
}

const watches = new AsyncLocalStorage<CallWatch>();
const hooks: CallHooks = {
  settled: ({ operation }) => {
    const watch = watches.getStore();
    if (!watch) return;
    // The ledger counts a change before the hook is told, in one go.
    const changed = watch.ledger.mutations > watch.seen;
    watch.seen = watch.ledger.mutations;
    (changed ? watch.calls.changes : watch.calls.reads).add(operation);
  },
};

/**
 * Runs `scene` on a stage that is closed afterwards, whatever happens. On every stage it holds that nothing a driver
 * said carries a secret.
 */
export async function onStage<T>(
  manifest: VendorManifest,
  options: StageOptions,
  scene: (stage: Stage) => Promise<T>,
): Promise<T> {
  const kit = createKit();
  const sim = await simulatorOf(manifest).start(kit, { slowness: options.slowness ?? 0.02 });
  try {
    const stage = await stageOf(manifest, options, kit, sim);
    const ledger: Ledger = { mutations: 0 };
    const outcome = await watches.run({ ledger, seen: 0, calls: stage.calls }, () =>
      withLedger(ledger, () => scene(stage)),
    );
    const leaks = leaksIn(stage.heard.utterances, secretsOf(manifest, stage.account, stage.heard.endpoints));
    if (leaks.length > 0) throw new Error(`${manifest.name} tells secrets in ${leaks.join('; ')}`);
    return outcome;
  } finally {
    await sim.close();
  }
}

async function stageOf(
  manifest: VendorManifest,
  options: StageOptions,
  kit: SimulatorKit,
  sim: RunningSimulator,
): Promise<Stage> {
  const heard: Heard = { utterances: [], endpoints: [] };
  const account = accountOf(manifest, sim, options.settings);
  const anotherDriver = async (settings: Record<string, string> = {}) => {
    const { createDriver } = await manifest.load();
    return recorded(createDriver({ ...account, settings: { ...account.settings, ...settings } }, { hooks }), heard);
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
  return { ...account, settings: { ...account.settings, timeoutMs: '5000', ...settings } };
}
