import type { Problem } from '../domain/errors.ts';
import { accountPattern } from '../domain/ids.ts';
import { defaultAccount, fileVariableOf, type Meaning, meaningOf, variableOf } from './account-variables.ts';
import type { VendorManifest } from './manifest.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => string;

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

/** Fields of the same file that are not about accounts. */
const readByOthers: readonly string[] = ['webhooks'];

/** Reads `{ "accounts": { "<vendor>": { "<account>": { … } } } }`; returns what is wrong with it. */
export function readConfiguration(
  path: string,
  readFile: ReadFile,
  vendors: readonly VendorManifest[],
  found: FoundSettings,
): Problem[] {
  let root: unknown;
  try {
    root = JSON.parse(readFile(path));
  } catch (error) {
    // Only the kind of error: a parser quotes the text, and someone may have put a secret there.
    const why = error instanceof SyntaxError ? 'is not JSON' : `cannot be read (${codeOf(error)})`;
    return [{ path: 'SHOWCALLER_CONFIG', given: JSON.stringify(path), message: `names a file that ${why}` }];
  }
  return eachEntry(root, '', (key, accounts) => {
    if (key === '$schema' || readByOthers.includes(key)) return [];
    if (key !== 'accounts') {
      return [{ path: key, message: `is not a known field; known here: ${['accounts', ...readByOthers].join(', ')}` }];
    }
    return eachEntry(accounts, 'accounts', (name, ofVendor) => {
      const vendor = vendors.find((each) => each.name === name);
      const known = vendors.map((each) => each.name).join(', ');
      if (!vendor) return [{ path: `accounts.${name}`, message: `is not a vendor: one of ${known}` }];
      return eachEntry(ofVendor, `accounts.${name}`, (account, settings) =>
        readAccount(vendor, account, settings, found),
      );
    });
  });
}

function readAccount(vendor: VendorManifest, account: string, settings: unknown, found: FoundSettings): Problem[] {
  const path = `accounts.${vendor.name}.${account}`;
  if (!accountPattern.test(account)) {
    return [{ path, message: 'must be 1 to 32 lower-case letters and digits, with single hyphens between them' }];
  }
  found.account(vendor.name, account);
  return eachEntry(settings, path, (key, value) => {
    const field = vendor.accountFields.find((each) => each.key === key);
    const known = vendor.accountFields.filter(({ secret }) => !secret).map((each) => each.key);
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
    return readInto(value, variable, readFile, (text) => found.set(vendor.name, account, field.key, text));
  });
}

const unknownVariable = (vendor: VendorManifest): string =>
  `is not a setting of ${vendor.name}: ${vendor.accountFields.map((field) => variableOf(vendor, defaultAccount, field)).join(', ')}`;

function misuse(vendor: VendorManifest, variable: string, meaning: Meaning, env: Environment): string | undefined {
  const plain = variableOf(vendor, meaning.account, meaning.field);
  const expected = meaning.isFile ? fileVariableOf(plain) : plain;
  if (variable !== expected) return `is written ${expected}: the default account has no name in its variables`;
  if (meaning.isFile && env[plain]) return `and ${plain} are both set: set one of them`;
  return undefined;
}

function readInto(path: string, variable: string, readFile: ReadFile, keep: (text: string) => void): Problem[] {
  let text: string;
  try {
    text = readFile(path).replace(/\r?\n$/, '');
  } catch (error) {
    return [{ path: variable, message: `names a file that cannot be read (${codeOf(error)})` }];
  }
  if (text === '') return [{ path: variable, message: 'names a file that is empty' }];
  keep(text);
  return [];
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
