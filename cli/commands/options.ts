import type { Command } from 'commander';

/** How to reach Temporal; the rest comes from its own environment variables and profile. */
export const temporalOptions = (command: Command): Command =>
  command
    .option('--address <host:port>', 'Temporal frontend (default: TEMPORAL_ADDRESS, or localhost:7233)')
    .option('--namespace <name>', 'Temporal namespace (default: TEMPORAL_NAMESPACE, or default)');

export const connectionOptions = (command: Command): Command =>
  temporalOptions(command)
    .option('--task-queue <name>', 'where the workers listen', 'showcaller')
    .option('--json', 'print one JSON document on stdout');

/** How to reach Temporal, or the API, which holds its caller to the roles of a token. */
export const serviceOptions = (command: Command): Command =>
  connectionOptions(command)
    .option('--api <url>', 'use the API there instead of Temporal (default: SHOWCALLER_API)')
    .option(
      '--token <token>',
      'the token for it (default: SHOWCALLER_API_TOKEN, or what SHOWCALLER_API_TOKEN_FILE names)',
    );

/** Who acts or makes something; kept in the report. */
export const byOption = (command: Command): Command =>
  command.option(
    '--by <name>',
    'who; kept in the report (default: the user of this process; with the API the name of the token, which acts for <name>)',
  );

/** Operator actions are audited: who, and why. */
export const operatorOptions = (command: Command): Command =>
  byOption(serviceOptions(command).requiredOption('--reason <text>', 'why; kept in the report'));

/** Of an operator action that took no reason in former versions. */
export const reasonableOptions = (command: Command): Command =>
  byOption(serviceOptions(command).option('--reason <text>', 'why; kept in the report'));

export interface TimeFlags {
  utc?: boolean;
}

/** Instants are shown in the time zone of this process (TZ). */
export const timeOptions = (command: Command): Command =>
  command.option('--utc', 'show instants in UTC instead of the local time zone');
