import type { IngestEndpoint } from '../../domain/channel.ts';
import type { JsonObject } from '../../domain/json.ts';
import { formatInstant } from '../../domain/time.ts';
import { eventTypeOf, type WebhookMessage } from '../../domain/webhooks/webhook.ts';

/** A CloudEvent 1.0 in structured JSON mode, with the `sequence` extension. */
export interface CloudEventJson {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  sequence: string;
  data: JsonObject;
}

/** Sequences are compared as text. */
const sequenceDigits = 6;

/** @param endpoints only of an `ingest` webhook, just asked of the vendor */
export function cloudEventOf(
  message: WebhookMessage,
  namespace: string,
  endpoints?: readonly IngestEndpoint[],
): CloudEventJson {
  const eventId = String(message.data.eventId);
  return {
    specversion: '1.0',
    id: message.id,
    source: `/showcaller/${encodeURIComponent(namespace)}/live-event/${encodeURIComponent(eventId)}`,
    type: eventTypeOf(message.type),
    subject: eventId,
    time: formatInstant(message.at),
    datacontenttype: 'application/json',
    sequence: String(message.seq).padStart(sequenceDigits, '0'),
    data: { ...message.data, ...(endpoints && { endpoints: endpoints.map(endpointData) }) },
  };
}

const endpointData = ({ protocol, url, server, streamKey, expiresAt }: IngestEndpoint): JsonObject => ({
  protocol,
  url,
  server,
  streamKey,
  ...(expiresAt !== undefined && { expiresAt: formatInstant(expiresAt) }),
});
