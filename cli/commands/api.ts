import type { Command } from 'commander';
import type { TokenEntry } from '../../api/auth/tokens.ts';
import { apiSettings, readApiConfig } from '../../api/config.ts';
import type { RunningApi } from '../../api/run.ts';
import { orThrow } from '../../domain/configuration/checked.ts';
import { formatInstant } from '../../domain/time.ts';
import { answer, keepOutputPrivate, say } from '../io.ts';
import { untilStopped } from '../signals.ts';
import { settingsOptions, sourcesWith } from '../sources.ts';
import { instantFlag } from '../times.ts';
import { temporalOptions } from './options.ts';

interface ApiTokenFlags {
  name: string;
  role: string[];
  tenant?: string;
  expiresAt?: number;
  json?: boolean;
}

export const registerApi = (program: Command): void => {
  const command = temporalOptions(program.command('api').description('serve the HTTP API'));
  const api = settingsOptions(command, apiSettings).action(serve);
  api
    .command('new-token')
    .description('make a token: it is shown once, and its entry for the token file holds only its hash')
    .requiredOption('--name <name>', 'whose it is; kept in the report of what it does')
    .requiredOption('--role <role...>', 'viewer, operator or admin; beside them ingest and hook')
    .option('--tenant <tenant>', 'sees and makes events of this tenant alone')
    .option('--expires-at <instant>', 'when the token expires: ISO 8601 instant with an offset', instantFlag)
    .option('--json', 'print one JSON document on stdout')
    .action(async (_flags, command: Command) => {
      const { newToken } = await import('../../api/auth/tokens.ts');
      // The parent command has `--json` too, and commander gives it the flag.
      const { name, role, tenant, expiresAt, json } = command.optsWithGlobals<ApiTokenFlags>();
      const ends = expiresAt === undefined ? {} : { expiresAt: formatInstant(expiresAt) };
      const { token, entry } = newToken({ name, roles: role as TokenEntry['roles'], tenant, ...ends });
      keepOutputPrivate();
      if (!json) say('The token, shown only now; below it its entry for SHOWCALLER_API_TOKENS_FILE:');
      answer(json, { token, entry }, () => [token, JSON.stringify(entry)]);
    });
};

/** Serves the API until SIGINT or SIGTERM. SIGHUP makes it look at its tokens at once. */
async function serve(flags: object): Promise<void> {
  const config = orThrow(readApiConfig(sourcesWith(flags)));
  const { runApi } = await import('../../api/run.ts');
  const stopped = untilStopped();
  let api: RunningApi | undefined;
  const onHangUp = () => api?.reload();
  process.on('SIGHUP', onHangUp);
  try {
    api = await runApi(config, say);
    say(
      `api on ${api.url}, for ${api.namespace}/${config.taskQueue}${config.auth.open ? ', open to every caller on this machine' : ''}`,
    );
    say(`stopping (${await stopped})`);
    await api.close();
  } finally {
    process.off('SIGHUP', onHangUp);
  }
}
