import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { RefusedError } from '../../client/errors.ts';
import { notRunAgain } from '../../client/run-again.ts';
import { conflictLines } from '../../domain/booking/request.ts';
import { completes } from '../../domain/phases.ts';
import type { Plan } from '../../domain/plan.ts';
import type { EventStatus } from '../../domain/report.ts';
import { goesOn, pausedText } from '../../domain/run-status.ts';
import { formatInstant } from '../../domain/time.ts';
import { type ServiceFlags, withService } from '../context.ts';
import { type EncoderHabit, encoderHabits } from '../encoder-habits.ts';
import { answer, FailedResult, say, UsageError } from '../io.ts';
import { reportLines } from '../report-text.ts';
import type { EventService, Started } from '../service/service.ts';
import { timesOf } from '../times.ts';
import { byOption, serviceOptions, type TimeFlags, timeOptions } from './options.ts';

interface StartFlags extends ServiceFlags, TimeFlags {
  by?: string;
  wait?: boolean;
  dryRun?: boolean;
  expect?: 'new';
  rehearse?: boolean;
  encoder?: EncoderHabit;
}

export function readPlan(file: string): Plan {
  const where = file === '-' ? 'standard input' : file;
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the plan from ${where}: ${(error as Error).message}`, { cause: error });
  }
  try {
    return JSON.parse(text) as Plan;
  } catch (error) {
    throw new UsageError(`the plan in ${where} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

export const registerStart = (program: Command): void => {
  byOption(timeOptions(serviceOptions(program.command('start'))))
    .description('start an event, or find the one that runs')
    .argument('<plan>', 'a JSON file, or - for standard input')
    .option('--wait', 'follow it to its end; exit 1 when it fails')
    .option('--dry-run', 'say what would be, and start nothing')
    .addOption(new Option('--expect <what>', 'exit 1 when the event is there already').choices(['new']))
    .option('--rehearse', 'run it against the simulators, with time compressed, and show every cue')
    .addOption(
      new Option(
        '--encoder <habit>',
        'with --rehearse: what the encoder does, with legs that of the first one (default: drops; with legs leaves)',
      ).choices(encoderHabits),
    )
    .action(start);
};

async function start(file: string, flags: StartFlags): Promise<void> {
  if (flags.encoder !== undefined && !flags.rehearse)
    throw new UsageError('--encoder is for rehearsals: give --rehearse too, or leave it out');
  const plan = readPlan(file);
  if (flags.rehearse) {
    const { rehearsalLines, rehearse } = await import('../rehearse.ts');
    const rehearsal = await rehearse(plan, flags.encoder);
    answer(flags.json, rehearsal, () => [...rehearsalLines(rehearsal), '', ...reportLines(rehearsal.report)]);
    failUnlessCompleted(rehearsal.report);
    return;
  }
  await withService(flags, async (service) => {
    if (flags.dryRun) return dryRun(service, plan, flags);
    const event = await service.start(plan, flags.by);
    if (event.samePlan === false) throw new RefusedError(anotherPlanText(event));
    if (flags.expect === 'new' && !event.started)
      throw new RefusedError(`${startedText(event)}; a new one was expected`);
    if (!flags.wait) {
      answer(flags.json, event, () => [startedText(event), ...bookedLines(event)].map(timesOf(flags).inTexts));
      return;
    }
    for (const line of bookedLines(event)) say(timesOf(flags).inTexts(line));
    say(`${event.started ? 'started' : 'found'} ${event.eventId}; waiting for its end`);
    const status = await service.result(event.key);
    answer(flags.json, status, () => reportLines(status).map(timesOf(flags).inTexts));
    failUnlessCompleted(status);
  });
}

/** The plan as it would be prepared, and whether an event of its id is there. */
async function dryRun(service: EventService, plan: Plan, flags: StartFlags): Promise<void> {
  const checked = await service.check(plan);
  const { eventId, vendor, account, startsAt, endsAt, allocatesAt } = checked;
  const there = await service.there({ eventId, ...(plan.tenant !== undefined && { tenant: plan.tenant }) });
  const blocks = there !== undefined && notRunAgain.includes(there);
  answer(flags.json, { plan: checked, there, wouldStart: !blocks }, () =>
    [
      blocks
        ? `nothing was started, and nothing would be: ${eventId} is there (${there.toLowerCase()})`
        : `nothing was started; this would be: ${eventId}${plan.title === undefined ? '' : ` — ${plan.title}`}`,
      `  vendor    ${vendor} / ${account}`,
      `  show      ${formatInstant(startsAt)} → ${formatInstant(endsAt)}`,
      `  allocate  ${formatInstant(allocatesAt)}`,
    ].map(timesOf(flags).inTexts),
  );
  if (blocks && flags.expect === 'new') throw new FailedResult('there');
}

function failUnlessCompleted({ endReason }: EventStatus): void {
  if (!endReason || !completes(endReason)) throw new FailedResult(endReason);
}

const anotherPlanText = ({ eventId, found, differs = [] }: Started): string =>
  `${eventId} ${goesOn(found ?? '') ? 'runs' : 'ran'} by another plan (it differs in ${differs.join(', ')}), which was left as it is: another show needs another event id`;

/** What was booked in spite of a conflict, where the configuration only warns. */
const bookedLines = ({ conflicts = [] }: Started): string[] =>
  conflictLines(conflicts).map((line) => `  warning: booked in spite of a conflict: ${line}`);

function startedText({ key, started, found }: Started): string {
  if (started) return `started ${key}`;
  if (found === 'RUNNING') return `already there: ${key} runs, by the plan it was started with`;
  if (found === 'PAUSED') return `already there: ${key} ${pausedText}`;
  return `already there: ${key} is over (${found?.toLowerCase()}); another show needs another event id`;
}
