/** Longest first, so that a secret that contains another leaves nothing behind. */
export function redact(text: string, secrets: readonly string[]): string {
  return [...secrets]
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***'), text);
}
