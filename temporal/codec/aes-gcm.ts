import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { type KeyRing, keysFileVariable, keysVariable } from './keys.ts';
import { payloadFromBytes, payloadToBytes } from './wire.ts';

/** How an encrypted payload is known; another codec's are left alone. */
const encryptedEncoding = 'binary/showcaller-aes-256-gcm';
const keyIdField = 'encryption-key-id';

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** A payload that cannot be read here: the message says with which key it could. */
export class PayloadUnreadableError extends Error {
  override readonly name = 'PayloadUnreadableError';
}

/**
 * Encrypts whole payloads with the active key: random IV, ciphertext, tag. Bound to the namespace and the key's name,
 * so that neither may be changed. What is not encrypted is decoded as it is: an event that was planned before the codec
 * was switched on goes on, and a run can be started by hand.
 *
 * Without keys nothing is encrypted, and what is encrypted is refused with the name of the key that is missing.
 */
export function aesGcmCodec(keys: KeyRing | undefined, namespace: string): PayloadCodec {
  return {
    encode: async (payloads) => (keys ? payloads.map((payload) => encrypt(payload, keys, namespace)) : payloads),
    decode: async (payloads) =>
      payloads.map((payload) => (isEncrypted(payload) ? decrypt(payload, keys, namespace) : payload)),
  };
}

export const isEncrypted = ({ metadata }: Payload): boolean => textOf(metadata?.encoding) === encryptedEncoding;

function encrypt(payload: Payload, { active }: KeyRing, namespace: string): Payload {
  const iv = randomBytes(ivBytes);
  const encryption = createCipheriv(cipher, active.secret, iv, { authTagLength: tagBytes });
  encryption.setAAD(boundTo(active.id, namespace));
  const hidden = Buffer.concat([encryption.update(payloadToBytes(payload)), encryption.final()]);
  return {
    metadata: { encoding: Buffer.from(encryptedEncoding), [keyIdField]: Buffer.from(active.id) },
    data: Buffer.concat([iv, hidden, encryption.getAuthTag()]),
  };
}

function decrypt({ metadata, data }: Payload, keys: KeyRing | undefined, namespace: string): Payload {
  const id = textOf(metadata?.[keyIdField]);
  const key = keys?.get(id);
  if (!key) throw new PayloadUnreadableError(unknownKey(id, keys));
  const bytes = Buffer.from(data ?? []);
  try {
    const decryption = createDecipheriv(cipher, key.secret, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decryption.setAAD(boundTo(id, namespace));
    decryption.setAuthTag(bytes.subarray(Math.max(ivBytes, bytes.length - tagBytes)));
    const hidden = bytes.subarray(ivBytes, -tagBytes);
    return payloadFromBytes(Buffer.concat([decryption.update(hidden), decryption.final()]));
  } catch (cause) {
    throw new PayloadUnreadableError(notGenuine(id, namespace), { cause });
  }
}

/** What the tag vouches for besides the payload. No name can hold the zero byte between them. */
const boundTo = (keyId: string, namespace: string): Buffer =>
  Buffer.from([encryptedEncoding, keyId, namespace].join('\0'));

const textOf = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/** The id comes from the wire: anything may be in it. */
const quoted = (id: string): string => JSON.stringify(id.slice(0, 64));

function unknownKey(id: string, keys: KeyRing | undefined): string {
  const here = keys ? `known here: ${keys.ids.join(', ')}` : 'no key is configured here';
  const what = `a payload in Temporal is encrypted with the key ${quoted(id)}, and ${here}`;
  return `${what} — add that key to ${keysVariable} or ${keysFileVariable}`;
}

const notGenuine = (id: string, namespace: string): string =>
  `a payload in Temporal cannot be decrypted with the key ${quoted(id)} in the namespace ${namespace}: it was changed, ` +
  'it belongs to another namespace, or another key has that id — compare the keys and the namespace with those of the ' +
  'process that wrote it';
