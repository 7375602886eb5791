import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type HashedToken, newHashedToken } from '../hashed-tokens.ts';
import { CodecSettingsError } from './keys.ts';

export type CodecRight = 'decode' | 'encode';

/** One entry of the tokens file. */
export interface CodecToken extends HashedToken {
  /** Whose payloads it may read; `*` for all. */
  namespaces: string[];
  may: CodecRight[];
}

export const tokensVariable = 'SHOWCALLER_CODEC_TOKENS_FILE';

const tokensSchema = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[\w.@:-]{1,64}$/, 'must be 1 to 64 letters, digits and . _ @ : -'),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the token, 64 lower-case hexadecimal digits'),
      namespaces: z.array(z.string().min(1)).min(1),
      may: z.array(z.enum(['decode', 'encode'])).min(1),
      expiresAt: z.iso.datetime({ offset: true }).optional(),
    }) satisfies z.ZodType<CodecToken>,
  )
  .min(1);

/** @throws CodecSettingsError with everything that is wrong with the file. */
export function readTokens(file: string): CodecToken[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new CodecSettingsError([`${tokensVariable} names ${file}, which cannot be read (${code})`]);
  }
  return checked(asJson(text), tokensVariable);
}

function checked(entries: unknown, name: string): CodecToken[] {
  const parsed = tokensSchema.safeParse(entries);
  if (parsed.success) return parsed.data;
  throw new CodecSettingsError(parsed.error.issues.map(({ path, message }) => `${name}${at(path)}: ${message}`));
}

const at = (path: readonly PropertyKey[]): string =>
  path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser would quote the text.
    throw new CodecSettingsError([`${tokensVariable} names a file that is not JSON`]);
  }
}

export const mayDo = ({ may, namespaces }: CodecToken, right: CodecRight, namespace: string): boolean =>
  may.includes(right) && (namespaces.includes('*') || namespaces.includes(namespace));

/**
 * A token, to be shown once, and the entry that recognises it.
 *
 * @throws CodecSettingsError when the entry would not be read.
 */
export function newToken(entry: Omit<CodecToken, 'sha256'>): { token: string; entry: CodecToken } {
  const { token, sha256 } = newHashedToken('scc_');
  const made = { ...entry, sha256 };
  checked([made], 'entry');
  return { token, entry: made };
}
