import type { Worker } from '@temporalio/worker';
import type { Accounts } from '../../vendors/accounts.ts';
import type { Account } from '../../vendors/manifest.ts';
import { vendors } from '../../vendors/registry.ts';
import { activitiesOf } from '../../worker/worker.ts';
import { type TestEnvironment, testEnvironment } from '../support/environment.ts';

// Node 20 is supported on purpose; the SDK's advice would stand in the middle of the results.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Waits take this share of their usual time. */
const pace = 0.05;
/** Before the pace: a whole recording that is not proved by then is called unproved. */
const proofPatienceMs = 100_000;

/** One worker for all scenarios. Each has an account of its own, hired when it begins and let go when it is over. */
export class Company {
  readonly env: TestEnvironment;
  readonly accounts: Accounts;
  readonly #hired: Map<string, Hired>;

  private constructor(env: TestEnvironment, accounts: Accounts, hired: Map<string, Hired>) {
    this.env = env;
    this.accounts = accounts;
    this.#hired = hired;
  }

  static async open(): Promise<Company> {
    const env = await testEnvironment();
    const hired = new Map<string, Hired>();
    const accounts = accountsIn(hired);
    const worker: Worker = await env.work(activitiesOf(accounts, { pace, proofPatienceMs }));
    if (worker.getState() === 'FAILED') throw new Error('the worker did not start');
    return new Company(env, accounts, hired);
  }

  hire(vendor: string, account: Account): void {
    this.#hired.set(account.name, { vendor, account });
  }

  letGo(account: Account): void {
    this.#hired.delete(account.name);
  }

  close(): Promise<void> {
    return this.env.close();
  }
}

interface Hired {
  vendor: string;
  account: Account;
}

const accountsIn = (hired: ReadonlyMap<string, Hired>): Accounts => ({
  get: (vendor, name) => {
    const one = hired.get(name);
    return one?.vendor === vendor ? one.account : undefined;
  },
  names: (vendor) => [...hired.values()].filter((one) => one.vendor === vendor).map(({ account }) => account.name),
  all: () => [...hired.values()],
  secrets: () => [...new Set([...hired.values()].flatMap(secretsOf))],
});

/** The values that only the account may know. */
export function secretsOf({ vendor, account }: Hired): string[] {
  const fields = vendors.find(({ name }) => name === vendor)?.accountFields ?? [];
  return fields.flatMap(({ key, secret }) => (secret ? (account.settings[key] ?? []) : []));
}
