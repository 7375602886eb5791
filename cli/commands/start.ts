import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { RefusedError } from '../../client/errors.ts';
import type { EventHandle } from '../../client/starts.ts';
import { eventKeyOf } from '../../domain/ids.ts';
import { completes } from '../../domain/phases.ts';
import type { Plan } from '../../domain/plan.ts';
import type { EventStatus } from '../../domain/report.ts';
import { type ConnectionFlags, withClient } from '../context.ts';
import { type EncoderHabit, encoderHabits } from '../encoder-habits.ts';
import { answer, FailedResult, say, UsageError } from '../io.ts';
import { reportLines } from '../report-text.ts';
import { connectionOptions } from './options.ts';

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
  connectionOptions(program.command('start'))
    .description('start an event, or find the one that runs')
    .argument('<plan>', 'a JSON file, or - for standard input')
    .option('--wait', 'follow it to its end; exit 1 when it fails')
    .option('--rehearse', 'run it against the simulators, with time compressed, and show every cue')
    .addOption(
      new Option('--encoder <habit>', 'with --rehearse: what the encoder does').choices(encoderHabits).default('drops'),
    )
    .action(
      async (file: string, flags: ConnectionFlags & { wait?: boolean; rehearse?: boolean; encoder: EncoderHabit }) => {
        const plan = readPlan(file);
        if (flags.rehearse) {
          const { rehearsalLines, rehearse } = await import('../rehearse.ts');
          const rehearsal = await rehearse(plan, flags.encoder);
          answer(flags.json, rehearsal, () => [...rehearsalLines(rehearsal), '', ...reportLines(rehearsal.report)]);
          failUnlessCompleted(rehearsal.report);
          return;
        }
        await withClient(flags, async (client) => {
          const event = await client.start(plan);
          if (event.samePlan === false) throw new RefusedError(anotherPlanText(event));
          if (!flags.wait) {
            answer(flags.json, event, () => startedText(event));
            return;
          }
          say(`${event.started ? 'started' : 'found'} ${event.eventId}; waiting for its end`);
          const status = await client.result(event.eventId);
          answer(flags.json, status, () => reportLines(status));
          failUnlessCompleted(status);
        });
      },
    );
};

function failUnlessCompleted({ endReason }: EventStatus): void {
  if (!endReason || !completes(endReason)) throw new FailedResult(endReason);
}

const anotherPlanText = ({ eventId, found }: EventHandle): string =>
  `${eventId} ${found === 'RUNNING' ? 'runs' : 'ran'} by another plan, which was left as it is: another show needs another event id`;

function startedText({ workflowId, started, found }: EventHandle): string {
  const eventId = eventKeyOf(workflowId);
  if (started) return `started ${eventId}`;
  if (found === 'RUNNING') return `already there: ${eventId} runs, by the plan it was started with`;
  return `already there: ${eventId} is over (${found?.toLowerCase()}); another show needs another event id`;
}
