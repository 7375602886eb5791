import { z } from 'zod';
import { type Checked, refused, unlessProblems } from '../../domain/configuration/checked.ts';
import { namedFile, type ReadFile } from '../../domain/configuration/environment.ts';
import type { Problem } from '../../domain/errors.ts';
import type { Json } from '../../domain/json.ts';
import { problemsOf } from '../../domain/problems.ts';
import { type HashedToken, holderOf, newHashedToken } from '../../temporal/hashed-tokens.ts';
import { tenantSchema } from '../schemas/tenant.ts';
import type { Recognise } from './auth.ts';
import { type Permission, permissions } from './permissions.ts';

/** One line of the token file. */
export interface TokenEntry extends HashedToken {
  roles: Permission[];
  tenant?: string;
}

const maxNameLength = 64;

const entrySchema = z.strictObject({
  name: z
    .string()
    .max(maxNameLength)
    .regex(/^[\w.@:-]+$/, 'must be letters, digits and . _ @ : -'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the token, 64 lower-case hexadecimal digits'),
  roles: z.array(z.enum(permissions)).min(1),
  tenant: tenantSchema.optional(),
  expiresAt: z.iso.datetime({ offset: true, error: 'must be an ISO 8601 instant with an offset' }).optional(),
}) satisfies z.ZodType<TokenEntry>;

const fileSchema = z.strictObject({ tokens: z.array(entrySchema).min(1) });

export const tokensVariable = 'SHOWCALLER_API_TOKENS_FILE';

/** The entries of the file that SHOWCALLER_API_TOKENS_FILE names. */
export function readTokenFile(file: string, readFile: ReadFile): Checked<TokenEntry[]> {
  const text = namedFile(tokensVariable, file, readFile);
  if ('problem' in text) return refused(text.problem);
  const parsed = parseTokens(text.value ?? '');
  if (parsed.ok) return parsed;
  // Never what was given: a token may stand where its hash belongs.
  const named = ({ path, message }: Problem) => ({ path: `${tokensVariable}${path.replace(/^tokens/, '')}`, message });
  return refused(...parsed.problems.map(named));
}

/** The text of a token file, a JSON list of entries; or everything that is wrong with it. */
export function parseTokens(text: string): Checked<TokenEntry[]> {
  let list: Json;
  try {
    list = JSON.parse(text) as Json;
  } catch {
    return refused({ path: '', message: 'is not JSON' });
  }
  if (!Array.isArray(list)) {
    return refused({ path: '', message: 'must be a list of { name, sha256, roles, tenant?, expiresAt? }' });
  }
  const file = { tokens: list };
  const parsed = fileSchema.safeParse(file);
  const entries = parsed.success ? parsed.data.tokens : [];
  const problems = [...problemsOf(file, parsed.error?.issues ?? [], fileSchema), ...repeated(entries)];
  return unlessProblems(problems, () => entries);
}

function repeated(entries: readonly TokenEntry[]): Problem[] {
  return (['name', 'sha256'] as const).flatMap((field) =>
    entries.flatMap((entry, index) => {
      const first = entries.findIndex((other) => other[field] === entry[field]);
      return first === index ? [] : [{ path: `tokens[${index}].${field}`, message: `is that of tokens[${first}] too` }];
    }),
  );
}

/** Recognises the tokens of the current entries. */
export function tokenRecogniser(entries: () => readonly TokenEntry[], now: () => number = Date.now): Recognise {
  return async (token) => {
    const found = holderOf(token, entries(), now());
    return found && { name: found.name, permissions: found.roles, tenant: found.tenant };
  };
}

/** A token, to be shown once, and the entry that recognises it. */
export function newToken(entry: Omit<TokenEntry, 'sha256'>): { token: string; entry: TokenEntry } {
  const { token, sha256 } = newHashedToken('sc_');
  return { token, entry: { ...entry, sha256 } };
}
