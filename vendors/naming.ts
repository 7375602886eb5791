import { createHash } from 'node:crypto';
import type { ChannelRef, EventSpec } from '../domain/channel.ts';

/** What a vendor allows in a name. */
export interface NameRules {
  /** Matches one character that must be replaced. Needs the `g` flag. */
  forbidden: RegExp;
  replacement: string;
  maxLength: number;
  /** Put before every name, so that people recognise ours. */
  prefix: string;
}

/**
 * A name derived from an event id by a vendor's rules: the same id gives the same name, and two ids never give one
 * name. An id stays as it is only when nothing of it has to be changed or cut and it does not end as a changed one does;
 * every other one gets 80 bits of the hash of the whole id.
 */
export function nameOf(eventId: string, rules: NameRules): string {
  const plain = rules.prefix + eventId;
  const escaped = plain.replace(rules.forbidden, rules.replacement);
  if (escaped === plain && plain.length <= rules.maxLength && !endsLikeHash.test(plain)) return plain;
  const kept = escaped.slice(0, rules.maxLength - hashLength - 1);
  return `${kept}${rules.replacement}${hashOf(eventId)}`;
}

const suffixLength = 6;

/** What keeps the names of the runs of one event apart: a part of the hash of the run's id. */
export const runSuffixOf = (run: string): string => hashOf(run).slice(0, suffixLength);
/** A suffix as it stands in a name. */
export const runSuffix = `[a-z2-7]{${suffixLength}}`;

/** The reference of the run's channel: under the name that the run has recorded, where it has. */
export const namedAsMade = (ref: ChannelRef, { made }: Pick<EventSpec, 'made'>): ChannelRef =>
  made ? { ...ref, name: made.name } : ref;

/** Five bits a letter, without those that names compared without case could confuse. */
const letters = 'abcdefghijklmnopqrstuvwxyz234567';
const hashLength = 16;
const endsLikeHash = /[^A-Za-z0-9][a-z2-7]{16}$/;

function hashOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest();
  const bits = BigInt(`0x${bytes.subarray(0, (hashLength * 5) / 8).toString('hex')}`);
  return Array.from({ length: hashLength }, (_, i) => letters[Number((bits >> BigInt(5 * i)) & 31n)]).join('');
}
