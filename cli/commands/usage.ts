import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { orThrow } from '../../domain/configuration/checked.ts';
import type { Json } from '../../domain/json.ts';
import { printable } from '../../domain/text.ts';
import { formatInstant } from '../../domain/time.ts';
import type { PriceList } from '../../domain/usage/prices.ts';
import {
  csvOf,
  type EventUsage,
  type Grouping,
  groupings,
  summaryOf,
  type UsageSummary,
} from '../../domain/usage/summary.ts';
import { readPriceList } from '../../plan/prices.ts';
import { type ServiceFlags, through } from '../context.ts';
import { answer, say, UsageError } from '../io.ts';
import type { ApiConnection } from '../service/api-connection.ts';
import { parametersOf } from '../service/api-paths.ts';
import { instantFlag, timesOf } from '../times.ts';
import { serviceOptions, type TimeFlags, timeOptions } from './options.ts';

interface UsageFlags extends ServiceFlags, TimeFlags {
  from: number;
  to?: number;
  by: Grouping;
  tenant?: string;
  prices?: string;
  csv?: boolean;
}

function pricesIn(file: string): PriceList {
  let given: Json;
  try {
    given = JSON.parse(readFileSync(file, 'utf8')) as Json;
  } catch (error) {
    throw new UsageError(`cannot read the price list ${file}: ${(error as Error).message}`, { cause: error });
  }
  return orThrow(readPriceList(given));
}

/** The API knows prices of its own, and keeps to itself what each event was billed. */
async function usageAtApi(api: ApiConnection, span: { from: number; to: number }, flags: UsageFlags) {
  if (flags.prices !== undefined)
    throw new UsageError('--prices: the API computes costs with its own price list; leave it out');
  const [from, to] = [formatInstant(span.from), formatInstant(span.to)];
  const { by, tenant } = flags;
  const answered = await api.get<UsageSummary>(`/v1/usage?${parametersOf({ from, to, by, tenant })}`);
  const { rows, currency, pricesAsOf, unknown } = answered;
  return { rows, currency, pricesAsOf, unknown };
}

function tableOf({ rows, currency, pricesAsOf, unknown }: UsageSummary): string[] {
  if (rows.length === 0) return ['nothing was billed in this time', ...unknown.map((why) => `  unknown  ${why}`)];
  const lines = rows.map(({ key, vendor, resource, state, class: of, events, minutes, money }) =>
    [
      (key || '(no tenant)').padEnd(24),
      vendor.padEnd(22),
      `${resource}, ${state}${of ? ` (${of})` : ''}`.padEnd(40),
      String(events).padStart(6),
      minutes.toFixed(1).padStart(10),
      money === undefined ? '' : `${money.toFixed(2)} ${currency}`.padStart(14),
    ]
      .join(' ')
      .trimEnd(),
  );
  const head = `${'key'.padEnd(24)} ${'vendor'.padEnd(22)} ${'billed'.padEnd(40)} ${'events'.padStart(6)} ${'minutes'.padStart(10)}`;
  const asOf = pricesAsOf === undefined ? [] : [`prices as of ${pricesAsOf}`];
  return [head, ...lines, ...asOf, ...unknown.map((why) => `  unknown  ${why}`)];
}

export const registerUsage = (program: Command): void => {
  timeOptions(serviceOptions(program.command('usage')))
    .description('what was billed, by tenant, vendor or account')
    .requiredOption('--from <instant>', 'the beginning, e.g. 2026-12-01T00:00:00Z', instantFlag)
    .option('--to <instant>', 'the end; default: now', instantFlag)
    .addOption(new Option('--by <what>', 'what the sums are made for').choices(groupings).default('vendor'))
    .option('--tenant <tenant>', 'events of this tenant alone')
    .option('--prices <file>', 'compute costs with this price list')
    .option('--csv', 'print CSV')
    .action(async (flags: UsageFlags) => {
      if (flags.csv && flags.json) throw new UsageError('--csv and --json are both given: give one of them');
      const span = { from: flags.from, to: flags.to ?? Date.now() };
      if (span.from >= span.to) throw new UsageError('--to must be after --from');
      const { events, ...summary } = await through<UsageSummary & { events?: EventUsage[] }>(flags, {
        api: (api) => usageAtApi(api, span, flags),
        temporal: async (client) => {
          const prices = flags.prices === undefined ? undefined : pricesIn(flags.prices);
          const events = await client.forTenant(flags.tenant).usage(span);
          return { ...summaryOf(events, flags.by, prices), events };
        },
      });
      if (flags.csv) {
        process.stdout.write(csvOf(summary).split('\n').map(printable).join('\n'));
        say(...summary.unknown.map((why) => timesOf(flags).inTexts(`unknown: ${why}`)));
      } else
        answer(
          flags.json,
          { from: span.from, to: span.to, by: flags.by, ...summary, ...(events && { byEvent: events }) },
          () => tableOf(summary).map(timesOf(flags).inTexts),
        );
    });
};
