import { withoutQueries } from './without-queries.ts';

export type Redact = (text: string) => string;

const shortestSecret = 6;

/** Replaces every secret, longest first, so that one that contains another leaves nothing behind; as itself and as in addresses. */
export function redactor(secrets: Iterable<string>, instead: (secret: string) => string = () => '***'): Redact {
  const sorted = [...secrets].filter(({ length }) => length >= shortestSecret).sort((a, b) => b.length - a.length);
  return (text) =>
    sorted.reduce((clean, secret) => {
      const shown = instead(secret);
      const spellings = new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
      return [...spellings].reduce((rest, spelling) => rest.replaceAll(spelling, () => shown), clean);
    }, text);
}

/** A text without the configured secrets, and without the signatures of addresses, which no configuration knows. */
export const redact = (text: string, secrets: readonly string[]): string => withoutQueries(redactor(secrets)(text));
