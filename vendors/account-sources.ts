import { type Environment, fileVariableOf, namedFile, type ReadFile } from '../domain/configuration/environment.ts';
import type { Problem } from '../domain/errors.ts';
import { accountPattern, defaultAccount } from '../domain/ids.ts';
import type { Json } from '../domain/json.ts';
import { fieldsOf, meaningOf, type VariableMeaning, variableOf } from './account-variables.ts';
import type { VendorManifest } from './manifest.ts';

/** The settings found so far: vendor → account → key → value. */
export class FoundSettings {
  readonly #found = new Map<string, Map<string, Map<string, string>>>();

  set(vendor: string, account: string, key: string, value: string): void {
    this.account(vendor, account).set(key, value);
  }

  /** Makes the account known, with or without settings. */
  account(vendor: string, account: string): Map<string, string> {
    const accounts = this.#found.get(vendor) ?? new Map<string, Map<string, string>>();
    this.#found.set(vendor, accounts);
    const settings = accounts.get(account) ?? new Map<string, string>();
    accounts.set(account, settings);
    return settings;
  }

  accountsOf(vendor: string): [string, Map<string, string>][] {
    return [...(this.#found.get(vendor) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** Reads the `accounts` of the configuration file, vendor by vendor; returns what is wrong with it. */
export const readSection = (accounts: Json, vendors: readonly VendorManifest[], found: FoundSettings): Problem[] =>
  eachEntry(accounts, 'accounts', (name, ofVendor) => {
    const vendor = vendors.find((each) => each.name === name);
    const known = vendors.map((each) => each.name).join(', ');
    if (!vendor) return [{ path: `accounts.${name}`, message: `is not a vendor: one of ${known}` }];
    return eachEntry(ofVendor, `accounts.${name}`, (account, settings) =>
      readAccount(vendor, account, settings, found),
    );
  });

function readAccount(vendor: VendorManifest, account: string, settings: unknown, found: FoundSettings): Problem[] {
  const path = `accounts.${vendor.name}.${account}`;
  if (!accountPattern.test(account)) {
    return [{ path, message: 'must be 1 to 32 lower-case letters and digits, with single hyphens between them' }];
  }
  found.account(vendor.name, account);
  return eachEntry(settings, path, (key, value) => {
    const field = fieldsOf(vendor).find((each) => each.key === key);
    const known = fieldsOf(vendor)
      .filter(({ secret }) => !secret)
      .map((each) => each.key);
    if (!field) return [{ path: `${path}.${key}`, message: `is not a known field; known here: ${known.join(', ')}` }];
    if (field.secret) {
      const variable = variableOf(vendor, account, field);
      const message = `is a secret and must not be in the configuration file: set ${variable} or ${fileVariableOf(variable)}`;
      return [{ path: `${path}.${key}`, message }];
    }
    if (typeof value !== 'string') return [{ path: `${path}.${key}`, message: 'must be a string' }];
    if (value !== '') found.set(vendor.name, account, key, value);
    return [];
  });
}

function eachEntry(value: unknown, path: string, read: (key: string, value: unknown) => Problem[]): Problem[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return [{ path, message: 'must be an object' }];
  return Object.entries(value).flatMap(([key, inner]) => read(key, inner));
}

/** Reads the variables of every vendor, over what the configuration file said; returns what is wrong with them. */
export function readEnvironment(
  env: Environment,
  readFile: ReadFile,
  vendors: readonly VendorManifest[],
  found: FoundSettings,
): Problem[] {
  return Object.entries(env).flatMap(([variable, value]) => {
    const vendor = vendors.find(({ envPrefix }) => variable.startsWith(`${envPrefix}_`));
    if (!vendor || value === undefined || value === '') return [];
    const meaning = meaningOf(vendor, variable);
    const problem = meaning ? misuse(vendor, variable, meaning, env) : unknownVariable(vendor);
    if (!meaning || problem !== undefined) return [{ path: variable, message: problem ?? '' }];
    const { account, field, isFile } = meaning;
    if (!isFile) {
      found.set(vendor.name, account, field.key, value);
      return [];
    }
    found.account(vendor.name, account);
    const text = namedFile(variable, value, readFile);
    if ('problem' in text) return [text.problem];
    found.set(vendor.name, account, field.key, text.value ?? '');
    return [];
  });
}

const unknownVariable = (vendor: VendorManifest): string =>
  `is not a setting of ${vendor.name}: ${fieldsOf(vendor)
    .map((field) => variableOf(vendor, defaultAccount, field))
    .join(', ')}`;

function misuse(
  vendor: VendorManifest,
  variable: string,
  meaning: VariableMeaning,
  env: Environment,
): string | undefined {
  const plain = variableOf(vendor, meaning.account, meaning.field);
  const expected = meaning.isFile ? fileVariableOf(plain) : plain;
  if (variable !== expected) return `is written ${expected}: the default account has no name in its variables`;
  if (meaning.isFile && env[plain]) return `and ${plain} are both set: set one of them`;
  return undefined;
}
