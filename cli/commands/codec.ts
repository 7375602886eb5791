import type { Command } from 'commander';
import {
  CodecSettingsError,
  keyRingFrom,
  keysFileVariable,
  keysVariable,
  newKeyLine,
} from '../../temporal/codec/keys.ts';
import { newToken, readTokens, tokensVariable } from '../../temporal/codec/tokens.ts';
import { answer, say, UsageError } from '../io.ts';
import { positiveOrZero } from '../numbers.ts';
import { untilStopped } from '../signals.ts';

export const registerCodec = (program: Command): void => {
  const codec = program
    .command('codec')
    .description('encryption of what Temporal keeps: keys, and a server for its UI');
  registerNewKey(codec);
  registerNewToken(codec);
  registerServe(codec);
};

const registerNewKey = (codec: Command): void => {
  codec
    .command('new-key')
    .description('make a key; the first one encrypts, all of them decrypt')
    .option('--id <id>', 'its name, readable in Temporal (default: the date)', today())
    .option('--json', 'print one JSON document on stdout')
    .action(({ id, json }: { id: string; json?: boolean }) => {
      const line = newKeyLine(id);
      answer(json, { id, line }, () => line);
      say(`for the file that ${keysFileVariable} names; behind the first key until every process knows it`);
    });
};

interface TokenFlags {
  name: string;
  namespace: string[];
  encode?: boolean;
  expires?: string;
  json?: boolean;
}

const registerNewToken = (codec: Command): void => {
  codec
    .command('new-token')
    .description('make a token for the codec server, and the entry that recognises it')
    .requiredOption('--name <name>', 'whose it is; in the log')
    .requiredOption('--namespace <name...>', 'whose payloads it may read')
    .option('--encode', 'it may encrypt too: to start and signal runs from the UI')
    .option('--expires <instant>', 'ISO 8601 instant with an offset')
    .option('--json', 'print one JSON document on stdout')
    .action(({ name, namespace, encode, expires, json }: TokenFlags) => {
      const may = encode ? (['decode', 'encode'] as const) : (['decode'] as const);
      const expiresAt = expires && { expiresAt: expires };
      const made = newToken({ name, namespaces: namespace, may: [...may], ...expiresAt });
      answer(json, made, () => made.token);
      if (!json) say(`for the list in the file that ${tokensVariable} names:\n${JSON.stringify(made.entry)}`);
    });
};

interface ServeFlags {
  host: string;
  port: number;
  origin?: string[];
}

const registerServe = (codec: Command): void => {
  codec
    .command('serve')
    .description('decrypt for the Temporal UI and the temporal command (POST /decode, /encode)')
    .option('--host <host>', 'where to listen; elsewhere than on loopback only with tokens', '127.0.0.1')
    .option('--port <port>', 'where to listen; 0 for any free port', positiveOrZero, 8081)
    .option('--origin <url...>', 'where the UI is (default: SHOWCALLER_CODEC_ORIGINS, or that of `showcaller dev`)')
    .action(async (flags: ServeFlags) => {
      const options = optionsFrom(flags, process.env);
      const { createCodecServer } = await import('../../temporal/codec/server.ts');
      const stopped = untilStopped();
      const server = await createCodecServer({ ...options, log: say });
      const url = await server.listen({ host: flags.host, port: flags.port });
      const who = options.tokens ? `${options.tokens.length} token(s)` : 'anybody on this machine';
      say(`codec server on ${url} for ${who}, pages of ${options.origins.join(', ')}; Ctrl-C stops it`);
      await stopped;
      await server.close();
    });
};

const devUi = ['http://127.0.0.1:8233', 'http://localhost:8233'];
const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

function optionsFrom({ host, origin }: ServeFlags, env: NodeJS.ProcessEnv) {
  const keys = keyRingFrom(env);
  if (!keys)
    throw new CodecSettingsError([`neither ${keysVariable} nor ${keysFileVariable} is set: nothing to decrypt with`]);
  const file = env[tokensVariable];
  const tokens = file ? readTokens(file) : undefined;
  if (!tokens && !loopback.has(host)) {
    throw new UsageError(`on ${host} everybody could decrypt: set ${tokensVariable}, or listen on 127.0.0.1`);
  }
  const origins = origin ?? env.SHOWCALLER_CODEC_ORIGINS?.split(/[\s,]+/).filter(Boolean) ?? devUi;
  const wrong = origins.find((one) => !URL.canParse(one) || new URL(one).origin !== one);
  if (wrong !== undefined) throw new UsageError(`${wrong} is no origin: write https://host or https://host:port alone`);
  return { keys, tokens, origins };
}

const today = (): string => new Date().toISOString().slice(0, 10);
