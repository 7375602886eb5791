import type { Writable } from 'node:stream';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyPluginAsync,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ShowcallerClient } from '../client/client.ts';
import type { ShowcallerSchedules } from '../client/schedules/schedules.ts';
import type { Channel, IngestEndpoint } from '../domain/channel.ts';
import type { Auth } from './auth/auth.ts';
import type { Limits } from './limits.ts';

/** What the API is made of. It knows neither workers nor vendors: what needs them is given to it. */
export interface ApiDeps {
  client: ShowcallerClient;
  schedules: ShowcallerSchedules;
  auth: Auth;
  /** Where an encoder sends, asked of the vendor; absent in a process without vendor accounts. */
  ingest?: (channel: Channel) => Promise<IngestEndpoint[]>;
  /** Further doors. Each route of theirs declares `config: { permission }`, and is guarded by it. */
  hooks?: FastifyPluginAsync;
  board?: FastifyPluginAsync;
  metrics?: FastifyPluginAsync;
  /** JSON lines; none without it. */
  log?: { level: string; stream?: Writable };
  limits?: Partial<Limits>;
  /** Whom to believe about the caller's address; as in Fastify. */
  trustProxy?: boolean | string;
}

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
