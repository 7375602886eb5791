import { orThrow } from '../../domain/configuration/checked.ts';
import type { Environment } from '../../domain/configuration/environment.ts';
import { type Accounts, readAccounts } from '../../vendors/accounts.ts';
import type { DriverContext } from '../../vendors/context.ts';
import { createHttp } from '../../vendors/http.ts';
import type { VendorManifest } from '../../vendors/manifest.ts';

/** What drivers of a test are given. */
export const driverContext: DriverContext = { hooks: {}, http: createHttp() };

/** No configuration of a test names a file. */
export const noFiles = (path: string): never => {
  throw new Error(`no file belongs to this configuration, yet ${path} was asked for`);
};

/** The accounts of these variables. */
export const accountsFrom = (env: Environment, vendors?: readonly VendorManifest[]): Accounts =>
  orThrow(readAccounts(undefined, { env, readFile: noFiles }, vendors));

/** Accounts of these names at every vendor, without a setting: for drivers that need none. */
export const fakeAccounts = (...names: string[]): Accounts => ({
  get: (_vendor, name) => (names.includes(name) ? { name, settings: {} } : undefined),
  names: () => names,
  namesFor: () => names,
  all: () => [],
  secrets: () => [],
});
