import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudEvent } from 'cloudevents';
import { Webhook } from 'standardwebhooks';
import { until } from '../../support/until.ts';

/** One request as a subscriber got it. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  raw: string;
  event: CloudEvent<Record<string, unknown>>;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export type Answering = (received: Received, count: number) => Reply | 'hang' | 'cut';

/** A subscriber's service on loopback: it takes what the CloudEvents library takes, and keeps it. */
export interface TestSubscriber {
  url: string;
  received: Received[];
  /** What was answered with a success. */
  accepted: Received[];
  answer: Answering;
  close(): Promise<void>;
}

export const ok: Answering = () => ({ status: 204 });

export async function startSubscriber(answer: Answering = ok, port = 0): Promise<TestSubscriber> {
  const server = createServer((request, response) => {
    // As a preflight asks: nothing is delivered.
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString();
      const event = new CloudEvent<Record<string, unknown>>(JSON.parse(raw), true);
      const received = { path: request.url ?? '', headers: request.headers, raw, event };
      subscriber.received.push(received);
      const reply = subscriber.answer(received, subscriber.received.length);
      if (reply === 'hang') return;
      if (reply === 'cut') {
        request.socket.destroy();
        return;
      }
      if (reply.status < 300) subscriber.accepted.push(received);
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const subscriber: TestSubscriber = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    accepted: [],
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return subscriber;
}

/** As a subscriber would: throws when the signature is not right. */
export function verify(secret: string, { raw, headers }: Received): unknown {
  return new Webhook(secret).verify(raw, headers as Record<string, string>);
}

export const typesOf = (received: readonly Received[]): string[] =>
  received.map(({ event }) => event.type.replace(/^showcaller\.live-event\.(.*)\.v1$/, '$1'));

export const dataOf = ({ event }: Received): Record<string, unknown> => event.data ?? {};

export const about = (subscriber: TestSubscriber, eventId: string): Received[] =>
  subscriber.accepted.filter(({ event }) => event.subject === eventId);

/** All webhooks of an event, once its last one has come. */
export const whole = (subscriber: TestSubscriber, eventId: string): Promise<Received[]> =>
  until(() => {
    const received = about(subscriber, eventId);
    return typesOf(received).includes('ended') && received;
  });

export const warningsIn = (received: readonly Received[]): unknown[] =>
  received.filter((one) => typesOf([one])[0] === 'warning').map((one) => dataOf(one).warning);
