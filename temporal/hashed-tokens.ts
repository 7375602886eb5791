import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The entry of a token. Only its hash is kept; a token is 256 random bits, so the hash does not reveal it. */
export interface HashedToken {
  name: string;
  /** SHA-256 of the token, hexadecimal. */
  sha256: string;
  /** ISO 8601 instant with an offset; the token is unknown from then on. */
  expiresAt?: string;
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A token, to be shown once, and its hash. */
export function newHashedToken(prefix: string): { token: string; sha256: string } {
  const token = `${prefix}${randomBytes(32).toString('base64url')}`;
  return { token, sha256: hashOf(token).toString('hex') };
}

/** The token of the header `Authorization: Bearer <token>`; undefined when the header is absent or of another form. */
export const bearerOf = (authorization: string | undefined): string | undefined =>
  /^Bearer +([^ ]+) *$/i.exec(authorization ?? '')?.[1];

/** The entry of a token; undefined for an unknown or expired one. Takes the same time for every token. */
export function holderOf<T extends HashedToken>(token: string, entries: readonly T[], now: number): T | undefined {
  const presented = hashOf(token);
  let found: T | undefined;
  for (const entry of entries) if (timingSafeEqual(presented, Buffer.from(entry.sha256, 'hex'))) found = entry;
  return found?.expiresAt !== undefined && Date.parse(found.expiresAt) <= now ? undefined : found;
}
