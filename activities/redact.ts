import { withoutQueries } from '../domain/without-queries.ts';

/**
 * A text without secrets: the configured ones, longest first so that one that contains another leaves nothing behind, and
 * the queries of addresses, where signatures stand that no configuration knows.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const bare = withoutQueries(text);
  return [...secrets]
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***'), bare);
}
