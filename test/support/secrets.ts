import type { Channel, IngestEndpoint } from '../../domain/channel.ts';

/** Shorter words of a push URL are names and numbers, not keys. */
const shortestKey = 12;

/** What lets an encoder in: the whole URL, the key, and every word of it that is no name of the channel. */
export function keysOf({ url, streamKey }: IngestEndpoint, channel: Channel): string[] {
  const words = new URL(url).pathname.split('/').concat(...new URL(url).searchParams.values());
  const names = [channel.ref.name, channel.ref.id ?? ''];
  const isName = (word: string) => /\.\w{2,4}$/.test(word) || names.some((name) => name.includes(word));
  const isKey = (word: string) => word.length >= shortestKey && !isName(word);
  return [url, ...[streamKey, ...words].filter(isKey)];
}

/** Every spelling in which a secret could go unnoticed. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    encodeURI(secret),
    JSON.stringify(secret).slice(1, -1),
    ...base64(bytes),
    ...base64(bytes).map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
  ];
}

/** Inside a longer text base64 depends on where the secret begins; what its neighbours would change is left out. */
function base64(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(shift === 0 ? 0 : shift + 1, (bytes.length + shift) % 3 === 0 ? undefined : -1);
  });
}

/** The secrets that the texts contain, in whatever spelling; by their first letters only. */
export function secretsIn(texts: readonly string[], secrets: Iterable<string>): string[] {
  return [...secrets].flatMap((secret) => {
    const found = spellings(secret).find((spelling) => texts.some((text) => text.includes(spelling)));
    return found === undefined ? [] : [`${secret.slice(0, 4)}… as ${found.slice(0, 6)}…`];
  });
}
