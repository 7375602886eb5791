import { createHash, randomBytes } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { createAuth } from '../../api/auth/auth.ts';
import { authorize } from '../../api/auth/authorize.ts';
import { handleErrors } from '../../api/http/error-handler.ts';
import { defaultLimits } from '../../api/limits.ts';
import { type VendorEventDeps, vendorEventRoutes } from '../../api/routes/vendor-events.ts';
import type { VendorEventDelivery } from '../../client/vendor-events/deliver.ts';
import type { VendorEventMessage } from '../../domain/vendor-events/inbound.ts';

/** Short, because Volcengine takes callback URLs of at most 100 characters. */
export const token = randomBytes(24).toString('base64url');
/** A known token without the `hook` permission. */
export const viewerToken = randomBytes(32).toString('hex');

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The vendor-event routes behind the authorization that all routes have. */
export async function hookServer(deps: VendorEventDeps): Promise<FastifyInstance> {
  const app = Fastify();
  handleErrors(app);
  const auth = createAuth(async (given) => {
    if (hashOf(given) === hashOf(token)) return { name: 'event-grid', permissions: ['hook'] };
    return hashOf(given) === hashOf(viewerToken) ? { name: 'somebody', permissions: ['viewer'] } : undefined;
  });
  await authorize(app, auth, { ...defaultLimits, requestsPerPrincipal: 1_000_000, requestsPerAddress: 1_000_000 });
  await app.register(vendorEventRoutes(deps));
  return app;
}

/** The same, on a port of its own. */
export async function listening(app: FastifyInstance): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** Accepts everything and delivers nothing. */
export class Letterbox implements VendorEventDelivery {
  readonly messages: VendorEventMessage[] = [];
  failing = false;

  async deliver(_vendor: string, messages: readonly VendorEventMessage[]) {
    if (this.failing) throw new Error('14 UNAVAILABLE: no connection established');
    this.messages.push(...messages);
    return { delivered: messages.length, known: 0, unknown: 0, malformed: 0, dropped: 0, notLookedUp: 0 };
  }
}
