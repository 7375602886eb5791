import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { ShowcallerClient } from '../../client/client.ts';
import { NoSuchEventError, RefusedError } from '../../client/errors.ts';
import { type EventHandle, notRunAgain } from '../../client/starts.ts';
import { conflictLines } from '../../domain/booking/request.ts';
import { eventKeyOf } from '../../domain/ids.ts';
import { completes } from '../../domain/phases.ts';
import type { Plan } from '../../domain/plan.ts';
import type { EventStatus } from '../../domain/report.ts';
import { formatInstant } from '../../domain/time.ts';
import { cuesOf } from '../../domain/timeline.ts';
import { type ConnectionFlags, withClient } from '../context.ts';
import { type EncoderHabit, encoderHabits } from '../encoder-habits.ts';
import { answer, FailedResult, say, UsageError } from '../io.ts';
import { reportLines } from '../report-text.ts';
import { timesOf } from '../times.ts';
import { byOption, connectionOptions, type TimeFlags, timeOptions } from './options.ts';

interface StartFlags extends ConnectionFlags, TimeFlags {
  by: string;
  wait?: boolean;
  dryRun?: boolean;
  expect?: 'new';
  rehearse?: boolean;
  encoder: EncoderHabit;
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
  byOption(timeOptions(connectionOptions(program.command('start'))))
    .description('start an event, or find the one that runs')
    .argument('<plan>', 'a JSON file, or - for standard input')
    .option('--wait', 'follow it to its end; exit 1 when it fails')
    .option('--dry-run', 'say what would be, and start nothing')
    .addOption(new Option('--expect <what>', 'exit 1 when the event is there already').choices(['new']))
    .option('--rehearse', 'run it against the simulators, with time compressed, and show every cue')
    .addOption(
      new Option('--encoder <habit>', 'with --rehearse: what the encoder does').choices(encoderHabits).default('drops'),
    )
    .action(start);
};

async function start(file: string, flags: StartFlags): Promise<void> {
  const plan = readPlan(file);
  if (flags.rehearse) {
    const { rehearsalLines, rehearse } = await import('../rehearse.ts');
    const rehearsal = await rehearse(plan, flags.encoder);
    answer(flags.json, rehearsal, () => [...rehearsalLines(rehearsal), '', ...reportLines(rehearsal.report)]);
    failUnlessCompleted(rehearsal.report);
    return;
  }
  await withClient(flags, async (client) => {
    if (flags.dryRun) return dryRun(client, plan, flags);
    const event = await client.start(plan, { createdBy: flags.by });
    if (event.samePlan === false) throw new RefusedError(anotherPlanText(event));
    if (flags.expect === 'new' && !event.started)
      throw new RefusedError(`${startedText(event)}; a new one was expected`);
    if (!flags.wait) {
      answer(flags.json, event, () => [startedText(event), ...bookedLines(event)].map(timesOf(flags).inTexts));
      return;
    }
    for (const line of bookedLines(event)) say(timesOf(flags).inTexts(line));
    say(`${event.started ? 'started' : 'found'} ${event.eventId}; waiting for its end`);
    const status = await client.result(event.eventId);
    answer(flags.json, status, () => reportLines(status).map(timesOf(flags).inTexts));
    failUnlessCompleted(status);
  });
}

/** The plan as it would be prepared, and whether an event of its id is there. */
async function dryRun(client: ShowcallerClient, plan: Plan, flags: StartFlags): Promise<void> {
  const prepared = client.check(plan);
  const there = await client.summary(prepared.eventId).catch((error: unknown) => {
    if (error instanceof NoSuchEventError) return undefined;
    throw error;
  });
  const blocks = there !== undefined && notRunAgain.includes(there.workflowStatus);
  const { eventId, title, vendor, account, startsAt, endsAt } = prepared;
  answer(flags.json, { plan: prepared, there: there?.workflowStatus, wouldStart: !blocks }, () =>
    [
      blocks
        ? `nothing was started, and nothing would be: ${eventId} is there (${there.workflowStatus.toLowerCase()})`
        : `nothing was started; this would be: ${eventId} — ${title}`,
      `  vendor    ${vendor} / ${account}`,
      `  show      ${formatInstant(startsAt)} → ${formatInstant(endsAt)}`,
      `  allocate  ${formatInstant(cuesOf(prepared, {}).allocateAt)}`,
    ].map(timesOf(flags).inTexts),
  );
  if (blocks && flags.expect === 'new') throw new FailedResult('there');
}

function failUnlessCompleted({ endReason }: EventStatus): void {
  if (!endReason || !completes(endReason)) throw new FailedResult(endReason);
}

const anotherPlanText = ({ eventId, found, differs = [] }: EventHandle): string =>
  `${eventId} ${found === 'RUNNING' ? 'runs' : 'ran'} by another plan (it differs in ${differs.join(', ')}), which was left as it is: another show needs another event id`;

/** What was booked in spite of a conflict, where the configuration only warns. */
const bookedLines = ({ conflicts = [] }: EventHandle): string[] =>
  conflictLines(conflicts).map((line) => `  warning: booked in spite of a conflict: ${line}`);

function startedText({ workflowId, started, found }: EventHandle): string {
  const eventId = eventKeyOf(workflowId);
  if (started) return `started ${eventId}`;
  if (found === 'RUNNING') return `already there: ${eventId} runs, by the plan it was started with`;
  return `already there: ${eventId} is over (${found?.toLowerCase()}); another show needs another event id`;
}
