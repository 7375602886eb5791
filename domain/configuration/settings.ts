import type { Json } from '../json.ts';
import { type Issue, problemsOf, type SchemaLike } from '../problems.ts';
import { accepted, type Checked, refused } from './checked.ts';
import type { ConfigSources } from './environment.ts';

/** Where a setting comes from: what its schema says with `.meta()`. */
export interface SettingMeta {
  /** `--rate-share`; the command keeps it as `rateShare`. */
  flag?: string;
  /** What stands for the value in help texts: `<port>`. */
  argument?: string;
  /** The variable that is read when the flag is not given. */
  variable?: string;
  /** An empty value of the variable says something; of the others it is as if it were not set. */
  emptyCounts?: true;
  /** For people. */
  description?: string;
}

/** A zod object, as far as settings need it: this layer knows no library. */
export interface SettingsSchema<T> {
  shape: Readonly<Record<string, SchemaLike & { meta(): unknown }>>;
  safeParse(input: unknown): { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
}

/** The settings of one process that are texts: flags, then variables, then the defaults of the schema. */
export function readSettings<T>(schema: SettingsSchema<T>, { env, flags = {} }: ConfigSources): Checked<T> {
  const given: Record<string, Json> = {};
  const names: Record<string, string> = {};
  for (const [key, { flag, variable, emptyCounts }] of settingsOf(schema)) {
    const byFlag = flag === undefined ? undefined : flags[propertyOf(flag)];
    const byVariable = variable === undefined ? undefined : env[variable];
    const value = byFlag ?? (byVariable === '' && !emptyCounts ? undefined : byVariable);
    names[key] = (byFlag === undefined && variable) || flag || variable || key;
    if (value !== undefined) given[key] = value as Json;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return accepted(parsed.data);
  const named = (path: string) => path.replace(/^\w+/, (key) => names[key] ?? key);
  const problems = problemsOf(given, parsed.error.issues, schema);
  return refused(...problems.map((problem) => ({ ...problem, path: named(problem.path) })));
}

/** Every setting of a schema with where it comes from. */
export const settingsOf = (schema: Pick<SettingsSchema<unknown>, 'shape'>): [key: string, meta: SettingMeta][] =>
  Object.entries(schema.shape).map(([key, field]) => [key, (field.meta() ?? {}) as SettingMeta]);

/** `--rate-share` and `--no-auth` as the command keeps them. */
const propertyOf = (flag: string): string =>
  flag.replace(/^--(no-)?/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
