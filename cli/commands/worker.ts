import type { LogLevel } from '@temporalio/worker';
import { type Command, Option } from 'commander';
import type { WorkerFlags } from '../run-worker.ts';

const logLevels: LogLevel[] = ['DEBUG', 'INFO', 'WARN', 'ERROR'];

export const registerWorker = (program: Command): void => {
  program
    .command('worker')
    .description('run events: the worker, with the accounts of its environment')
    .option('--address <host:port>', 'Temporal frontend (default: TEMPORAL_ADDRESS)')
    .option('--namespace <name>', 'Temporal namespace (default: TEMPORAL_NAMESPACE, or default)')
    .option('--task-queue <name>', 'where to listen', 'showcaller')
    .option('--pace <factor>', 'multiply every wait; for rehearsals (default: SHOWCALLER_PACE, or 1)')
    .option('--proof-patience <ms>', 'how long a final recording may fail its proof (default: 600000)')
    .option(
      '--rate-share <share>',
      "this worker's part of each vendor rate, where several share an account (default: 1)",
    )
    .option('--health-port <port>', 'answer /healthz and /readyz there (default: SHOWCALLER_HEALTH_PORT, or nowhere)')
    .option('--metrics <ip:port>', 'offer Prometheus metrics there (default: SHOWCALLER_METRICS, or nowhere)')
    .addOption(new Option('--log-level <level>', 'JSON lines on stderr').choices(logLevels).default('INFO'))
    .action(async (flags: WorkerFlags) => {
      const { runWorker } = await import('../run-worker.ts');
      await runWorker(flags);
    });
};
