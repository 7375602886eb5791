import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { type KeyRing, keysFileVariable, keysVariable, requiredVariable } from './keys.ts';
import { payloadFromBytes, payloadToBytes } from './wire.ts';

/** The encoding of our encrypted payloads; those of other codecs are returned as they are. */
const encryptedEncoding = 'binary/showcaller-aes-256-gcm';
const keyIdField = 'encryption-key-id';
const workflowIdField = 'encryption-workflow-id';

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** A payload that cannot be read here: the message says with which key it could. */
export class PayloadUnreadableError extends Error {
  override readonly name = 'PayloadUnreadableError';
}

export interface CodecOptions {
  /** A payload that is not encrypted is refused. Default: it is decoded as it is. */
  required?: boolean;
}

/**
 * Encrypts whole payloads with the active key: random IV, ciphertext, tag. Bound to the namespace, to the key's name, and to
 * the workflow where the SDK names it, so that none of them may be changed and no payload copied into another workflow.
 * Without `required`, what is not encrypted is decoded as it is: an event that was planned before the codec was switched
 * on goes on, and a run can be started by hand.
 *
 * Without keys nothing is encrypted, and what is encrypted is refused with the name of the key that is missing.
 */
export function aesGcmCodec(
  keys: KeyRing | undefined,
  namespace: string,
  { required = false }: CodecOptions = {},
): PayloadCodec {
  return {
    encode: async (payloads, context) =>
      keys
        ? payloads.map((payload) => encrypt(payload, keys, { namespace, workflowId: context?.workflowId }))
        : payloads,
    decode: async (payloads, context) =>
      payloads.map((payload) => {
        if (isEncrypted(payload)) return decrypt(payload, keys, { namespace, workflowId: context?.workflowId });
        if (required) throw new PayloadUnreadableError(notEncrypted);
        return payload;
      }),
  };
}

export const isEncrypted = ({ metadata }: Payload): boolean => textOf(metadata?.encoding) === encryptedEncoding;

/** Where a payload is written or read. The SDK does not name the workflow on every path; the Temporal UI never does. */
interface Place {
  namespace: string;
  workflowId: string | undefined;
}

function encrypt(payload: Payload, { active }: KeyRing, { namespace, workflowId }: Place): Payload {
  const iv = randomBytes(ivBytes);
  const encryption = createCipheriv(cipher, active.secret, iv, { authTagLength: tagBytes });
  encryption.setAAD(boundTo(active.id, namespace, workflowId));
  const hidden = Buffer.concat([encryption.update(payloadToBytes(payload)), encryption.final()]);
  return {
    metadata: {
      encoding: Buffer.from(encryptedEncoding),
      [keyIdField]: Buffer.from(active.id),
      ...(workflowId !== undefined && { [workflowIdField]: Buffer.from(workflowId) }),
    },
    data: Buffer.concat([iv, hidden, encryption.getAuthTag()]),
  };
}

function decrypt({ metadata, data }: Payload, keys: KeyRing | undefined, { namespace, workflowId }: Place): Payload {
  const id = textOf(metadata?.[keyIdField]);
  const key = keys?.get(id);
  if (!key) throw new PayloadUnreadableError(unknownKey(id, keys));
  const writtenFor = metadata?.[workflowIdField] && textOf(metadata[workflowIdField]);
  if (writtenFor !== undefined && workflowId !== undefined && !isFor(writtenFor, workflowId))
    throw new PayloadUnreadableError(ofAnother(writtenFor, workflowId));
  const bytes = Buffer.from(data ?? []);
  try {
    const decryption = createDecipheriv(cipher, key.secret, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decryption.setAAD(boundTo(id, namespace, writtenFor));
    decryption.setAuthTag(bytes.subarray(Math.max(ivBytes, bytes.length - tagBytes)));
    const hidden = bytes.subarray(ivBytes, -tagBytes);
    return payloadFromBytes(Buffer.concat([decryption.update(hidden), decryption.final()]));
  } catch (cause) {
    throw new PayloadUnreadableError(notGenuine(id, namespace), { cause });
  }
}

/** The additional authenticated data of a payload. No id of a key and no namespace can hold the zero byte between them. */
const boundTo = (keyId: string, namespace: string, workflowId: string | undefined): Buffer =>
  Buffer.from([encryptedEncoding, keyId, namespace, ...(workflowId === undefined ? [] : [workflowId])].join('\0'));

/** A run that a schedule starts has the workflow id of the schedule's action and the time; its arguments are encrypted before. */
const isFor = (writtenFor: string, workflowId: string): boolean =>
  workflowId === writtenFor ||
  (workflowId.startsWith(`${writtenFor}-`) && scheduledTime.test(workflowId.slice(writtenFor.length + 1)));
const scheduledTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const textOf = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/** Escapes the key id for a message: it comes from the payload and may hold anything. */
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

const ofAnother = (writtenFor: string, workflowId: string): string =>
  `a payload in Temporal was encrypted for the workflow ${quoted(writtenFor)} and stands in ${quoted(workflowId)}: it was ` +
  'copied there — look at what wrote to this workflow, and terminate it if it was not started by showcaller';

const notEncrypted =
  `a payload in Temporal is not encrypted, and ${requiredVariable} refuses such payloads — write it with a key, or set ` +
  `${requiredVariable} only when no event from before the keys is left`;
