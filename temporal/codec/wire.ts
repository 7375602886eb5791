import type { Payload } from '@temporalio/common';
import protobuf from 'protobufjs/light.js';

// https://github.com/temporalio/api/blob/master/temporal/api/common/v1/message.proto
const message = new protobuf.Type('Payload')
  .add(new protobuf.MapField('metadata', 1, 'string', 'bytes'))
  .add(new protobuf.Field('data', 2, 'bytes'));

/** A whole payload, metadata included, in Temporal's own protobuf form: what the codec encrypts. */
export const payloadToBytes = (payload: Payload): Uint8Array => message.encode(message.fromObject(payload)).finish();

/** @throws Error when the bytes are no payload. */
export function payloadFromBytes(bytes: Uint8Array): Payload {
  const { metadata, data } = message.toObject(message.decode(bytes)) as Payload;
  return { ...(metadata && { metadata: { ...metadata } }), ...(data && { data }) };
}
