import type { Command } from 'commander';
import { connect } from '../../temporal/connection.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { driversOf } from '../../worker/drivers.ts';
import { accountsFrom, type ConnectionFlags } from '../context.ts';
import { answer } from '../io.ts';
import { connectionOptions } from './options.ts';

export const registerSetup = (program: Command): void => {
  connectionOptions(program.command('setup'))
    .description('once: search attributes in Temporal, and what vendors need before the first event')
    .action(async (flags: ConnectionFlags) => {
      const accounts = accountsFrom(process.env);
      const { connection, namespace } = await connect(flags);
      const done: string[] = [];
      try {
        await ensureSearchAttributes(connection, namespace);
        done.push(`Temporal ${namespace}: search attributes are registered`);
      } finally {
        await connection.close();
      }
      const driver = driversOf(accounts);
      for (const { vendor, account } of accounts.all()) {
        const lines = (await (await driver(vendor, account.name)).setUp?.()) ?? ['nothing to set up'];
        done.push(...lines.map((line) => `${vendor}/${account.name}: ${line}`));
      }
      answer(flags.json, { done }, () => done.join('\n'));
    });
};
