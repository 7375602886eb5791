import type { Command } from 'commander';

/** How to reach Temporal; the rest comes from its own environment variables and profile. */
export const connectionOptions = (command: Command): Command =>
  command
    .option('--address <host:port>', 'Temporal frontend (default: TEMPORAL_ADDRESS, or 127.0.0.1:7233)')
    .option('--namespace <name>', 'Temporal namespace (default: TEMPORAL_NAMESPACE, or default)')
    .option('--task-queue <name>', 'where the workers listen', 'showcaller')
    .option('--json', 'print one JSON document on stdout');

/** Operator actions are audited: who, and why. */
export const operatorOptions = (command: Command): Command =>
  connectionOptions(command)
    .requiredOption('--reason <text>', 'why; kept in the report')
    .option('--by <name>', 'who; kept in the report', process.env.USER ?? 'cli');
