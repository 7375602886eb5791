import type { Problem } from '../domain/errors.ts';
import { type Json, type JsonObject, kindOf } from '../domain/json.ts';
import { maxInputBytes, maxInputDepth } from './limits.ts';

/** Half of a surrogate pair, as JSON writes it. UTF-8 cannot hold it, so Temporal would keep another plan. */
const halfPair = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

export type PlainInput = { ok: true; value: JsonObject } | { ok: false; problem: Problem };

/**
 * A copy of what was sent as plain JSON with nothing inherited, or why it cannot be one. Comes before any schema:
 * recursion over a hostile depth would exhaust the stack there.
 */
export function plainInput(input: unknown): PlainInput {
  const refused = (message: string): PlainInput => ({ ok: false, problem: { path: '', message } });
  const kind = kindOf(input);
  if (kind !== 'an object') return refused(`must be a JSON object, not ${kind}`);
  let text: string;
  try {
    text = JSON.stringify(input);
  } catch {
    return refused('must be plain JSON: it contains itself, nests too deep, or has a value that JSON does not know');
  }
  if (Buffer.byteLength(text) > maxInputBytes) return refused(`must be at most ${maxInputBytes / 1024} KiB as JSON`);
  if (halfPair.test(text)) return refused('must be well-formed text: it has half of a pair of surrogates');
  const value: Json = JSON.parse(text);
  if (kindOf(value) !== 'an object') return refused(`must be a JSON object, not ${kindOf(value)}`);
  if (deeperThan(value, maxInputDepth)) return refused(`must nest at most ${maxInputDepth} levels deep`);
  return { ok: true, value: value as JsonObject };
}

function deeperThan(value: Json, depth: number): boolean {
  let level: Json[] = [value];
  for (let i = 0; i <= depth; i += 1) {
    level = level.flatMap((item) => (item !== null && typeof item === 'object' ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return true;
}
