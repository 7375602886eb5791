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
import type { PreparedPlan } from '../domain/plan.ts';
import type { Preflight } from '../domain/preflight.ts';
import type { PriceList } from '../domain/usage/prices.ts';
import type { BudgetOf } from '../plan/budgets.ts';
import type { ForViewers } from '../vendors/viewers.ts';
import type { Auth } from './auth/auth.ts';
import type { QuotasOf } from './auth/quotas.ts';
import type { ApiLimits } from './limits.ts';
import type { Stills } from './stills/stills.ts';
import type { WatchConfig } from './watch/config.ts';

/** Of the file with the tokens, which is read again when it changes. */
export interface TokenFileState {
  /** Every entry in it counts. */
  isWhole(): boolean;
  /** It is gone or no list, none of its tokens counts any more, and no others do. */
  refusesAll(): boolean;
}

/** What the API needs. It knows neither workers nor vendors: what needs them is passed in. */
export interface ApiDeps {
  client: ShowcallerClient;
  schedules: ShowcallerSchedules;
  auth: Auth;
  tokens?: TokenFileState;
  /** Asks the vendor where an encoder sends; absent in a process without vendor accounts. */
  ingest?: (channel: Channel) => Promise<IngestEndpoint[]>;
  /** Looks at the account of a plan; absent in a process without vendor accounts. */
  lookAhead?: (plan: PreparedPlan, tenant: string | undefined) => Promise<Preflight>;
  /** Who may watch by the addresses below `/watch`; off without it. */
  watch?: WatchConfig;
  /** Signs live addresses and reads recordings. */
  forViewers?: ForViewers;
  /** What the board links to: the list of workflows in the Temporal UI, and where the folder docs is. */
  links?: { temporalUi?: string; runbooks?: string };
  /** For the board; absent where none can be made. */
  stills?: Stills;
  /** Further routes. Each declares its permission and tenancy like the API's own. */
  vendorEvents?: FastifyPluginAsync;
  board?: FastifyPluginAsync;
  metrics?: FastifyPluginAsync;
  /** JSON lines; without it nothing is logged. */
  log?: { level: string; stream?: Writable };
  limits?: Partial<ApiLimits>;
  /** Default: the same for every tenant. */
  quotasOf?: QuotasOf;
  /** What the events of a tenant may use in a month. */
  budgetOf?: BudgetOf;
  /** Without it usage has minutes and no money. */
  prices?: PriceList;
  /** True without authentication: then the server answers requests of this machine only. */
  loopbackOnly?: boolean;
  /** Proxies whose `X-Forwarded-For` counts, as in Fastify. */
  trustProxy?: boolean | string;
}

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
