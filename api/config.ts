import { z } from 'zod';
import { accepted, type Checked, together } from '../domain/configuration/checked.ts';
import type { ConfigSources } from '../domain/configuration/environment.ts';
import { readSettings } from '../domain/configuration/settings.ts';
import { defaultTaskQueue } from '../domain/ids.ts';
import { isLoopback } from '../domain/loopback.ts';
import type { PriceList } from '../domain/usage/prices.ts';
import { type BudgetOf, readBudgets } from '../plan/budgets.ts';
import { readPrices } from '../plan/prices.ts';
import { type ConnectSettings, readConnectSettings } from '../temporal/settings.ts';
import { readTokenFile } from '../temporal/token-file.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { readVendorConfig, type VendorConfig } from '../vendors/config.ts';
import type { Network } from '../vendors/network.ts';
import type { OidcOptions } from './auth/oidc.ts';
import type { SignInOptions } from './auth/public-client.ts';
import { type QuotasOf, readQuotas } from './auth/quotas.ts';
import { apiTokens, type TokenEntry, tokensVariable } from './auth/tokens.ts';
import { readWatch, type WatchConfig, watchModes, watchVariable } from './watch/config.ts';

const origin = /^https?:\/\/(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:(\d{1,5}|\*))?$/i;
const logLevels = ['debug', 'info', 'warn', 'error'] as const;

/** An address below which others are. */
const webFolder = z
  .string()
  .regex(/^https?:\/\/[^\s?#]+$/, 'is no address: give one such as https://temporal.example.com')
  .transform((text) => text.replace(/\/*$/, '/'));

/** What the API takes from its command line and its variables, besides Temporal, accounts and tokens. */
export const apiSettings = z
  .object({
    taskQueue: z
      .string()
      .default(defaultTaskQueue)
      .meta({ flag: '--task-queue', argument: '<name>', description: 'where the workers listen' }),
    host: z
      .string()
      .default('127.0.0.1')
      .meta({ flag: '--host', argument: '<address>', description: 'where to listen' }),
    port: z.coerce.number().int().min(0).max(65_535).default(8080).meta({
      flag: '--port',
      argument: '<port>',
      description: 'where to listen; 0 for any free port',
    }),
    auth: z.boolean().default(true).meta({
      flag: '--no-auth',
      description: 'no tokens: every caller on this machine may do everything; only on loopback',
    }),
    trustProxy: z.string().optional().meta({
      flag: '--trust-proxy',
      argument: '<addresses>',
      description: 'proxies whose X-Forwarded-For is trusted for the address of a caller, e.g. 10.0.0.0/8',
    }),
    logLevel: z
      .enum(logLevels)
      .default('info')
      .meta({ flag: '--log-level', argument: '<level>', description: 'JSON lines on stderr' }),
    tokensFile: z
      .string()
      .optional()
      .meta({ variable: tokensVariable, description: 'token file: the callers and their roles' }),
    issuer: z.string().refine(isSafeIssuer, 'must be an https address, or on loopback').optional().meta({
      variable: 'SHOWCALLER_OIDC_ISSUER',
      description: 'issuer of JWTs that are known, instead of tokens or beside them',
    }),
    audience: z
      .string()
      .optional()
      .meta({ variable: 'SHOWCALLER_OIDC_AUDIENCE', description: 'their audience; required with the issuer' }),
    roleClaim: z
      .string()
      .optional()
      .meta({ variable: 'SHOWCALLER_OIDC_ROLE_CLAIM', description: 'which claim lists the roles; default: roles' }),
    tenantClaim: z
      .string()
      .optional()
      .meta({ variable: 'SHOWCALLER_OIDC_TENANT_CLAIM', description: 'which claim names the tenant' }),
    clientId: z.string().optional().meta({
      variable: 'SHOWCALLER_OIDC_CLIENT_ID',
      description: 'people sign in on the event board at the issuer, by this public client, with PKCE',
    }),
    scope: z
      .string()
      .default('openid')
      .meta({ variable: 'SHOWCALLER_OIDC_SCOPE', description: 'what the board asks the issuer for; default: openid' }),
    signInParameters: z
      .string()
      .default('')
      .transform((text) => Object.fromEntries(new URLSearchParams(text)))
      .meta({
        variable: 'SHOWCALLER_OIDC_PARAMETERS',
        description: 'further parameters of that request, such as audience=https://shows.example',
      }),
    temporalUi: webFolder.optional().meta({
      variable: 'SHOWCALLER_TEMPORAL_UI',
      description: 'address of the Temporal UI, to which the event board links',
    }),
    runbooks: webFolder.optional().meta({
      variable: 'SHOWCALLER_RUNBOOKS',
      description: 'where the folder docs can be read, for the links of the event board',
    }),
    mediaOrigins: z
      .string()
      .default('')
      .transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))
      .pipe(
        z.array(
          z
            .string()
            .regex(
              origin,
              'is no origin: give scheme and host, such as https://vod.example.com or https://*.example.com',
            ),
        ),
      )
      .meta({
        variable: 'SHOWCALLER_BOARD_MEDIA_ORIGINS',
        description: 'where the event board may play recordings from',
      }),
    ffmpeg: z.string().optional().meta({
      variable: 'FFMPEG',
      emptyCounts: true,
      description: 'makes stills for the event board; empty: none. Default: the one on PATH, else the one of npm',
    }),
    watch: z.enum(watchModes).default('off').meta({
      variable: watchVariable,
      description: 'who may watch below /watch: off, token (with a viewer token) or public',
    }),
  })
  .check((given) => {
    const { auth, host, tokensFile, issuer, audience, clientId } = given.value;
    const wrong = (path: string, message: string) =>
      given.issues.push({ code: 'custom', path: path ? [path] : [], message, input: undefined });
    if (!auth && !isLoopback(host)) wrong('auth', `is for loopback alone, not for ${host}: give out tokens instead`);
    if (audience && !issuer) wrong('issuer', 'is required with SHOWCALLER_OIDC_AUDIENCE');
    if (clientId && !issuer) wrong('issuer', 'is required with SHOWCALLER_OIDC_CLIENT_ID');
    if (issuer && !audience) wrong('audience', 'is required with SHOWCALLER_OIDC_ISSUER');
    if (auth && !tokensFile && !issuer && !audience) wrong('', noTokens);
  });

const noTokens =
  'no tokens are configured: name a token file in SHOWCALLER_API_TOKENS_FILE (`showcaller api new-token` makes its entries), or an issuer in SHOWCALLER_OIDC_ISSUER; on loopback there is --no-auth';

type Settings = z.output<typeof apiSettings>;

/** How callers are authenticated. */
export interface AuthConfig {
  /** Every caller on this machine may do everything. */
  open: boolean;
  /** Read again when the file changes. */
  tokens?: { file: string; entries: TokenEntry[] };
  oidc?: OidcOptions;
  signIn?: SignInOptions;
}

/** Everything that the API is configured by. */
export interface ApiConfig
  extends Pick<Settings, 'taskQueue' | 'host' | 'port' | 'mediaOrigins' | 'ffmpeg' | 'temporalUi' | 'runbooks'> {
  auth: AuthConfig;
  trustProxy?: string;
  /** Lines on stderr; none without it. */
  logLevel?: string;
  temporal: ConnectSettings;
  accounts: Accounts;
  quotasOf: QuotasOf;
  /** What the events of a tenant may use in a month. */
  budgetOf: BudgetOf;
  /** The section `prices` of the configuration file. */
  prices?: PriceList;
  network: Network;
  watch: WatchConfig;
}

/** The configuration of an API process, or everything that is wrong with it. */
export function readApiConfig(sources: ConfigSources): Checked<ApiConfig> {
  const { address, namespace } = (sources.flags ?? {}) as { address?: string; namespace?: string };
  const settings = readSettings(apiSettings, sources);
  const vendorConfig = readVendorConfig<ApiSections>(sources, (file) => {
    const prices = readPrices(file.prices);
    return { prices, quotasOf: readQuotas(file.tenants), budgetOf: readBudgets(file.tenants, { prices }) };
  });
  const parts = together<{
    settings: Settings;
    temporal: ConnectSettings;
    vendors: VendorConfig & ApiSections;
    entries: TokenEntry[];
    watch: WatchConfig;
  }>({
    settings,
    temporal: readConnectSettings({ address, namespace }, sources),
    vendors: vendorConfig,
    watch: readWatch(settings.ok ? settings.value.watch : 'off', sources),
    entries: settings.ok && settings.value.auth ? tokensOf(settings.value, sources) : accepted([]),
  });
  if (!parts.ok) return parts;
  const { temporal, vendors, entries, watch } = parts.value;
  const { taskQueue, host, port, trustProxy, logLevel, mediaOrigins, ffmpeg, temporalUi, runbooks } =
    parts.value.settings;
  const auth = authOf(parts.value.settings, entries);
  const { accounts, network, quotasOf, budgetOf, prices } = vendors;
  return accepted({
    taskQueue,
    host,
    port,
    trustProxy,
    logLevel,
    mediaOrigins,
    auth,
    temporal,
    accounts,
    quotasOf,
    budgetOf,
    ...(prices && { prices }),
    network,
    watch,
    ffmpeg,
    temporalUi,
    runbooks,
  });
}

/** What the API reads of the configuration file besides the accounts and the network. */
interface ApiSections {
  quotasOf: QuotasOf;
  budgetOf: BudgetOf;
  prices: PriceList | undefined;
}

const tokensOf = ({ tokensFile }: Settings, { readFile }: ConfigSources): Checked<TokenEntry[]> =>
  tokensFile ? readTokenFile(tokensFile, apiTokens, readFile) : accepted([]);

function authOf({ auth, tokensFile, issuer, audience, ...claims }: Settings, entries: TokenEntry[]): AuthConfig {
  if (!auth) return { open: true };
  const { roleClaim, tenantClaim, clientId, scope, signInParameters: parameters } = claims;
  return {
    open: false,
    ...(tokensFile && { tokens: { file: tokensFile, entries } }),
    ...(issuer && audience && { oidc: { issuer, audience, roleClaim, tenantClaim } }),
    ...(clientId && { signIn: { clientId, scope, parameters } }),
  };
}

function isSafeIssuer(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
