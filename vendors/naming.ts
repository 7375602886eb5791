import { createHash } from 'node:crypto';

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
 * name: a hash of the whole id keeps apart what had to be changed or cut.
 */
export function nameOf(eventId: string, rules: NameRules): string {
  const plain = rules.prefix + eventId;
  const escaped = plain.replace(rules.forbidden, rules.replacement);
  if (escaped === plain && plain.length <= rules.maxLength) return plain;
  const hash = createHash('sha256').update(eventId).digest('hex').slice(0, 10);
  const kept = escaped.slice(0, rules.maxLength - hash.length - 1);
  return `${kept}${rules.replacement}${hash}`;
}
