import type { Command } from 'commander';
import { answer, keepOutputPrivate, say } from '../io.ts';
import { positive, positiveOrZero } from '../numbers.ts';
import { untilStopped } from '../signals.ts';

const defaultUiPort = 8233;
const defaultPort = 7233;
const defaultApiPort = 8080;

interface DevFlags {
  port: number;
  uiPort: number;
  apiPort: number;
  db?: string;
  pace: number;
  json?: boolean;
}

export const registerDev = (program: Command): void => {
  program
    .command('dev')
    .description('Temporal, the simulators, a worker and the HTTP API in one process tree; Ctrl-C stops all')
    .option('--port <port>', 'Temporal frontend', positive, defaultPort)
    .option('--ui-port <port>', 'Temporal UI', positive, defaultUiPort)
    .option('--api-port <port>', 'HTTP API; 0 for any free port', positiveOrZero, defaultApiPort)
    .option('--db <file>', 'keep Temporal in a file (default: in memory)')
    .option('--pace <factor>', 'multiply every wait, e.g. 0.2 to see things faster', positive, 1)
    .option('--json', 'print one JSON document on stdout')
    .action(async (flags: DevFlags) => {
      // The answer has the token of the API. What is said before it may go to the same file, which is then no longer empty.
      keepOutputPrivate();
      const { stackBundle } = await import('../stack-bundle.ts');
      void stackBundle();
      const { startStack } = await import('../stack.ts');
      const stopped = untilStopped();
      const { port, uiPort, apiPort, db, pace } = flags;
      const stack = await startStack({ port, ui: uiPort, apiPort, dbFile: db, timeScale: pace, webhooks: true });
      try {
        const { temporal, simulators, api } = stack;
        const document = { temporal, env: simulators.env, control: simulators.controlUrl, api };
        answer(flags.json, document, () => [
          `Temporal     ${temporal.address}   UI ${temporal.uiUrl ?? '(none)'}`,
          `simulators   control ${simulators.controlUrl}`,
          ...simulators.running.map(({ vendor, client }) => `  ${vendor.padEnd(22)} ${client.endpoint ?? ''}`),
          `worker       task queue showcaller`,
          `API, board   ${api?.url}   token ${api?.token}`,
          '',
          'In another shell:',
          `  eval "$(curl -s ${simulators.controlUrl}/env)"      # the simulators' accounts, for \`ingest\``,
          `  export TEMPORAL_ADDRESS=${temporal.address}`,
          '  npm run showcaller -- start examples/town-hall.json',
        ]);
        say(`stopping (${await stopped})`);
      } finally {
        await stack.stop();
      }
    });
};
