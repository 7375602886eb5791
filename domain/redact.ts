import { shortened } from './text.ts';
import { withoutQueries } from './without-queries.ts';

export type Redact = (text: string) => string;

const shortestSecret = 6;

/** As itself, and as it stands in addresses, forms, JSON and XML. */
function spellingsOf(secret: string): Set<string> {
  const inAddress = encodeURIComponent(secret);
  const inXml = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const spellings = [
    secret,
    inAddress,
    inAddress.replace(/%../g, (byte) => byte.toLowerCase()),
    inAddress.replaceAll('%20', '+'),
    encodeURIComponent(inAddress),
    inXml,
    inXml.replaceAll('"', '&quot;').replaceAll("'", '&apos;'),
  ];
  return new Set(spellings.flatMap((one) => [JSON.stringify(one).slice(1, -1), one]));
}

/** Replaces every secret in each spelling, longest first, so that one that contains another leaves nothing behind. */
export function redactor(secrets: Iterable<string>, instead: (secret: string) => string = () => '***'): Redact {
  const sorted = [...secrets].filter(({ length }) => length >= shortestSecret).sort((a, b) => b.length - a.length);
  const spelled = sorted.map((secret) => ({ secret, spellings: [...spellingsOf(secret)] }));
  return (text) =>
    spelled.reduce((clean, { secret, spellings }) => {
      const shown = instead(secret);
      return spellings.reduce((rest, spelling) => rest.replaceAll(spelling, () => shown), clean);
    }, text);
}

/**
 * A text without the configured secrets, and without the signatures of addresses, which no configuration knows. It is cut
 * between the two: half of a secret is not recognised, and a long text is searched for addresses slowly.
 */
export const redact = (text: string, secrets: readonly string[], most = Number.POSITIVE_INFINITY): string =>
  withoutQueries(shortened(redactor(secrets)(text), most));
