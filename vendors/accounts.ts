import { type Checked, unlessProblems } from '../domain/configuration/checked.ts';
import { type ConfigSources, fileVariableOf } from '../domain/configuration/environment.ts';
import type { Problem } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { isFor } from '../domain/tenants.ts';
import { FoundSettings, readEnvironment, readSection } from './account-sources.ts';
import { fieldsOf, meaningOf, tenantsIn, variableOf } from './account-variables.ts';
import type { Account, AccountField, VendorManifest } from './manifest.ts';
import { vendors as registered } from './registry.ts';

/** Every configured account. */
export interface Accounts {
  get(vendor: string, account: string): Account | undefined;
  /** Sorted; empty when the vendor is not configured. */
  names(vendor: string): string[];
  /** Those that a plan of this tenant, or of none, may use. */
  namesFor(vendor: string, tenant: string | undefined): string[];
  all(): { vendor: string; account: Account }[];
  /** Every secret value, so that others can keep them out of what they say. */
  secrets(): string[];
}

/** How many events may have a channel of an account at once; undefined where that is not configured. */
export function slotsOf(accounts: Pick<Accounts, 'get'>, vendor: string, account: string): number | undefined {
  const { slots } = accounts.get(vendor, account)?.settings ?? {};
  return slots === undefined ? undefined : Number(slots);
}

/**
 * The accounts of the environment and of the configuration file's section, the environment winning; or everything wrong
 * with all of them, naming the variable to set. A vendor without any setting is not configured, which is no problem.
 */
export function readAccounts(
  section: Json | undefined,
  { env, readFile }: Pick<ConfigSources, 'env' | 'readFile'>,
  vendors: readonly VendorManifest[] = registered,
): Checked<Accounts> {
  const found = new FoundSettings();
  const problems = [
    ...(section === undefined ? [] : readSection(section, vendors, found)),
    ...readEnvironment(env, readFile, vendors, found),
  ];
  const loaded: LoadedAccount[] = [];
  for (const vendor of vendors) {
    for (const [name, settings] of found.accountsOf(vendor.name)) {
      const resolved = resolve(vendor, name, settings);
      const reported = new Set(problems.map(({ path }) => path));
      problems.push(...resolved.problems.filter(({ path }) => !isReported(reported, path)));
      loaded.push({ vendor, account: { name, settings: resolved.settings } });
    }
  }
  return unlessProblems(problems, () => accountsOf(loaded));
}

interface LoadedAccount {
  vendor: VendorManifest;
  account: Account;
}

/** A setting whose file could not be read is not reported as missing too. */
const isReported = (reported: ReadonlySet<string>, variable: string): boolean => reported.has(fileVariableOf(variable));

function resolve(vendor: VendorManifest, account: string, found: ReadonlyMap<string, string>) {
  const settings: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const field of fieldsOf(vendor)) {
    const variable = variableOf(vendor, account, field);
    const meant = meaningOf(vendor, variable);
    if (meant?.account !== account || meant.field.key !== field.key) {
      problems.push({ path: variable, message: ambiguous(vendor, account, meant) });
      continue;
    }
    const value = found.get(field.key) ?? field.fallback;
    if (value !== undefined) settings[field.key] = value;
    const message = complaint(vendor, account, field, found.get(field.key));
    if (message === undefined) continue;
    const given = field.secret ? undefined : found.get(field.key);
    problems.push({ path: variable, ...(given !== undefined && { given: JSON.stringify(given) }), message });
  }
  return { settings, problems };
}

function complaint(vendor: VendorManifest, account: string, field: AccountField, value?: string): string | undefined {
  if (value !== undefined) return field.check(value);
  if (!field.required || field.fallback !== undefined) return undefined;
  const variable = fileVariableOf(variableOf(vendor, account, field));
  return `is not set, or empty; ${vendor.name} account ${account} needs it (or ${variable}): ${field.about}`;
}

function ambiguous(vendor: VendorManifest, account: string, meant: ReturnType<typeof meaningOf>): string {
  const other = meant ? `${meant.field.key} of the account ${meant.account}` : 'nothing';
  return `means ${other}: give the ${vendor.name} account ${account} another name`;
}

function accountsOf(loaded: readonly LoadedAccount[]): Accounts {
  const ofVendor = (name: string) => loaded.filter(({ vendor }) => vendor.name === name).map(({ account }) => account);
  const secrets = loaded.flatMap(({ vendor, account }) =>
    fieldsOf(vendor)
      .filter(({ secret }) => secret)
      .flatMap(({ key }) => account.settings[key] ?? []),
  );
  return {
    get: (vendor, account) => ofVendor(vendor).find(({ name }) => name === account),
    names: (vendor) => ofVendor(vendor).map(({ name }) => name),
    namesFor: (vendor, tenant) =>
      ofVendor(vendor)
        .filter(({ settings: { tenants } }) => isFor(tenants === undefined ? undefined : tenantsIn(tenants), tenant))
        .map(({ name }) => name),
    all: () => loaded.map(({ vendor, account }) => ({ vendor: vendor.name, account })),
    secrets: () => [...new Set(secrets)],
  };
}
