import { VendorError } from '../domain/errors.ts';
import type { VendorEventQueue, VendorEventReader } from '../domain/vendor-events/inbound.ts';
import type { Accounts } from './accounts.ts';
import type { DriverContext } from './context.ts';
import type { VendorDriver } from './driver.ts';
import type { HttpClient } from './http.ts';
import { createLimiter } from './limiter.ts';
import type { Account, VendorManifest } from './manifest.ts';
import { masked } from './masked.ts';
import { openDriver } from './place.ts';
import { vendorNamed } from './registry.ts';

/** The driver of a configured account; rejects with a `VendorError` that names what to configure. */
export type Drivers = (vendor: string, account: string) => Promise<VendorDriver>;

/** Loads each account's driver on first use: an SDK that no event needs is never loaded. None says a secret of any account. */
export function driversOf(accounts: Accounts, context: DriverContext): Drivers {
  const loaded = new Map<string, Promise<VendorDriver>>();
  return (vendor, account) => {
    const key = `${vendor}/${account}`;
    const known = loaded.get(key);
    if (known !== undefined) return known;
    const loading = load(accounts, context, vendor, account);
    loaded.set(key, loading);
    return loading;
  };
}

/**
 * Drivers for a process whose callers decide how often a vendor is asked: its calls keep to this share of the rate that the vendor
 * documents for an account.
 */
export const limitedDrivers = (accounts: Accounts, http: HttpClient, share: number): Drivers =>
  driversOf(accounts, {
    hooks: createLimiter({ rates: (vendor) => vendorNamed(vendor)?.rates, share }),
    http,
  });

/** The reader of a vendor's events, which says no secret of any account; undefined where the vendor sends none. */
export async function eventReaderOf(
  vendor: VendorManifest,
  accounts: Pick<Accounts, 'secrets'>,
): Promise<VendorEventReader | undefined> {
  const reader = await vendor.vendorEvents?.();
  return reader && masked(reader, accounts.secrets());
}

/** The queue of an account, whose failures say no secret of any account; undefined where it has none. */
export async function eventQueueOf(
  vendor: VendorManifest,
  account: Account,
  accounts: Pick<Accounts, 'secrets'>,
  context: DriverContext,
): Promise<VendorEventQueue | undefined> {
  const queue = (await vendor.vendorEventQueue?.())?.openQueue(account, context);
  return queue && masked(queue, accounts.secrets());
}

async function load(
  accounts: Accounts,
  context: DriverContext,
  vendor: string,
  account: string,
): Promise<VendorDriver> {
  const manifest = vendorNamed(vendor);
  const configured = accounts.get(vendor, account);
  if (!manifest || !configured) {
    throw new VendorError({
      kind: 'unauthorized',
      vendor,
      operation: 'configure',
      resource: `account ${account}`,
      message: 'no such account is configured here',
      // Which others there are is for no tenant.
      advice:
        'set it up in the environment or the configuration file of the worker, the API or the command that says so',
    });
  }
  return openDriver(manifest, configured, context, accounts.secrets());
}
