import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { completes } from '../../domain/lifecycle.ts';
import type { Plan } from '../../domain/plan.ts';
import { type ConnectionFlags, withClient } from '../context.ts';
import { answer, FailedResult, say, UsageError } from '../io.ts';
import { reportText } from '../report-text.ts';
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
    .action(async (file: string, flags: ConnectionFlags & { wait?: boolean }) => {
      const plan = readPlan(file);
      await withClient(flags, async (client) => {
        const event = await client.start(plan);
        if (!flags.wait) {
          answer(flags.json, event, () => `${event.started ? 'started' : 'already there:'} ${event.eventId}`);
          return;
        }
        say(`${event.started ? 'started' : 'found'} ${event.eventId}; waiting for its end`);
        const status = await client.result(event.eventId);
        answer(flags.json, status, () => reportText(status));
        if (!status.endReason || !completes(status.endReason)) throw new FailedResult(status.endReason);
      });
    });
};
