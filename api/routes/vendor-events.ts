import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { VendorEventDelivery } from '../../client/vendor-events/deliver.ts';
import type { VendorEventMessage, VendorEventRequest, VendorEventResult } from '../../domain/vendor-events/inbound.ts';
import type { Accounts } from '../../vendors/accounts.ts';
import { eventReaderOf } from '../../vendors/drivers.ts';
import { vendors as everyVendor } from '../../vendors/registry.ts';
import { HttpProblem, invalid, notFound, unavailable } from '../http/problem.ts';

export interface VendorEventDeps {
  delivery: VendorEventDelivery;
  /** A message that names none of them is not delivered; without any, only the token decides. */
  accounts?: Accounts;
  /** Default: all there are. */
  vendors?: typeof everyVendor;
}

type Vendor = (typeof everyVendor)[number];

/** Event Grid sends batches of at most 1 MB, and a single event may be as large. */
const bodyLimit = 2 * 1024 * 1024;

/**
 * `/hooks/<vendor>`: the vendors' inbound webhooks. A message only makes a run look at its encoder sooner. A well-formed message is
 * answered 200 whether an event uses it or not, because a vendor drops what is refused, or sends again what would be left out again; 503 when Temporal does not
 * answer, because the vendor then sends it again.
 */
export function vendorEventRoutes({ delivery, accounts, vendors = everyVendor }: VendorEventDeps): FastifyPluginAsync {
  const accountsOf = (vendor: string) =>
    (accounts?.all() ?? []).filter((one) => one.vendor === vendor).map(({ account }) => account);

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { vendor: name } = request.params as { vendor: string };
    const vendor = vendors.find((one) => one.name === name);
    const reader = vendor && (await eventReaderOf(vendor, accounts ?? { secrets: () => [] }));
    if (!reader) throw notFound(noSuchVendor(vendors));
    const read = reader.read(vendorEventRequest(request, accountsOf(name)));
    if (read.kind === 'refused') throw refusal(read);
    if (read.kind === 'handshake') return reply.code(read.status).headers(read.headers).send(read.body);
    const counts = { ...(await deliver(name, read.messages)), ignored: read.ignored };
    const leftOut = counts.dropped + counts.notLookedUp > 0;
    if (leftOut)
      request.log.warn({ vendor: name, ...counts }, 'vendor events, more than are passed on: some are left out');
    else request.log.info({ vendor: name, ...counts }, 'vendor events');
    // `told` is the former name of `delivered`.
    return { ...counts, told: counts.delivered };
  }

  async function deliver(vendor: string, messages: readonly VendorEventMessage[]) {
    try {
      return await delivery.deliver(vendor, messages);
    } catch (error) {
      throw unavailable('Temporal does not answer, so no event got the message; send it again', { cause: error });
    }
  }

  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'string', bodyLimit }, (_request, body, done) => done(null, body));
    const route = {
      url: '/hooks/:vendor',
      config: { permission: 'hook', tenancy: 'none' },
      schema: { hide: true },
      bodyLimit,
    } as const;
    app.route({ ...route, method: ['POST', 'OPTIONS'], handler: answer });
  };
}

function vendorEventRequest(request: FastifyRequest, accounts: VendorEventRequest['accounts']): VendorEventRequest {
  const raw = typeof request.body === 'string' ? request.body : '';
  return {
    method: request.method,
    headers: textsOf(request.headers),
    query: textsOf(request.query),
    body: parsed(raw),
    raw,
    receivedAt: Date.now(),
    accounts,
  };
}

/** Of a repeated header or parameter, the last. */
function textsOf(values: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(values ?? {})) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    if (typeof last === 'string') texts[name] = last;
  }
  return texts;
}

function parsed(text: string): unknown {
  try {
    // Some senders begin with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function refusal({ status, why }: Extract<VendorEventResult, { kind: 'refused' }>): HttpProblem {
  if (status !== 403) return invalid(status, 'invalid-request', why);
  return new HttpProblem({ status, kind: 'forbidden', title: 'Not allowed', detail: why });
}

const noSuchVendor = (vendors: readonly Vendor[]): string => {
  const names = vendors.filter(({ vendorEvents }) => vendorEvents).map(({ name }) => name);
  return `no such vendor, or one without webhooks; those with webhooks: ${names.join(', ')}`;
};
