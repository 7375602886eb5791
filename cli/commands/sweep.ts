import type { Command } from 'commander';
import type { LastSweep } from '../../client/sweep.ts';
import { type SweepReport, whySweepFailed } from '../../domain/sweep.ts';
import { type ConnectionFlags, refuseApi, withTemporal } from '../context.ts';
import { answer, FailedResult } from '../io.ts';
import { positiveOrZero } from '../numbers.ts';
import { timesOf } from '../times.ts';
import { connectionOptions, type TimeFlags, timeOptions } from './options.ts';

export const registerSweep = (program: Command): void => {
  timeOptions(connectionOptions(program.command('sweep')))
    .description(
      'release resources that carry our ownership tag and have no running event; the workers do it with their accounts',
    )
    .option('--dry-run', 'only report what would be released')
    .option(
      '--unknown-too',
      'also resources whose run this namespace does not know; only where no other namespace uses the accounts',
    )
    .option('--grace <ms>', 'wait this long before a resource is checked again and released', positiveOrZero)
    .option('--last', 'sweep nothing: the report of the last sweep, by the Schedule or by hand')
    .action(async (flags: SweepFlags) => {
      refuseApi(flags);
      const { lastSweep, sweepNow } = await import('../../client/sweep.ts');
      await withTemporal(flags, async (_, { client }) => {
        if (flags.last) return printLast(flags, await lastSweep(client));
        const { dryRun, unknownToo, grace: graceMs, taskQueue } = flags;
        const report = await sweepNow(client, { dryRun, unknownToo, graceMs, taskQueue });
        answer(flags.json, report, () => sweepLines(report).map(timesOf(flags).inTexts));
        failUnlessDone(report);
      });
    });
};

interface SweepFlags extends ConnectionFlags, TimeFlags {
  dryRun?: boolean;
  unknownToo?: boolean;
  grace?: number;
  last?: boolean;
}

function printLast({ json, utc }: SweepFlags, last: LastSweep | undefined): void {
  if (!last) {
    answer(json, null, () => 'no sweep is over yet, or none that Temporal still keeps');
    throw new FailedResult('no sweep');
  }
  const { instant, inTexts } = timesOf({ utc });
  answer(json, last, () => {
    const found = last.report ? sweepLines(last.report) : [`failed: ${last.problem}`];
    return [`${last.workflowId}, ended ${instant(last.endedAt)}`, ...found.map(inTexts)];
  });
  if (!last.report) throw new FailedResult('the last sweep failed');
  failUnlessDone(last.report);
}

function failUnlessDone(report: SweepReport): void {
  const why = whySweepFailed(report);
  if (why !== undefined) throw new FailedResult(why);
}

function sweepLines({ accounts }: SweepReport): string[] {
  if (accounts.length === 0) return ['the worker has no accounts'];
  return accounts.flatMap(({ vendor, account, seen, orphans, problem }) => [
    `${vendor}/${account}: ${problem ?? `${seen} of ours, ${orphans.length} without a running event`}`,
    ...orphans.map(
      ({ ref, reason, outcome, detail }) => `  ${ref.name}: ${outcome} (${reason})${detail ? `: ${detail}` : ''}`,
    ),
  ]);
}
