import { type Checked, refused, together, unlessProblems } from '../domain/configuration/checked.ts';
import { type ConfigSources, codeOf, type Environment } from '../domain/configuration/environment.ts';
import type { Problem } from '../domain/errors.ts';
import { type Json, kindOf } from '../domain/json.ts';
import { type Accounts, readAccounts } from './accounts.ts';
import { type Network, readNetwork } from './network.ts';

/** What the file may hold; each section is checked by the process that uses it. */
const sections = ['accounts', 'booking', 'network', 'prices', 'tenants', 'webhooks'] as const;
export type ConfigFile = Partial<Record<(typeof sections)[number], Json>>;

/** What every process that speaks to vendors is configured by. */
export interface VendorConfig {
  accounts: Accounts;
  network: Network;
  /** Read and parsed once for the whole process. */
  file: ConfigFile;
}

export interface VendorConfigSources extends ConfigSources {
  /** Accounts come from these variables alone: those of the simulators, not the real ones of this machine. */
  accountsFrom?: Environment;
}

/** The parts of a configuration, each read for itself. */
export type Parts<T> = { [K in keyof T]: Checked<T[K]> };

/**
 * The configuration file, the accounts and the network, or everything that is wrong with them.
 *
 * @param sections what the process reads of the file besides
 */
export function readVendorConfig<T extends object>(
  { accountsFrom, ...sources }: VendorConfigSources,
  sections: (file: ConfigFile, accounts: Checked<Accounts>) => Parts<T>,
): Checked<VendorConfig & T> {
  const { file, problems } = fileOf(sources);
  // Without it, every setting that it holds would be said to be missing.
  if (!file) return refused(...problems);
  const accounts = accountsFrom
    ? readAccounts(undefined, { ...sources, env: accountsFrom })
    : readAccounts(file.accounts, sources);
  const vendors: Parts<VendorConfig> = {
    accounts,
    network: readNetwork(file.network, sources),
    file: unlessProblems(problems, () => file),
  };
  return together<VendorConfig & T>({ ...vendors, ...sections(file, accounts) } as Parts<VendorConfig & T>);
}

/** The file that SHOWCALLER_CONFIG names; nothing when it names none. */
export function readConfigFile(sources: Pick<ConfigSources, 'env' | 'readFile'>): Checked<ConfigFile> {
  const { file = {}, problems } = fileOf(sources);
  return unlessProblems(problems, () => file);
}

/** The file, and what is wrong with it. Without `file` nothing of it can be read. */
function fileOf({ env, readFile }: Pick<ConfigSources, 'env' | 'readFile'>): {
  file?: ConfigFile;
  problems: Problem[];
} {
  const { SHOWCALLER_CONFIG: path } = env;
  if (!path) return { file: {}, problems: [] };
  const unreadable = (message: string) => ({
    problems: [{ path: 'SHOWCALLER_CONFIG', given: JSON.stringify(path), message }],
  });
  let root: Json;
  try {
    root = JSON.parse(readFile(path)) as Json;
  } catch (error) {
    // Only the kind of error: the parser quotes the text, and it may hold a secret.
    const why = error instanceof SyntaxError ? 'is not JSON' : `cannot be read (${codeOf(error)})`;
    return unreadable(`names a file that ${why}`);
  }
  if (kindOf(root) !== 'an object') return unreadable(`names a file that must hold an object, not ${kindOf(root)}`);
  const { $schema: _, ...given } = root as Record<string, Json>;
  const known: readonly string[] = sections;
  const problems = Object.keys(given).flatMap((key): Problem[] =>
    known.includes(key) ? [] : [{ path: key, message: `is not a known field; known here: ${known.join(', ')}` }],
  );
  return { file: given, problems };
}
