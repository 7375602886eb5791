import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { PayloadUnreadableError } from '../../domain/errors.ts';
import { type KeyRing, keysFileVariable, keysVariable, requiredVariable } from './keys.ts';
import { payloadFromBytes, payloadToBytes } from './wire.ts';

/** The encoding of our encrypted payloads; those of other codecs are returned as they are. */
const encryptedEncoding = 'binary/showcaller-aes-256-gcm';
const keyIdField = 'encryption-key-id';
const workflowIdField = 'encryption-workflow-id';
/** Flags the arguments of a schedule: the ids of the runs that they are for are not known yet. */
const scheduleField = 'encryption-of-schedule';

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

export interface CodecOptions {
  /** A payload that is not encrypted is refused. Default: it is decoded as it is. */
  required?: boolean;
  /**
   * Payloads of every workflow of the namespace are decrypted where no workflow is named: for the codec server, because the
   * Temporal UI names none. Default: where no workflow is named, a payload that is bound to one is refused.
   */
  everyWorkflow?: boolean;
}

/** A codec that flags what it writes as the arguments of a schedule. */
export interface ScheduleAwareCodec extends PayloadCodec {
  forSchedules(): PayloadCodec;
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
  { required = false, everyWorkflow = false }: CodecOptions = {},
): ScheduleAwareCodec {
  const encodeWith =
    (ofSchedule: boolean): PayloadCodec['encode'] =>
    async (payloads, context) =>
      keys
        ? payloads.map((payload) => encrypt(payload, keys, { namespace, workflowId: context?.workflowId, ofSchedule }))
        : payloads;
  const decode: PayloadCodec['decode'] = async (payloads, context) =>
    payloads.map((payload) => {
      if (isEncrypted(payload)) {
        const bound = boundOf(payload, namespace);
        const why = everyWorkflow && !context ? undefined : whyNotHere(bound, context?.workflowId);
        if (why !== undefined) throw new PayloadUnreadableError(why);
        return decrypt(payload, keys, bound);
      }
      if (required) throw new PayloadUnreadableError(notEncrypted);
      return payload;
    });
  return { encode: encodeWith(false), decode, forSchedules: () => ({ encode: encodeWith(true), decode }) };
}

export const isEncrypted = ({ metadata }: Payload): boolean => textOf(metadata?.encoding) === encryptedEncoding;

/** What a payload is bound to. The SDK names no workflow for the memo of a schedule; the Temporal UI never does. */
interface Bound {
  namespace: string;
  workflowId: string | undefined;
  ofSchedule: boolean;
}

function encrypt(payload: Payload, { active }: KeyRing, bound: Bound): Payload {
  const iv = randomBytes(ivBytes);
  const encryption = createCipheriv(cipher, active.secret, iv, { authTagLength: tagBytes });
  encryption.setAAD(authenticated(active.id, bound));
  const hidden = Buffer.concat([encryption.update(payloadToBytes(payload)), encryption.final()]);
  return {
    metadata: {
      encoding: Buffer.from(encryptedEncoding),
      [keyIdField]: Buffer.from(active.id),
      ...(bound.workflowId !== undefined && { [workflowIdField]: Buffer.from(bound.workflowId) }),
      ...(bound.ofSchedule && { [scheduleField]: Buffer.from('true') }),
    },
    data: Buffer.concat([iv, hidden, encryption.getAuthTag()]),
  };
}

const boundOf = ({ metadata }: Payload, namespace: string): Bound => ({
  namespace,
  workflowId: metadata?.[workflowIdField] ? textOf(metadata[workflowIdField]) : undefined,
  ofSchedule: metadata?.[scheduleField] !== undefined,
});

function decrypt({ metadata, data }: Payload, keys: KeyRing | undefined, bound: Bound): Payload {
  const id = textOf(metadata?.[keyIdField]);
  const key = keys?.get(id);
  if (!key) throw new PayloadUnreadableError(unknownKey(id, keys));
  const bytes = Buffer.from(data ?? []);
  try {
    const decryption = createDecipheriv(cipher, key.secret, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decryption.setAAD(authenticated(id, bound));
    decryption.setAuthTag(bytes.subarray(Math.max(ivBytes, bytes.length - tagBytes)));
    const hidden = bytes.subarray(ivBytes, -tagBytes);
    return payloadFromBytes(Buffer.concat([decryption.update(hidden), decryption.final()]));
  } catch (cause) {
    throw new PayloadUnreadableError(notGenuine(id, bound.namespace), { cause });
  }
}

/** The additional authenticated data of a payload. No id of a key and no namespace can hold the zero byte between them. */
function authenticated(keyId: string, { namespace, workflowId, ofSchedule }: Bound): Buffer {
  const kind = ofSchedule ? `${encryptedEncoding}+schedule` : encryptedEncoding;
  return Buffer.from([kind, keyId, namespace, ...(workflowId === undefined ? [] : [workflowId])].join('\0'));
}

/** Why a payload must not be read in this workflow; undefined when it may. */
function whyNotHere({ workflowId: writtenFor, ofSchedule }: Bound, workflowId: string | undefined): string | undefined {
  if (writtenFor === undefined || writtenFor === workflowId) return undefined;
  if (workflowId === undefined) return whereUnknown(writtenFor);
  const schedule = scheduleOf(workflowId);
  const isOfRun =
    schedule !== undefined && (ofSchedule ? schedule === writtenFor : schedule === scheduleOf(writtenFor));
  return isOfRun ? undefined : ofAnother(writtenFor, workflowId);
}

/**
 * The workflow id of the action of the schedule that may have started this run; undefined where its id has no such form. A
 * run that a schedule starts has the id of the action and the time, and Temporal gives it the result of the run before.
 */
const scheduleOf = (workflowId: string): string | undefined =>
  /^(.+)-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/s.exec(workflowId)?.[1];

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

const whereUnknown = (writtenFor: string): string =>
  `a payload in Temporal was encrypted for the workflow ${quoted(writtenFor)} and is read where no workflow is named: it may ` +
  'have been copied — decode it with the SerializationContext of its workflow';

const notEncrypted =
  `a payload in Temporal is not encrypted, and ${requiredVariable} refuses such payloads — write it with a key, or set ` +
  `${requiredVariable} only when no event from before the keys is left`;
