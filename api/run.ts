import type { Client } from '@temporalio/client';
import { ShowcallerClient } from '../client/client.ts';
import { ShowcallerSchedules } from '../client/schedules/schedules.ts';
import { vendorEventDelivery } from '../client/vendor-events/deliver.ts';
import { ConfigurationError } from '../domain/configuration/checked.ts';
import type { PriceList } from '../domain/usage/prices.ts';
import type { BudgetOf } from '../plan/budgets.ts';
import { eachLeg } from '../plan/each-leg.ts';
import { connect } from '../temporal/connection.ts';
import type { ReloadedFile } from '../temporal/reloaded-file.ts';
import { reloadedTokens } from '../temporal/token-file.ts';
import { type Accounts, slotsOf } from '../vendors/accounts.ts';
import type { DriverContext } from '../vendors/context.ts';
import { type Drivers, driversOf, limitedDrivers } from '../vendors/drivers.ts';
import { createHttp, type HttpClient } from '../vendors/http.ts';
import { ingestEndpoints } from '../vendors/ingest.ts';
import { lookAheadOfAll } from '../vendors/look-ahead.ts';
import { vendors } from '../vendors/registry.ts';
import { forViewers } from '../vendors/viewers.ts';
import { type Auth, createAuth, openAuth } from './auth/auth.ts';
import { oidcRecogniser } from './auth/oidc.ts';
import type { SignIn } from './auth/public-client.ts';
import type { QuotasOf } from './auth/quotas.ts';
import { signInAt } from './auth/sign-in.ts';
import { apiTokens, type TokenEntry, tokenRecogniser } from './auth/tokens.ts';
import type { ApiConfig, AuthConfig } from './config.ts';
import { counted } from './counted-delivery.ts';
import type { ApiDeps, TokenFileState } from './deps.ts';
import { boardRoutes } from './routes/board.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { vendorEventRoutes } from './routes/vendor-events.ts';
import { createApi } from './server.ts';
import { ffmpegDraw, Stills } from './stills/stills.ts';
import { startQueues } from './vendor-event-queues.ts';
import type { WatchConfig } from './watch/config.ts';

export interface RunningApi {
  url: string;
  namespace: string;
  /** Reads the token file now; otherwise it is read every two seconds. */
  reload(): void;
  close(): Promise<void>;
}

export type ServedApi = Pick<RunningApi, 'url' | 'close'>;

/** What the API is served with. */
export type ApiParts = Pick<
  ApiConfig,
  | 'accounts'
  | 'taskQueue'
  | 'host'
  | 'port'
  | 'mediaOrigins'
  | 'trustProxy'
  | 'logLevel'
  | 'ffmpeg'
  | 'temporalUi'
  | 'runbooks'
> & {
  client: Client;
  auth: Auth;
  /** How people sign in on the board; absent where they cannot. */
  signIn?: () => Promise<SignIn>;
  http: HttpClient;
  tokens?: TokenFileState;
  quotasOf?: QuotasOf;
  budgetOf?: BudgetOf;
  prices?: PriceList;
  watch?: WatchConfig;
};

/** The one composition of the API: connected, with all its plugins, and reading the vendors' queues. */
export async function runApi(config: ApiConfig, log: (line: string) => void): Promise<RunningApi> {
  const http = createHttp(config.network);
  const { auth, tokenFile, tokens } = authOf(config.auth, http, log);
  const { oidc, signIn } = config.auth;
  const { client, connection, namespace } = await connect(config.temporal);
  try {
    const { url, close } = await serveApi({
      ...config,
      ...{ client, auth, http },
      ...(tokens && { tokens }),
      ...(oidc && signIn && { signIn: signInAt(oidc, signIn, http) }),
    });
    const unwatch = tokenFile?.watch();
    return {
      url,
      namespace,
      reload: () => tokenFile?.check(),
      close: async () => {
        unwatch?.();
        await close();
        await connection.close();
        http.close();
      },
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/**
 * Serves the API on an open connection.
 *
 * @throws ConfigurationError when it cannot listen where it should.
 */
export async function serveApi(parts: ApiParts): Promise<ServedApi> {
  const { client, accounts, taskQueue, auth, http, host, port, logLevel, trustProxy } = parts;
  const countsSlots = (vendor: string, account: string) => slotsOf(accounts, vendor, account) !== undefined;
  const { budgetOf } = parts;
  const countsBudget = (tenant: string) => budgetOf?.(tenant) !== undefined;
  const showcaller = new ShowcallerClient(client, { taskQueue, countsSlots, countsBudget });
  const schedules = new ShowcallerSchedules(client, { taskQueue });
  const delivery = counted(vendorEventDelivery(client));
  const context: DriverContext = { hooks: {}, http };
  // Apart, so that checks keep no encoder from its address.
  const drivers = limitedDrivers(accounts, http, shareOfIngest);
  const forChecks = limitedDrivers(accounts, http, shareOfChecks);
  // What viewers make it read is remembered for all of them.
  const viewers = forViewers(driversOf(accounts, context), accounts, http);
  const ofMoney = { ...(parts.prices && { prices: parts.prices }), ...(budgetOf && { budgetOf }) };
  const ofTokens = parts.tokens && { tokens: parts.tokens };
  const app = await createApi({
    client: showcaller,
    schedules,
    auth,
    // Without accounts there is no vendor to ask.
    ...(accounts.all().length > 0 && { ingest: (channel) => ingestEndpoints(drivers, channel) }),
    ...(accounts.all().length > 0 && {
      lookAhead: lookAheadWith({ accounts, drivers: forChecks, client: showcaller }),
    }),
    vendorEvents: vendorEventRoutes({ delivery, accounts }),
    board: boardRoutes(parts),
    metrics: metricsRoutes({
      client: showcaller,
      schedules,
      vendors: vendors.map(({ name }) => name),
      vendorEvents: delivery.counts,
      ...ofTokens,
      ...ofMoney,
    }),
    ...(logLevel && { log: { level: logLevel, stream: process.stderr } }),
    trustProxy,
    loopbackOnly: auth === openAuth,
    forViewers: viewers,
    ...(accounts.all().length > 0 && parts.ffmpeg !== '' && { stills: new Stills(viewers, ffmpegDraw(parts.ffmpeg)) }),
    ...(parts.watch && { watch: parts.watch }),
    ...(parts.quotasOf && { quotasOf: parts.quotasOf }),
    ...ofMoney,
    ...ofTokens,
    links: {
      ...(parts.temporalUi && {
        temporalUi: `${parts.temporalUi}namespaces/${encodeURIComponent(client.options.namespace)}/workflows`,
      }),
      ...(parts.runbooks && { runbooks: parts.runbooks }),
    },
  });
  const url = await app.listen({ host, port }).catch(async (error: NodeJS.ErrnoException) => {
    await app.close();
    throw notListening(error, host, port);
  });
  const queues = await startQueues({ delivery, accounts, context, log: (line) => app.log.warn(line) });
  return {
    url,
    async close() {
      await queues.close();
      await app.close();
    },
  };
}

/** Ingest look-ups may use this share of the vendor's documented rate; the shows keep the rest. */
const shareOfIngest = 0.2;
const shareOfChecks = 0.1;

/** The client of all tenants counts: the quota of an account is theirs together. */
const lookAheadWith =
  ({ client, ...of }: { client: ShowcallerClient; accounts: Accounts; drivers: Drivers }): ApiDeps['lookAhead'] =>
  (plan, tenant) =>
    lookAheadOfAll(eachLeg(plan, Date.now()), { ...of, planned: (span, limit) => client.planned(span, limit) }, tenant);

function notListening(error: NodeJS.ErrnoException, host: string, port: number): ConfigurationError {
  const why = error.code === 'EADDRINUSE' ? 'something else listens there; name another port' : error.message;
  return new ConfigurationError([{ path: '--port', message: `the API cannot listen on ${host}:${port}: ${why}` }]);
}

interface ReloadableAuth {
  auth: Auth;
  tokenFile?: ReloadedFile<TokenEntry[]>;
  tokens?: TokenFileState;
}

function authOf({ open, tokens, oidc }: AuthConfig, http: HttpClient, log: (line: string) => void): ReloadableAuth {
  if (open) return { auth: openAuth };
  const issuer = oidc && oidcRecogniser(oidc, http);
  if (!tokens) return { auth: createAuth(...(issuer ? [issuer] : [])) };
  const tokenFile = reloadedTokens(tokens, apiTokens, log);
  const file = tokenRecogniser(() => tokenFile.current());
  return {
    auth: createAuth(file, ...(issuer ? [issuer] : [])),
    tokenFile,
    tokens: {
      isWhole: () => tokenFile.isWhole,
      // The tokens of an issuer still count.
      refusesAll: () => issuer === undefined && tokenFile.isLost,
    },
  };
}
