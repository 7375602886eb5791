import { z } from 'zod';
import { type Checked, orThrow, refused, unlessProblems } from '../../domain/configuration/checked.ts';
import { namedFile, type ReadFile } from '../../domain/configuration/environment.ts';
import type { Json } from '../../domain/json.ts';
import { problemsOf } from '../../domain/problems.ts';
import { type HashedToken, newHashedToken } from '../hashed-tokens.ts';

export type CodecRight = 'decode' | 'encode';

/** One entry of the tokens file. */
export interface CodecToken extends HashedToken {
  /** The namespaces whose payloads the token may read; `*` for all. */
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

/** The entries of the file that `SHOWCALLER_CODEC_TOKENS_FILE` names. */
export function readTokens(file: string, readFile: ReadFile): Checked<CodecToken[]> {
  const text = namedFile(tokensVariable, file, readFile);
  if ('problem' in text) return refused(text.problem);
  let entries: Json;
  try {
    entries = JSON.parse(text.value ?? '') as Json;
  } catch {
    // The parser would quote the text.
    return refused({ path: tokensVariable, message: 'names a file that is not JSON' });
  }
  return checked(entries, tokensVariable);
}

function checked(entries: Json, name: string): Checked<CodecToken[]> {
  const parsed = tokensSchema.safeParse(entries);
  const problems = problemsOf(entries, parsed.error?.issues ?? [], tokensSchema);
  const named = problems.map(({ path, message }) => ({ path: `${name}${path.replace(/^(?=\w)/, '.')}`, message }));
  return unlessProblems(named, () => parsed.data ?? []);
}

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
  orThrow(checked(JSON.parse(JSON.stringify([made])), 'entry'), 'the token');
  return { token, entry: made };
}
