import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TokenEntry } from '../../api/auth/tokens.ts';
import { answer, say, UsageError } from '../io.ts';
import { positiveOrZero } from '../numbers.ts';
import type { ApiFlags } from '../run-api.ts';
import { connectionOptions } from './options.ts';

const defaultPort = 8080;
const logLevels = ['debug', 'info', 'warn', 'error'];

interface TokenFlags {
  name: string;
  role: string[];
  tenant?: string;
  expiresAt?: string;
  json?: boolean;
}

function instant(text: string): string {
  if (Number.isNaN(Date.parse(text))) throw new InvalidArgumentError('an ISO 8601 instant is wanted.');
  return new Date(text).toISOString();
}

export const registerApi = (program: Command): void => {
  const api = connectionOptions(program.command('api'))
    .description('serve the HTTP API')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <port>', 'where to listen; 0 for any free port', positiveOrZero, defaultPort)
    .option('--no-auth', 'everybody on this machine may do everything; loopback alone')
    .option('--trust-proxy <addresses>', 'whose word for the address of a caller counts, e.g. 10.0.0.0/8')
    .addOption(new Option('--log-level <level>', 'JSON lines on stderr').choices(logLevels).default('info'))
    .action(async (flags: ApiFlags) => {
      const { runApi } = await import('../run-api.ts');
      await runApi(flags);
    });
  api
    .command('new-token')
    .description('make a token: it is shown once, and its entry for the token file holds only its hash')
    .requiredOption('--name <name>', 'whose it is; kept in the report of what it does')
    .requiredOption('--role <role...>', 'viewer, operator or admin; beside them ingest and hook')
    .option('--tenant <tenant>', 'sees and makes events of this tenant alone')
    .option('--expires-at <instant>', 'when it is not known any more', instant)
    .option('--json', 'print one JSON document on stdout')
    .action(async (_flags, command: Command) => {
      const { newToken, parseTokenFile } = await import('../../api/auth/tokens.ts');
      // `--json` is known to the command above too, which takes it.
      const { name, role, tenant, expiresAt, json } = command.optsWithGlobals<TokenFlags>();
      const { token, entry } = newToken({ name, roles: role as TokenEntry['roles'], tenant, expiresAt });
      const checked = parseTokenFile(JSON.stringify([entry]));
      if (!checked.ok) {
        const lines = checked.problems.map(({ path, message }) => `  ${path.replace('tokens[0].', '')}: ${message}`);
        throw new UsageError(`no token was made\n${lines.join('\n')}`);
      }
      if (!json) say('The token, shown only now; below it its entry for SHOWCALLER_API_TOKENS_FILE:');
      answer(json, { token, entry }, () => `${token}\n${JSON.stringify(entry)}`);
    });
};
