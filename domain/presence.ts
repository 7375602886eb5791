import type { Observation } from './channel.ts';
import type { JsonObject } from './json.ts';
import { shortened } from './text.ts';

/** What we hold to be true of the encoder: the outcome of the last confirmed change. */
export interface Presence {
  encoder: Observation['encoder'];
  session?: string;
}

export const noEncoder: Presence = { encoder: 'absent' };

/** The vendor's name of a state is a word or two; what is longer would fill histories. */
const longestState = 200;

/** A confirmed change of the encoder. Instants are epoch milliseconds. */
export interface EncoderChange {
  kind: 'connected' | 'lost' | 'reconnected' | 'starved' | 'recovered';
  /** When we first saw it. */
  at: number;
  /** When the vendor says the session began; never later than `at`. */
  since?: number;
  session?: string;
  vendorState?: string;
  evidence?: JsonObject;
}

/**
 * The change that two looks agree on, or undefined; `at` is the instant of the first. A single look proves nothing: an
 * absence may be a hiccup of the vendor's view, a presence a knock that was refused. A caller that has only one look
 * gives it twice to learn whether a second is due.
 */
export function changeBetween(
  known: Presence,
  first: Observation,
  confirming: Observation,
  at: number,
): EncoderChange | undefined {
  const kind = kindOf(known, confirming);
  if (kind === undefined || kind !== kindOf(known, first)) return undefined;
  const { session, since, vendorState, evidence } = confirming;
  const change: EncoderChange = { kind, at };
  if (kind !== 'lost' && since !== undefined) change.since = Math.min(since, at);
  if (kind !== 'lost' && session !== undefined) change.session = session;
  if (vendorState !== undefined) change.vendorState = shortened(vendorState, longestState);
  if (evidence !== undefined) change.evidence = evidence;
  return change;
}

/** What we hold to be true after a change. */
export function presenceAfter(known: Presence, change: EncoderChange): Presence {
  if (change.kind === 'lost') return noEncoder;
  const session = change.session ?? (change.kind === 'connected' ? undefined : known.session);
  return { encoder: change.kind === 'starved' ? 'starved' : 'connected', ...(session !== undefined && { session }) };
}

function kindOf(known: Presence, seen: Observation): EncoderChange['kind'] | undefined {
  if (known.encoder === 'absent') return seen.encoder === 'absent' ? undefined : 'connected';
  if (seen.encoder === 'absent') return 'lost';
  // Only two known ids show a reconnection: a vendor that gives the session id late has not changed it.
  if (known.session !== undefined && seen.session !== undefined && seen.session !== known.session) return 'reconnected';
  if (seen.encoder === known.encoder) return undefined;
  return seen.encoder === 'starved' ? 'starved' : 'recovered';
}
