import { z } from 'zod';
import { accountPattern, defaultAccount, tenantPattern } from '../domain/ids.ts';
import type { AccountField, VendorManifest } from './manifest.ts';

const shared = z.object({
  tenants: z
    .string()
    .refine(
      (value) => tenantsIn(value).every((tenant) => tenantPattern.test(tenant)) && tenantsIn(value).length > 0,
      'must be the names of tenants with commas between, without quotation marks, backslashes or control characters',
    )
    .optional()
    .meta({
      description: 'Tenants whose plans alone may use the account, with commas between; without it every plan may.',
    }),
  slots: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'must be a whole number, at least 1')
    .optional()
    .meta({
      description:
        'How many events may have a channel at the same time, such as the quota of the vendor; without it they are not counted.',
    }),
});

export const tenantsIn = (value: string): string[] =>
  value
    .split(',')
    .map((tenant) => tenant.trim())
    .filter((tenant) => tenant !== '');

/** The settings of an account: the vendor's own, then those of every vendor's accounts. */
export const fieldsOf = (vendor: Pick<VendorManifest, 'account'>): readonly AccountField[] => settingsOf(vendor).fields;

interface Settings {
  fields: readonly AccountField[];
  /** As they stand in variables. */
  longestFirst: readonly { name: string; field: AccountField }[];
}

/** Of each schema, because every variable of the environment is held against all of them. */
const known = new WeakMap<VendorManifest['account'], Settings>();

function settingsOf({ account }: Pick<VendorManifest, 'account'>): Settings {
  const before = known.get(account);
  if (before) return before;
  const fields = [...Object.entries(account.shape), ...Object.entries(shared.shape)].map(([key, schema]) =>
    fieldOf(key, schema as z.ZodType),
  );
  const named = fields.map((field) => ({ name: constant(field.key), field }));
  const settings = { fields, longestFirst: named.toSorted((a, b) => b.name.length - a.name.length) };
  known.set(account, settings);
  return settings;
}

function fieldOf(key: string, schema: z.ZodType): AccountField {
  const { description = '', secret } = schema.meta() ?? {};
  const absent = schema.safeParse(undefined);
  return {
    key,
    secret: secret === true,
    required: !absent.success,
    ...(typeof absent.data === 'string' && { fallback: absent.data }),
    about: description,
    check: (value) => schema.safeParse(value).error?.issues[0]?.message,
  };
}

const fileSuffix = '_FILE';
const constant = (text: string): string =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();

/** The variable of one setting: `AWS_IVS_REGION`, or `AWS_IVS_EU_WEST_REGION` for the account `eu-west`. */
export function variableOf(vendor: VendorManifest, account: string, field: AccountField): string {
  const parts = account === defaultAccount ? [field.key] : [account, field.key];
  return [vendor.envPrefix, ...parts.map(constant)].join('_');
}

export interface VariableMeaning {
  account: string;
  field: AccountField;
  /** The variable names a file that holds the value. */
  isFile: boolean;
}

/** Which setting of the vendor a variable means; undefined when none. */
export function meaningOf(vendor: VendorManifest, variable: string): VariableMeaning | undefined {
  const rest = variable.slice(vendor.envPrefix.length + 1);
  const value = settingOf(vendor, rest);
  if (value) return { ...value, isFile: false };
  const file = rest.endsWith(fileSuffix) ? settingOf(vendor, rest.slice(0, -fileSuffix.length)) : undefined;
  return file && { ...file, isFile: true };
}

/** The longest key wins: `PUBLIC_ENDPOINT` is a setting of its own, not `ENDPOINT` of the account `public`. */
function settingOf(vendor: VendorManifest, rest: string): Omit<VariableMeaning, 'isFile'> | undefined {
  for (const { name: key, field } of settingsOf(vendor).longestFirst) {
    if (rest === key) return { account: defaultAccount, field };
    const account = rest.endsWith(`_${key}`) ? rest.slice(0, -key.length - 1) : '';
    const name = account.toLowerCase().replaceAll('_', '-');
    if (constant(name) === account && accountPattern.test(name)) return { account: name, field };
  }
  return undefined;
}
