import type { LogLevel } from '@temporalio/worker';
import { z } from 'zod';
import type { Subscriber } from '../activities/webhooks/subscriber.ts';
import { type BookingRules, defaultBookingRules } from '../domain/booking/request.ts';
import { accepted, type Checked, refused, together, unlessProblems } from '../domain/configuration/checked.ts';
import { readSettings } from '../domain/configuration/settings.ts';
import { defaultTaskQueue } from '../domain/ids.ts';
import type { Json } from '../domain/json.ts';
import { problemsOf } from '../domain/problems.ts';
import type { PriceList } from '../domain/usage/prices.ts';
import { type BudgetOf, readBudgets } from '../plan/budgets.ts';
import { readPrices } from '../plan/prices.ts';
import { type ConnectSettings, readConnectSettings } from '../temporal/settings.ts';
import { type Accounts, slotsOf } from '../vendors/accounts.ts';
import { readVendorConfig, type VendorConfig, type VendorConfigSources } from '../vendors/config.ts';
import { type Network, secretsOfNetwork } from '../vendors/network.ts';
import { type Telemetry, telemetryOf, telemetrySettings } from './telemetry/settings.ts';
import { readSubscribers } from './webhooks/subscribers.ts';

const positive = z.coerce.number().positive();
const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const satisfies readonly LogLevel[];

/** What a worker takes from its command line and its variables, besides Temporal, accounts and subscribers. */
export const workerSettings = z
  .object({
    taskQueue: z
      .string()
      .default(defaultTaskQueue)
      .meta({ flag: '--task-queue', argument: '<name>', description: 'where to listen; give callers the same' }),
    timeScale: positive.default(1).meta({
      flag: '--pace',
      argument: '<factor>',
      variable: 'SHOWCALLER_PACE',
      description: 'multiply every wait; for rehearsals',
    }),
    proofGraceMs: positive.default(600_000).meta({
      flag: '--proof-patience',
      argument: '<ms>',
      description: 'how long after the stop a recording may fail its proof and is read again',
    }),
    ffmpeg: z.string().optional().meta({
      variable: 'FFMPEG',
      emptyCounts: true,
      description:
        'decodes a sample of each recording; empty: none is decoded. Default: the one on PATH, else the one of npm',
    }),
    rateShare: positive.default(1).meta({
      flag: '--rate-share',
      argument: '<share>',
      description: "this worker's part of each vendor's documented call rate, where several share an account",
    }),
    maxCachedRuns: z.coerce.number().int().min(1).max(100_000).default(2000).meta({
      flag: '--max-cached-runs',
      argument: '<number>',
      variable: 'SHOWCALLER_MAX_CACHED_RUNS',
      description: 'runs that stay in memory, about 0.15 MB each; others are replayed when something happens to them',
    }),
    healthPort: positive.optional().meta({
      flag: '--health-port',
      argument: '<port>',
      variable: 'SHOWCALLER_HEALTH_PORT',
      description: 'answer /healthz and /readyz there',
    }),
    healthHost: z.string().default('127.0.0.1').meta({
      flag: '--health-host',
      argument: '<address>',
      variable: 'SHOWCALLER_HEALTH_HOST',
      description: 'address of --health-port; * listens on all, as Kubernetes needs it',
    }),
    logLevel: z
      .enum(logLevels)
      .default('INFO')
      .meta({ flag: '--log-level', argument: '<level>', description: 'JSON lines on stderr' }),
    ...telemetrySettings,
    // Temporal itself puts `.` or `:` between name and build, by its version.
    deploymentName: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be letters, digits, _ and -, at most 100, the first no _ or -')
      .optional()
      .meta({ variable: 'SHOWCALLER_DEPLOYMENT', description: 'switches Worker Versioning on' }),
    buildId: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/, 'must be letters, digits, . _ + -, at most 128')
      .optional()
      .meta({ variable: 'SHOWCALLER_BUILD_ID', description: 'default: version and a hash of the workflow code' }),
  })
  .check((given) => {
    if (!given.value.buildId || given.value.deploymentName) return;
    const message = 'is set without SHOWCALLER_DEPLOYMENT: set both, or neither';
    given.issues.push({ code: 'custom', path: ['buildId'], message, input: given.value.buildId });
  });

type Settings = z.output<typeof workerSettings>;

/** Everything that a worker is configured by. */
export interface WorkerConfig extends Omit<Settings, keyof typeof telemetrySettings> {
  temporal: ConnectSettings;
  accounts: Accounts;
  network: Network;
  subscribers: readonly Subscriber[];
  /** What happens when another event holds the same at the same time. */
  onConflict: BookingRules['onConflict'];
  /** What the events of a tenant may use in a month. */
  budgetOf?: BudgetOf;
  prices?: PriceList;
  telemetry: Telemetry;
}

/** The configuration of a worker process, or everything that is wrong with it. */
export function readWorkerConfig(sources: VendorConfigSources): Checked<WorkerConfig> {
  const vendors = readVendorConfig<WorkerSections>(sources, (file, accounts) => {
    const prices = readPrices(file.prices);
    return {
      subscribers: readSubscribers(file.webhooks, sources),
      onConflict: readBooking(file.booking),
      prices,
      budgetOf: readBudgets(file.tenants, { prices, accounts: accounts.ok ? usableOf(accounts.value) : [] }),
    };
  });
  const { address, namespace } = (sources.flags ?? {}) as { address?: string; namespace?: string };
  const parts = together<{
    settings: Settings;
    temporal: ConnectSettings;
    vendors: VendorConfig & WorkerSections;
  }>({
    settings: readSettings(workerSettings, sources),
    temporal: readConnectSettings({ address, namespace }, sources),
    vendors: vendors.ok ? withAccounts(vendors.value) : vendors,
  });
  if (!parts.ok) return parts;
  const { settings, temporal, vendors: configured } = parts.value;
  const { accounts, network, subscribers, onConflict, budgetOf, prices } = configured;
  const { metrics, otlp, otlpMetrics, otlpTraces, serviceName, ...rest } = settings;
  const telemetry = telemetryOf({ metrics, otlp, otlpMetrics, otlpTraces, serviceName });
  const booked = { onConflict, budgetOf, ...(prices && { prices }) };
  return accepted({ ...rest, temporal, accounts, network, subscribers, ...booked, telemetry });
}

/** What a worker reads of the configuration file besides the accounts and the network. */
interface WorkerSections {
  subscribers: Subscriber[];
  onConflict: BookingRules['onConflict'];
  prices: PriceList | undefined;
  budgetOf: BudgetOf;
}

const usableOf = (accounts: Accounts): { vendor: string; account: string }[] =>
  accounts.all().map(({ vendor, account }) => ({ vendor, account: account.name }));

const withAccounts = <T extends VendorConfig>(config: T): Checked<T> =>
  config.accounts.all().length > 0
    ? accepted(config)
    : refused({ path: '', message: 'no vendor account is configured; see vendors/README.md' });

/** The section `booking` of the configuration file. */
const bookingSchema = z.strictObject({
  onConflict: z
    .enum(['refuse', 'warn'])
    .optional()
    .describe('When another event holds what a plan uses, at the same time: refuse the event, or book it and warn.'),
});

function readBooking(section: Json | undefined): Checked<BookingRules['onConflict']> {
  const given = section ?? {};
  const { data, error } = bookingSchema.safeParse(given);
  const problems = problemsOf(given, error?.issues ?? [], bookingSchema, ['booking']);
  return unlessProblems(problems, () => data?.onConflict ?? defaultBookingRules.onConflict);
}

/** How a booking of this account is decided. */
export function bookingRulesOf(
  { onConflict, accounts }: Pick<WorkerConfig, 'onConflict' | 'accounts'>,
  vendor: string,
  account: string,
): BookingRules {
  const slots = slotsOf(accounts, vendor, account);
  return { onConflict, ...(slots !== undefined && { slots }) };
}

/** The secrets, which no log line, no failure and no webhook may hold. */
export const secretsOf = ({
  accounts,
  network,
  subscribers,
}: Pick<WorkerConfig, 'accounts' | 'network' | 'subscribers'>): string[] => [
  ...accounts.secrets(),
  ...secretsOfNetwork(network),
  ...subscribers.flatMap(({ secrets }) => secrets),
];
