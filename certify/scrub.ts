export type Redact = (text: string) => string;

/** Replaces every secret, longest first, so that one that contains another leaves nothing behind; as itself and as in addresses. */
export function redactor(secrets: ReadonlySet<string>, instead: (secret: string) => string = () => '***'): Redact {
  const sorted = [...secrets].filter(({ length }) => length >= 6).sort((a, b) => b.length - a.length);
  return (text) =>
    sorted.reduce((clean, secret) => {
      const shown = instead(secret);
      const spellings = new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
      return [...spellings].reduce((rest, spelling) => rest.replaceAll(spelling, shown), clean);
    }, text);
}
