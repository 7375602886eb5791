import { createHash } from 'node:crypto';
import { InvalidCursorError } from './errors.ts';

const checksumLength = 8;
const checksumOf = (token: Uint8Array): Buffer =>
  createHash('sha256').update(token).digest().subarray(0, checksumLength);

/** Where the next page of a list begins, as callers get it. */
export const cursorOf = (token: Uint8Array): string => Buffer.concat([checksumOf(token), token]).toString('base64url');

/**
 * Temporal's page token in a cursor; a server that gets a wrong one does not answer at all.
 *
 * @throws InvalidCursorError
 */
export function tokenOf(cursor: string): Buffer {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(checksumLength);
  if (!checksumOf(token).equals(bytes.subarray(0, checksumLength))) throw new InvalidCursorError();
  return token;
}
