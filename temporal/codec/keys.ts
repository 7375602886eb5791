import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  accepted,
  type Checked,
  ConfigurationError,
  orThrow,
  refused,
  together,
  unlessProblems,
} from '../../domain/configuration/checked.ts';
import {
  type ConfigSources,
  type Environment,
  type ReadFile,
  secretText,
} from '../../domain/configuration/environment.ts';
import type { Problem } from '../../domain/errors.ts';
import { type Reading, ReloadedFile } from '../reloaded-file.ts';

/** 256 bits and their name. The name is readable in Temporal; a `KeyObject` shows its bytes to no log. */
export interface CodecKey {
  id: string;
  secret: KeyObject;
}

/** The first key encrypts, all of them decrypt. */
export interface KeyRing {
  active: CodecKey;
  /** Payloads that are not encrypted are refused. */
  required?: boolean;
  get(id: string): CodecKey | undefined;
  ids: readonly string[];
}

export const keysVariable = 'SHOWCALLER_CODEC_KEYS';
export const keysFileVariable = 'SHOWCALLER_CODEC_KEYS_FILE';
export const requiredVariable = 'SHOWCALLER_CODEC_REQUIRED';

const keyBytes = 32;
const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;
const idRule = '1 to 64 letters, digits, dots, hyphens and underscores';

/** A line for the settings: `<id>:<base64>`. */
export function newKeyLine(id: string): string {
  if (!idPattern.test(id)) {
    throw new ConfigurationError([{ path: '--id', message: `the key id ${JSON.stringify(id)} is not ${idRule}` }]);
  }
  return `${id}:${randomBytes(keyBytes).toString('base64')}`;
}

/**
 * The keys of the environment, one `<id>:<base64>` a line (or between commas), `#` before a remark; undefined where
 * none are set, and so nothing is to be encrypted. A file is read again when it changes.
 */
export function readKeys(sources: Pick<ConfigSources, 'env' | 'readFile'>): Checked<KeyRing | undefined> {
  const parts = together<{ keys: KeyRing | undefined; required: boolean }>({
    keys: keysIn(sources),
    required: requiredIn(sources.env),
  });
  if (!parts.ok) return parts;
  const { keys, required } = parts.value;
  if (required && !keys)
    return refused({ path: requiredVariable, message: `needs ${keysVariable} or ${keysFileVariable}` });
  return accepted(keys && Object.assign(keys, { required }));
}

function requiredIn({ [requiredVariable]: text = '' }: Environment): Checked<boolean> {
  if (text === '' || text === 'false') return accepted(false);
  return text === 'true' ? accepted(true) : refused({ path: requiredVariable, message: 'must be true or false' });
}

function keysIn(sources: Pick<ConfigSources, 'env' | 'readFile'>): Checked<KeyRing | undefined> {
  const text = secretText(keysVariable, sources);
  if ('problem' in text) return refused(text.problem);
  if (text.value === undefined) return accepted(undefined);
  const keys = parseKeys(text.value, text.from);
  const { [keysFileVariable]: file } = sources.env;
  return keys.ok && file ? accepted(reloaded(file, keys.value, sources.readFile)) : keys;
}

/** The keys of a file, and later those that the file holds then. */
function reloaded(file: string, initial: KeyRing, readFile: ReadFile): KeyRing {
  // Nothing takes the place of keys that are gone: what is written now would not be encrypted.
  const parse = (text: string): Reading<KeyRing> => {
    const parsed = parseKeys(text, keysFileVariable);
    return parsed.ok ? { value: parsed.value, problems: [] } : { problems: parsed.problems };
  };
  const keys = new ReloadedFile<KeyRing>({ file, initial, parse, readFile });
  return {
    get active() {
      return keys.current().active;
    },
    get: (id) => keys.current().get(id),
    get ids() {
      return keys.current().ids;
    },
  };
}

/** The keys of this process. @throws ConfigurationError with everything that is wrong. */
export const keyRingFrom = (env: Environment = process.env): KeyRing | undefined =>
  orThrow(readKeys({ env, readFile: (path) => readFileSync(path, 'utf8') }));

function parseKeys(text: string, variable: string): Checked<KeyRing> {
  const lines = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const keys = new Map<string, CodecKey>();
  const problems: Problem[] = [];
  const wrong = (message: string) => problems.push({ path: variable, message });
  for (const [index, line] of lines.entries()) {
    const parsed = parseKey(line);
    if (typeof parsed === 'string') wrong(`key ${index + 1} ${parsed}`);
    else if (keys.has(parsed.id)) wrong(`key ${index + 1} repeats the id ${parsed.id}`);
    else keys.set(parsed.id, parsed);
  }
  const [active] = keys.values();
  if (lines.length === 0) wrong('holds no key: `showcaller codec new-key` makes one');
  return unlessProblems(problems, () => ({
    active: active as CodecKey,
    get: (id) => keys.get(id),
    ids: [...keys.keys()],
  }));
}

/** The key, or what is wrong with it. The text is never quoted: it may be a valid key with one wrong letter. */
function parseKey(line: string): CodecKey | string {
  const colon = line.indexOf(':');
  const id = line.slice(0, Math.max(colon, 0));
  if (colon < 0 || !idPattern.test(id)) return `is not written <id>:<base64>, with an id of ${idRule}`;
  const encoded = line.slice(colon + 1).trim();
  const bytes = Buffer.from(encoded, 'base64');
  if (!base64Pattern.test(encoded)) return `(${id}) is not base64 after the colon`;
  if (bytes.length !== keyBytes) return `(${id}) has ${bytes.length} bytes, not ${keyBytes}`;
  return { id, secret: createSecretKey(bytes) };
}
