import { z } from 'zod';
import { type HashedToken, hashedTokenFields, newHashedToken } from '../hashed-tokens.ts';
import type { TokenFileKind } from '../token-file.ts';

export type CodecRight = 'decode' | 'encode';

/** One entry of the tokens file. */
export interface CodecToken extends HashedToken {
  /** The namespaces whose payloads the token may read; `*` for all. */
  namespaces: string[];
  may: CodecRight[];
}

export const tokensVariable = 'SHOWCALLER_CODEC_TOKENS_FILE';

const entrySchema = z.strictObject({
  ...hashedTokenFields,
  namespaces: z.array(z.string().min(1)).min(1),
  may: z.array(z.enum(['decode', 'encode'])).min(1),
}) satisfies z.ZodType<CodecToken>;

/** The file that SHOWCALLER_CODEC_TOKENS_FILE names. */
export const codecTokens: TokenFileKind<CodecToken> = { variable: tokensVariable, entry: entrySchema };

export const mayDo = ({ may, namespaces }: CodecToken, right: CodecRight, namespace: string): boolean =>
  may.includes(right) && (namespaces.includes('*') || namespaces.includes(namespace));

/**
 * A token, to be shown once, and the entry that recognises it.
 *
 * @throws ConfigurationError when the entry would not be read
 */
export const newToken = (entry: Omit<CodecToken, 'sha256'>): { token: string; entry: CodecToken } =>
  newHashedToken('scc_', entrySchema, entry);
