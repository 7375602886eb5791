import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Env } from '../dev-server/cache.ts';

/** 256 bits and their name. The name is readable in Temporal; a `KeyObject` shows its bytes to no log. */
export interface CodecKey {
  id: string;
  secret: KeyObject;
}

/** The first key encrypts, all of them decrypt. */
export interface KeyRing {
  active: CodecKey;
  get(id: string): CodecKey | undefined;
  ids: readonly string[];
}

/** Settings of the codec that nobody can work with: all that is wrong, and no key. */
export class CodecSettingsError extends Error {
  override readonly name = 'CodecSettingsError';

  constructor(problems: readonly string[]) {
    super(`the settings of the payload codec have ${problems.length} problem(s)\n  ${problems.join('\n  ')}`);
  }
}

export const keysVariable = 'SHOWCALLER_CODEC_KEYS';
export const keysFileVariable = 'SHOWCALLER_CODEC_KEYS_FILE';

const keyBytes = 32;
const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;
const idRule = '1 to 64 letters, digits, dots, hyphens and underscores';

/** A line for the settings: `<id>:<base64>`. */
export function newKeyLine(id: string): string {
  if (!idPattern.test(id)) throw new CodecSettingsError([`the key id ${JSON.stringify(id)} is not ${idRule}`]);
  return `${id}:${randomBytes(keyBytes).toString('base64')}`;
}

/**
 * The keys of the environment, one `<id>:<base64>` a line (or between commas), `#` before a remark; undefined where
 * none are set, and so nothing is to be encrypted.
 *
 * @throws CodecSettingsError with everything that is wrong.
 */
export function keyRingFrom(env: Env = process.env): KeyRing | undefined {
  const inline = env[keysVariable];
  const file = env[keysFileVariable];
  if (!inline && !file) return undefined;
  if (inline && file) throw new CodecSettingsError([`${keysVariable} and ${keysFileVariable} are both set: set one`]);
  return file ? parseKeys(read(file), keysFileVariable) : parseKeys(inline ?? '', keysVariable);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new CodecSettingsError([`${keysFileVariable} names ${file}, which cannot be read (${code})`]);
  }
}

function parseKeys(text: string, variable: string): KeyRing {
  const lines = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const keys = new Map<string, CodecKey>();
  const problems: string[] = [];
  for (const [index, line] of lines.entries()) {
    const parsed = parseKey(line);
    const complaint = typeof parsed === 'string' ? parsed : keys.has(parsed.id) ? `repeats the id ${parsed.id}` : '';
    if (complaint) problems.push(`${variable}, key ${index + 1}: ${complaint}`);
    else if (typeof parsed !== 'string') keys.set(parsed.id, parsed);
  }
  if (lines.length === 0) problems.push(`${variable} holds no key: \`showcaller codec new-key\` makes one`);
  const [active] = keys.values();
  if (problems.length > 0 || !active) throw new CodecSettingsError(problems);
  return { active, get: (id) => keys.get(id), ids: [...keys.keys()] };
}

/** The key, or what is wrong with it; never what it is, for it may be right but for a letter. */
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
