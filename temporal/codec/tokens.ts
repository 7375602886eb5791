import { z } from 'zod';
import { ConfigurationError } from '../../domain/configuration/checked.ts';
import { type HashedToken, newHashedToken } from '../hashed-tokens.ts';
import { readTokenList, type TokenFileKind } from '../token-file.ts';

export type CodecRight = 'decode' | 'encode';

/** One entry of the tokens file. */
export interface CodecToken extends HashedToken {
  /** The namespaces whose payloads the token may read; `*` for all. */
  namespaces: string[];
  may: CodecRight[];
}

export const tokensVariable = 'SHOWCALLER_CODEC_TOKENS_FILE';

const entrySchema = z.strictObject({
  name: z.string().regex(/^[\w.@:-]{1,64}$/, 'must be 1 to 64 letters, digits and . _ @ : -'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the token, 64 lower-case hexadecimal digits'),
  namespaces: z.array(z.string().min(1)).min(1),
  may: z.array(z.enum(['decode', 'encode'])).min(1),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
}) satisfies z.ZodType<CodecToken>;

/** The file that SHOWCALLER_CODEC_TOKENS_FILE names. */
export const codecTokens: TokenFileKind<CodecToken> = { variable: tokensVariable, entry: entrySchema };

export const mayDo = ({ may, namespaces }: CodecToken, right: CodecRight, namespace: string): boolean =>
  may.includes(right) && (namespaces.includes('*') || namespaces.includes(namespace));

/**
 * A token, to be shown once, and the entry that recognises it.
 *
 * @throws ConfigurationError when the entry would not be read.
 */
export function newToken(entry: Omit<CodecToken, 'sha256'>): { token: string; entry: CodecToken } {
  const { token, sha256 } = newHashedToken('scc_');
  const made = { ...entry, sha256 };
  const { problems } = readTokenList(JSON.stringify([made]), { ...codecTokens, variable: 'entry' });
  if (problems.length > 0) throw new ConfigurationError(problems, 'the token');
  return { token, entry: made };
}
