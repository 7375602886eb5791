import type { Command } from 'commander';
import { accountsHere } from '../accounts.ts';
import { type ConnectionFlags, withTemporal } from '../context.ts';
import { answer } from '../io.ts';
import { connectionOptions } from './options.ts';

export const registerSetup = (program: Command): void => {
  connectionOptions(program.command('setup'))
    .description('once: search attributes and the sweep in Temporal, and what vendors need before the first event')
    .option('--unknown-too', 'the sweep also releases what this namespace knows no run of (see `sweep --help`)')
    .action(async (flags: ConnectionFlags & { unknownToo?: boolean }) => {
      const { accounts, drivers } = accountsHere();
      const done: string[] = [];
      await withTemporal(flags, async (_, { client, connection, namespace }) => {
        const { ensureSearchAttributes } = await import('../../temporal/search-attributes.ts');
        await ensureSearchAttributes(connection, namespace);
        done.push(`Temporal ${namespace}: search attributes are registered`);
        const { scheduleSweep } = await import('../../client/sweep.ts');
        const made = await scheduleSweep(client, { unknownToo: flags.unknownToo }, flags.taskQueue);
        done.push(`Temporal ${namespace}: the sweep is ${made ? 'scheduled' : 'scheduled already'}`);
      });
      for (const { vendor, account } of accounts.all()) {
        const lines = (await (await drivers(vendor, account.name)).setUp?.()) ?? ['nothing to set up'];
        done.push(...lines.map((line) => `${vendor}/${account.name}: ${line}`));
      }
      answer(flags.json, { done }, () => done);
    });
};
