import { z } from 'zod';
import { accepted, type Checked, refused } from '../domain/configuration/checked.ts';
import { namedFile, type ReadFile } from '../domain/configuration/environment.ts';
import type { Json } from '../domain/json.ts';
import { problemsOf } from '../domain/problems.ts';
import type { HashedToken } from './hashed-tokens.ts';
import { type Reading, ReloadedFile } from './reloaded-file.ts';

/** A file of tokens: the variable that names it, and the form of its entries. */
export interface TokenFileKind<T extends HashedToken> {
  variable: string;
  entry: z.ZodType<T>;
}

/** How long the tokens of a file count that is gone or not understood: longer than any editor takes to replace one. */
const countAfterLossMs = 60_000;

/**
 * The entries of a text that count, and everything that is wrong with it. An entry that is wrong does not count, nor do two
 * for the same token: which of them holds is not known. No entries where the text is no list. Never quotes a value, because
 * a token may stand where its hash belongs.
 */
export function readTokenList<T extends HashedToken>(
  text: string,
  { variable, entry }: TokenFileKind<T>,
): Reading<T[]> {
  let list: Json;
  try {
    list = JSON.parse(text) as Json;
  } catch {
    return { problems: [{ path: variable, message: 'is not JSON' }] };
  }
  if (!Array.isArray(list)) return { problems: [{ path: variable, message: 'is not a list of entries' }] };
  const schema = z.array(entry);
  const wrong = problemsOf(list, schema.safeParse(list).error?.issues ?? [], schema);
  const read = list.map((one) => entry.safeParse(one).data);
  const firstWith = { name: firstOf(read, 'name'), sha256: firstOf(read, 'sha256') };
  const repeated = read.flatMap((one, index) =>
    (['name', 'sha256'] as const).flatMap((field) => {
      const first = one && firstWith[field].get(one[field]);
      return first === undefined || first === index
        ? []
        : [{ path: `[${index}].${field}`, message: `is that of [${first}] too` }];
    }),
  );
  const twice = new Set(
    read.flatMap((one, at) => (one && firstWith.sha256.get(one.sha256) !== at ? [one.sha256] : [])),
  );
  return {
    value: read.filter((one) => one !== undefined).filter(({ sha256 }) => !twice.has(sha256)),
    problems: [...wrong, ...repeated].map(({ path, message }) => ({ path: `${variable}${path}`, message })),
  };
}

/** The index of the first entry with each value of a field. */
function firstOf<T extends HashedToken>(
  entries: readonly (T | undefined)[],
  field: 'name' | 'sha256',
): Map<string, number> {
  const found = new Map<string, number>();
  for (const [at, one] of entries.entries()) if (one && !found.has(one[field])) found.set(one[field], at);
  return found;
}

/** The entries of a file, or everything that is wrong with it: a process does not start with half of its tokens. */
export function readTokenFile<T extends HashedToken>(
  file: string,
  kind: TokenFileKind<T>,
  readFile: ReadFile,
): Checked<T[]> {
  const text = namedFile(kind.variable, file, readFile);
  if ('problem' in text) return refused(text.problem);
  const { value, problems } = readTokenList(text.value ?? '', kind);
  return value && problems.length === 0 ? accepted(value) : refused(...problems);
}

/** The tokens that a file holds now. When it is gone or no list, they count for a minute more, and then none does. */
export const reloadedTokens = <T extends HashedToken>(
  { file, entries }: { file: string; entries: T[] },
  kind: TokenFileKind<T>,
  log: (line: string) => void,
): ReloadedFile<T[]> =>
  new ReloadedFile<T[]>({
    file,
    initial: entries,
    parse: (text) => readTokenList(text, kind),
    whenLost: { afterMs: countAfterLossMs, value: [] },
    log,
  });
