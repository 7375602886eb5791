import { fileVariableOf } from '../../domain/configuration/environment.ts';
import { fieldsOf, variableOf } from '../../vendors/account-variables.ts';
import type { AccountField, VendorManifest } from '../../vendors/manifest.ts';
import { vendors } from '../../vendors/registry.ts';

export const wrongAccount = 'wrong';

/** The settings of a second account per vendor, which is the first but for its secrets: as long, and wrong. */
export function withWrongAccounts(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(vendors.flatMap((vendor) => fieldsOf(vendor).flatMap((field) => copy(env, vendor, field))));
}

function copy(env: Readonly<Record<string, string>>, vendor: VendorManifest, field: AccountField): [string, string][] {
  const right = variableOf(vendor, 'default', field);
  if (env[fileVariableOf(right)] !== undefined)
    throw new Error(`${right} comes from a file, which is not foreseen here`);
  const value = env[right];
  if (value === undefined) return [];
  return [[variableOf(vendor, wrongAccount, field), field.secret ? `wrong-${[...value].reverse().join('')}` : value]];
}
