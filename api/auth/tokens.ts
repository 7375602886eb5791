import { z } from 'zod';
import { tenantSchema } from '../../plan/texts.ts';
import { type HashedToken, hashedTokenFields, holderOf, newHashedToken } from '../../temporal/hashed-tokens.ts';
import type { TokenFileKind } from '../../temporal/token-file.ts';
import type { Recognise } from './auth.ts';
import { type Permission, permissions } from './permissions.ts';

/** One line of the token file. */
export interface TokenEntry extends HashedToken {
  roles: Permission[];
  tenant?: string;
}

const entrySchema = z.strictObject({
  ...hashedTokenFields,
  roles: z.array(z.enum(permissions)).min(1),
  tenant: tenantSchema.optional(),
}) satisfies z.ZodType<TokenEntry>;

export const tokensVariable = 'SHOWCALLER_API_TOKENS_FILE';

/** The file that SHOWCALLER_API_TOKENS_FILE names. */
export const apiTokens: TokenFileKind<TokenEntry> = { variable: tokensVariable, entry: entrySchema };

/** Recognises the tokens of the current entries. */
export function tokenRecogniser(entries: () => readonly TokenEntry[], now: () => number = Date.now): Recognise {
  return async (token) => {
    const found = holderOf(token, entries(), now());
    return found && { name: found.name, permissions: found.roles, tenant: found.tenant };
  };
}

/**
 * A token, to be shown once, and the entry that recognises it.
 *
 * @throws ConfigurationError when the entry would not be read
 */
export const newToken = (entry: Omit<TokenEntry, 'sha256'>): { token: string; entry: TokenEntry } =>
  newHashedToken('sc_', entrySchema, entry);
