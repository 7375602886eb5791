import { InvalidArgumentError } from 'commander';
import { parseInstant, whyNotInstant } from '../domain/time.ts';

/** Which clock texts for people have. */
export interface TimeTexts {
  /** The same text, its instants in this clock. */
  inTexts(text: string): string;
  /** An instant with its date, epoch milliseconds. */
  instant(at: number): string;
}

/** The id of an event of a schedule ends with an instant: that is no text. */
const utcInstant = /(?<![\w:/.@-])\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const two = (n: number): string => String(n).padStart(2, '0');

const utcText = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** `2026-12-01T19:00:00+01:00`; with `Z` where the zone is at UTC. */
function localText(at: number): string {
  const date = new Date(at);
  const offset = -date.getTimezoneOffset();
  if (offset === 0) return utcText(at);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${utcText(at + offset * 60_000).slice(0, -1)}${zone}`;
}

/** Instants in the time zone of this process (TZ), or in UTC. */
export function timesOf({ utc = false }: { utc?: boolean }): TimeTexts {
  const instant = utc ? utcText : localText;
  return {
    instant,
    inTexts: (text) => (utc ? text : text.replace(utcInstant, (found) => instant(Date.parse(found)))),
  };
}

/** A flag's instant in epoch milliseconds, as plans and the API read it; anything else is wrong usage. */
export function instantFlag(text: string): number {
  const instant = parseInstant(text);
  if (instant === undefined) throw new InvalidArgumentError(`It ${whyNotInstant(text)}.`);
  return instant;
}
