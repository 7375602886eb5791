import { isObject, type Json, type JsonObject } from '../json.ts';
import { keepNewest } from '../keep-newest.ts';
import { isSecretName } from '../secret-names.ts';

/**
 * A message that a vendor sent about a channel. A run trusts none of it: the message makes the run look at the encoder
 * again, and is kept as evidence. `readVendorEvent` keeps it small and free of stream keys, ingest URLs and signatures.
 */
export interface VendorEvent {
  /** The vendor's id of the message; with `source` it identifies a second delivery. */
  id: string;
  /** The sender, as the vendor names it: a topic, `aws.ivs`, a domain. */
  source: string;
  /** The vendor's name of the event. */
  type: string;
  /** When it happened, by the vendor's clock, epoch milliseconds. */
  at: number;
  /** Texts, numbers and booleans. */
  facts: JsonObject;
  /** Not about the encoder's presence: no reason to look at the encoder. */
  evidenceOnly?: true;
}

const maxFacts = 20;
const maxTextLength = 200;
/** Of all facts of one event together, as JSON: fifty events must not fill a history. */
const maxFactsLength = 1500;
const maxNameLength = 60;
const maxAtOnce = 50;
const maxKept = 50;
const knownIds = 1000;
/** A vendor's clock may be ahead of ours by this much; an event from later would stay the newest for ever. */
const clockSkewMs = 60_000;
/** An older event is no reason to look at the encoder. */
const lateAfterMs = 10 * 60_000;

const address = /[a-z][a-z0-9+.-]*:\/\/(?:[^\s/?#@]*@)?([^\s/?#@]*)[^\s]*/gi;

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** An event as a vendor sent it, cut to size and without possible secrets; undefined when it is not an event. */
export function readVendorEvent(value: unknown, now: number): VendorEvent | undefined {
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

/** One event or a list of them, without what is not an event. */
export function readVendorEvents(value: unknown, now: number): VendorEvent[] {
  const all: unknown[] = Array.isArray(value) ? value.slice(0, maxAtOnce) : [value];
  return all.flatMap((one) => readVendorEvent(one, now) ?? []);
}

/** Whether the vendor event makes the run look at its encoder. */
export const callsForRecheck = ({ evidenceOnly, at }: VendorEvent, now: number): boolean =>
  !evidenceOnly && now - at < lateAfterMs;

function factsOf(given: Record<string, unknown>): JsonObject {
  const facts: JsonObject = {};
  let length = 0;
  for (const [name, value] of Object.entries(given)) {
    const fact = factOf(value);
    if (fact === undefined || isSecretName(name) || /url$/i.test(name) || name.length > maxNameLength) continue;
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

/** The vendor events of one run: the newest fifty by the vendor's clock, each once, in whatever order they arrive. */
export class VendorEventLog {
  #kept: VendorEvent[] = [];
  #dropped = 0;
  readonly #known = new Set<string>();

  /** Oldest first. */
  get kept(): VendorEvent[] {
    return this.#kept;
  }

  /** How many older ones are not kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds the events that are new, and returns them. */
  add(events: readonly VendorEvent[]): VendorEvent[] {
    const fresh = events.filter((event) => this.#isNew(event));
    if (fresh.length > 0) {
      const all = [...this.#kept, ...fresh].sort(byTime);
      this.#kept = all.slice(-maxKept);
      this.#dropped += all.length - this.#kept.length;
    }
    return fresh;
  }

  #isNew(event: VendorEvent): boolean {
    const key = vendorEventKey(event);
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    keepNewest(this.#known, knownIds);
    return true;
  }
}

/** Identifies the message: the same for every delivery of it. */
export const vendorEventKey = ({ source, id }: Pick<VendorEvent, 'source' | 'id'>): string => `${source}\n${id}`;

function byTime(a: VendorEvent, b: VendorEvent): number {
  if (a.at !== b.at) return a.at - b.at;
  return vendorEventKey(a) < vendorEventKey(b) ? -1 : 1;
}
