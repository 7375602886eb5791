import type { Activities } from '../../../activities/contract.ts';
import { createActivities } from '../../../activities/index.ts';
import { RunClock } from '../../../activities/run-clock.ts';
import { fieldsOf } from '../../../vendors/account-variables.ts';
import type { Accounts } from '../../../vendors/accounts.ts';
import type { VendorDriver } from '../../../vendors/driver.ts';
import { driversOf } from '../../../vendors/drivers.ts';
import type { Account } from '../../../vendors/manifest.ts';
import { vendors } from '../../../vendors/registry.ts';
import { attemptStart } from '../../../worker/attempt.ts';
import { legsPort } from '../../../worker/legs.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { sweepPort } from '../../../worker/sweep.ts';
import { viewerGet } from '../../../worker/viewer.ts';
import { driverContext } from '../../support/accounts.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import type { Skew } from '../temporal/virtual-globals.ts';
import type { Scenario } from './scenario.ts';

// Node 20 is supported on purpose; the SDK's advice would stand in the middle of the results.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Waits take this share of their usual time. */
const timeScale = 0.05;
/** Before scaling: a whole recording that is not proved by then is called unproved. */
const proofGraceMs = 100_000;

/**
 * The workers of all scenarios: one by which every run looks for itself, one with a poller for each account. Each
 * scenario has an account of its own, hired when it begins and let go when it is over.
 */
export class ScenarioAccounts {
  readonly accounts: Accounts;
  readonly #alone: TestEnvironment;
  readonly #polled: TestEnvironment;
  readonly #hired = new Map<string, Hired>();

  private constructor(alone: TestEnvironment, polled: TestEnvironment) {
    this.#alone = alone;
    this.#polled = polled;
    this.accounts = accountsIn(this.#hired);
  }

  static async open(): Promise<ScenarioAccounts> {
    const [alone, polled] = await Promise.all([environment(), environment()]);
    const scenarios = new ScenarioAccounts(alone, polled);
    const { accounts } = scenarios;
    const broken = (account: string) => scenarios.#hired.get(account)?.broken;
    await alone.work(activitiesOf(accounts, alone, { polls: false, broken }));
    await polled.work(activitiesOf(accounts, polled, { polls: true, broken }));
    return scenarios;
  }

  /** A worker for each of these clocks, all on one task queue; each knows Temporal's time as a real one does. */
  static async openWithClocks(skews: (env: TestEnvironment) => readonly Skew[]): Promise<ScenarioAccounts> {
    const env = await environment();
    const scenarios = new ScenarioAccounts(env, env);
    for (const skewMs of skews(env)) {
      const clock = new RunClock({ startedAt: attemptStart(env.client) });
      await env.work(activitiesOf(scenarios.accounts, env, { polls: false, clock }), { skewMs });
    }
    return scenarios;
  }

  env({ poller }: Pick<Scenario, 'poller'>): TestEnvironment {
    return poller ? this.#polled : this.#alone;
  }

  /** @param broken changes what its driver does, at each question */
  hire(vendor: string, account: Account, broken?: Broken): void {
    this.#hired.set(account.name, { vendor, account, ...(broken && { broken }) });
  }

  letGo(account: Account): void {
    this.#hired.delete(account.name);
  }

  async close(): Promise<void> {
    await Promise.all([...new Set([this.#alone, this.#polled])].map((env) => env.close()));
  }
}

const environment = () => testEnvironment({ usesLoopback: true });

interface Worked {
  polls: boolean;
  broken?(account: string): Broken | undefined;
  clock?: RunClock;
}

function activitiesOf(
  accounts: Accounts,
  { client, taskQueue }: TestEnvironment,
  { polls, broken, clock }: Worked,
): Activities {
  const drivers = driversOf(accounts, clock ? { ...driverContext, now: () => clock.now() } : driverContext);
  return createActivities({
    http: driverContext.http,
    driver: async (vendor, account) => {
      const driver = await drivers(vendor, account);
      return broken?.(account)?.(driver) ?? driver;
    },
    ...(clock && { clock }),
    accounts: (vendor) => accounts.names(vendor),
    secrets: () => accounts.secrets(),
    timeScale,
    proofGraceMs,
    ...(polls && { poller: pollerPort(client, taskQueue), viewer: viewerGet(driverContext.http) }),
    legs: legsPort(client),
    sweep: sweepPort(client),
    allAccounts: () => accounts.all().map(({ vendor, account }) => ({ vendor, account: account.name })),
  });
}

type Broken = (driver: VendorDriver) => VendorDriver;

interface Hired {
  vendor: string;
  account: Account;
  broken?: Broken;
}

const accountsIn = (hired: ReadonlyMap<string, Hired>): Accounts => ({
  get: (vendor, name) => {
    const one = hired.get(name);
    return one?.vendor === vendor ? one.account : undefined;
  },
  namesFor: (vendor) => [...hired.values()].filter((one) => one.vendor === vendor).map(({ account }) => account.name),
  names: (vendor) => [...hired.values()].filter((one) => one.vendor === vendor).map(({ account }) => account.name),
  all: () => [...hired.values()],
  secrets: () => [...new Set([...hired.values()].flatMap(secretsOf))],
});

/** The values that only the account may know. */
export function secretsOf({ vendor, account }: Omit<Hired, 'broken'>): string[] {
  const manifest = vendors.find(({ name }) => name === vendor);
  const fields = manifest ? fieldsOf(manifest) : [];
  return fields.flatMap(({ key, secret }) => (secret ? (account.settings[key] ?? []) : []));
}
