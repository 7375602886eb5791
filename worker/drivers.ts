import { VendorError } from '../domain/errors.ts';
import type { Accounts } from '../vendors/accounts.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import { vendorNamed } from '../vendors/registry.ts';

/** Loads each account's driver on first use: an SDK that no event needs is never loaded. */
export function driversOf(accounts: Accounts): (vendor: string, account: string) => Promise<VendorDriver> {
  const loaded = new Map<string, Promise<VendorDriver>>();
  return (vendor, account) => {
    const key = `${vendor}/${account}`;
    const known = loaded.get(key);
    if (known !== undefined) return known;
    const loading = load(accounts, vendor, account);
    loaded.set(key, loading);
    return loading;
  };
}

async function load(accounts: Accounts, vendor: string, account: string): Promise<VendorDriver> {
  const manifest = vendorNamed(vendor);
  const configured = accounts.get(vendor, account);
  if (!manifest || !configured) {
    throw new VendorError({
      kind: 'unauthorized',
      vendor,
      operation: 'configure',
      resource: `account ${account}`,
      message: 'this worker has no such account',
      advice: `set it up in the worker's environment or configuration file; it has ${accounts.names(vendor).join(', ') || 'none'}`,
    });
  }
  const { createDriver } = await manifest.load();
  return createDriver(configured);
}
