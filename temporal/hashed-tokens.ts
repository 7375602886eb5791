import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ConfigurationError } from '../domain/configuration/checked.ts';
import type { Json } from '../domain/json.ts';
import { problemsOf } from '../domain/problems.ts';

/** The entry of a token. Only its hash is kept; a token is 256 random bits, so the hash does not reveal it. */
export interface HashedToken {
  name: string;
  /** SHA-256 of the token, hexadecimal. */
  sha256: string;
  /** ISO 8601 instant with an offset: the token expires then. */
  expiresAt?: string;
}

/** The fields that every entry has. */
export const hashedTokenFields = {
  name: z.string().regex(/^[\w.@:-]{1,64}$/, 'must be 1 to 64 letters, digits and . _ @ : -'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the token, 64 lower-case hexadecimal digits'),
  expiresAt: z.iso.datetime({ offset: true, error: 'must be an ISO 8601 instant with an offset' }).optional(),
};

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * A token, to be shown once, and the entry that recognises it.
 *
 * @throws ConfigurationError when the entry would not be read
 */
export function newHashedToken<T extends HashedToken>(
  prefix: string,
  schema: z.ZodType<T>,
  fields: Omit<T, 'sha256'>,
): { token: string; entry: T } {
  const token = `${prefix}${randomBytes(32).toString('base64url')}`;
  const given = { ...fields, sha256: hashOf(token).toString('hex') };
  const read = schema.safeParse(given);
  if (read.success) return { token, entry: read.data };
  throw new ConfigurationError(problemsOf(given as Json, read.error.issues, schema), 'the token');
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
