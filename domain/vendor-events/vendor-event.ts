import type { Json, JsonObject } from '../json.ts';

/**
 * What a vendor said without being asked. Nothing depends on it: it makes a run look, and is kept as evidence.
 * Small by `readHint`, and never with a stream key, an ingest URL or a signature.
 */
export interface Hint {
  /** The vendor's id of the message; with `source` it tells a second delivery. */
  id: string;
  /** Who says so, in the vendor's words: a topic, `aws.ivs`, a domain. */
  source: string;
  /** The vendor's word for what happened. */
  type: string;
  /** When it happened, by the vendor's clock, epoch milliseconds. */
  at: number;
  /** Texts, numbers and booleans. */
  facts: JsonObject;
  /** Says nothing of the encoder's presence: no reason to look. */
  evidenceOnly?: true;
}

const maxFacts = 20;
const maxTextLength = 200;
/** Of all facts of a hint together, as JSON: fifty hints must not fill a history. */
const maxFactsLength = 1500;
const maxNameLength = 60;
const maxHintsAtOnce = 50;
const keptHints = 50;
const knownIds = 1000;
/** A clock may be ahead of ours by this much; a hint from later than that would stay the newest for ever. */
const clockSkewMs = 60_000;
/** What happened longer ago is no reason to look. */
const lateAfterMs = 10 * 60_000;

const secretName = /key|token|secret|passw|sign|credential|authori[sz]ation|url$/i;
const address = /[a-z][a-z0-9+.-]*:\/\/(?:[^\s/?#@]*@)?([^\s/?#@]*)[^\s]*/gi;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** A hint as others sent it, cut to size and without what may be secret; undefined when it is none. */
export function readHint(value: unknown, now: number): Hint | undefined {
  if (!isObject(value)) return undefined;
  const { id, source, type, at, facts } = value;
  if (!isText(id) || !isText(source) || !isText(type)) return undefined;
  if (typeof at !== 'number' || !Number.isFinite(at) || at < 0) return undefined;
  return {
    id: id.slice(0, maxTextLength),
    source: plainText(source),
    type: plainText(type),
    at: Math.min(Math.round(at), now + clockSkewMs),
    facts: factsOf(isObject(facts) ? facts : {}),
    ...(value.evidenceOnly === true && { evidenceOnly: true }),
  };
}

/** One hint or a list of them, without those that are none. */
export function readHints(value: unknown, now: number): Hint[] {
  const all: unknown[] = Array.isArray(value) ? value.slice(0, maxHintsAtOnce) : [value];
  return all.flatMap((one) => readHint(one, now) ?? []);
}

/** Whether it is a reason to look at the encoder. */
export const callsForLook = (hint: Hint, now: number): boolean => !hint.evidenceOnly && now - hint.at < lateAfterMs;

function factsOf(given: Record<string, unknown>): JsonObject {
  const facts: JsonObject = {};
  let length = 0;
  for (const [name, value] of Object.entries(given)) {
    const fact = factOf(value);
    if (fact === undefined || secretName.test(name) || name.length > maxNameLength) continue;
    length += name.length + String(fact).length;
    if (Object.keys(facts).length >= maxFacts || length > maxFactsLength) break;
    facts[name] = fact;
  }
  return facts;
}

function factOf(value: unknown): Json | undefined {
  if (typeof value === 'string') return value === '' ? undefined : plainText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'boolean' ? value : undefined;
}

/** Of an address only its host: paths and queries carry keys. */
const plainText = (text: string): string => text.slice(0, 500).replace(address, '$1').slice(0, maxTextLength);

/** The hints of one run: the newest fifty by the vendor's clock, each once, however often and in what order they come. */
export class HintLog {
  #kept: Hint[] = [];
  readonly #known = new Set<string>();

  /** Oldest first. */
  get kept(): Hint[] {
    return this.#kept;
  }

  /** Takes in what is new, and gives it. */
  take(hints: readonly Hint[]): Hint[] {
    const fresh = hints.filter((hint) => this.#isNew(hint));
    if (fresh.length > 0) this.#kept = [...this.#kept, ...fresh].sort(byTime).slice(-keptHints);
    return fresh;
  }

  #isNew(hint: Hint): boolean {
    const key = hintKey(hint);
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    for (const oldest of this.#known) {
      if (this.#known.size <= knownIds) break;
      this.#known.delete(oldest);
    }
    return true;
  }
}

/** The same for every delivery of one message. */
export const hintKey = ({ source, id }: Pick<Hint, 'source' | 'id'>): string => `${source}\n${id}`;

function byTime(a: Hint, b: Hint): number {
  if (a.at !== b.at) return a.at - b.at;
  return hintKey(a) < hintKey(b) ? -1 : 1;
}
