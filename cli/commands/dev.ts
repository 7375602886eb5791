import type { Command } from 'commander';
import { answer, say } from '../io.ts';
import { positive } from '../numbers.ts';
import { untilStopped } from '../signals.ts';

const defaultUiPort = 8233;
const defaultPort = 7233;

export const registerDev = (program: Command): void => {
  program
    .command('dev')
    .description('Temporal, the simulators and a worker in one process tree; Ctrl-C stops all')
    .option('--port <port>', 'Temporal frontend', positive, defaultPort)
    .option('--ui-port <port>', 'Temporal UI', positive, defaultUiPort)
    .option('--db <file>', 'keep Temporal in a file (default: in memory)')
    .option('--pace <factor>', 'multiply every wait, e.g. 0.2 to see things faster', positive, 1)
    .option('--json', 'print one JSON document on stdout')
    .action(async (flags: { port: number; uiPort: number; db?: string; pace: number; json?: boolean }) => {
      const { startStack } = await import('../stack.ts');
      const stopped = untilStopped();
      const stack = await startStack({ port: flags.port, ui: flags.uiPort, dbFile: flags.db, pace: flags.pace });
      try {
        const { temporal, simulators } = stack;
        const document = { temporal, env: simulators.env, control: simulators.controlUrl };
        answer(flags.json, document, () =>
          [
            `Temporal     ${temporal.address}   UI ${temporal.uiUrl ?? '(none)'}`,
            `simulators   control ${simulators.controlUrl}`,
            ...simulators.running.map(({ vendor, client }) => `  ${vendor.padEnd(22)} ${client.endpoint ?? ''}`),
            `worker       task queue showcaller`,
            '',
            'In another shell:',
            `  eval "$(curl -s ${simulators.controlUrl}/env)"      # the simulators' accounts, for \`ingest\``,
            `  export TEMPORAL_ADDRESS=${temporal.address}`,
            '  npm run showcaller -- start examples/town-hall.json',
          ].join('\n'),
        );
        say(`stopping (${await stopped})`);
      } finally {
        await stack.stop();
      }
    });
};
