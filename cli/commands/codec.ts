import { type Command, Option } from 'commander';
import { orThrow } from '../../domain/configuration/checked.ts';
import { codecSettings, readCodecConfig } from '../../temporal/codec/config.ts';
import { keysFileVariable, newKeyLine } from '../../temporal/codec/keys.ts';
import { codecTokens, newToken, tokensVariable } from '../../temporal/codec/tokens.ts';
import { reloadedTokens } from '../../temporal/token-file.ts';
import { answer, keepOutputPrivate, say } from '../io.ts';
import { untilStopped } from '../signals.ts';
import { settingsOptions, sourcesWith } from '../sources.ts';

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
      keepOutputPrivate();
      answer(json, { id, line }, () => line);
      say(`for the file that ${keysFileVariable} names; behind the first key until every process knows it`);
    });
};

interface CodecTokenFlags {
  name: string;
  namespace: string[];
  encode?: boolean;
  expiresAt?: string;
  expires?: string;
  json?: boolean;
}

const registerNewToken = (codec: Command): void => {
  codec
    .command('new-token')
    .description('make a token for the codec server, and the entry that recognises it')
    .requiredOption('--name <name>', 'whose it is; in the log')
    .requiredOption('--namespace <name...>', 'whose payloads it may read')
    .option('--encode', 'the token may also encrypt, so that the UI can start and signal workflows')
    .option('--expires-at <instant>', 'when the token expires: ISO 8601 instant with an offset')
    .addOption(new Option('--expires <instant>').hideHelp())
    .option('--json', 'print one JSON document on stdout')
    .action(({ name, namespace, encode, expires, expiresAt = expires, json }: CodecTokenFlags) => {
      if (expires) say('--expires is now called --expires-at');
      const may = encode ? (['decode', 'encode'] as const) : (['decode'] as const);
      const made = newToken({ name, namespaces: namespace, may: [...may], ...(expiresAt && { expiresAt }) });
      keepOutputPrivate();
      answer(json, made, () => made.token);
      if (!json) say(`for the list in the file that ${tokensVariable} names:`, JSON.stringify(made.entry));
    });
};

const registerServe = (codec: Command): void => {
  const command = codec
    .command('serve')
    .description('decrypt for the Temporal UI and the temporal command (POST /decode, /encode)');
  settingsOptions(command, codecSettings).action(async (flags: object) => {
    const { host, port, keys, origins, tokens } = orThrow(readCodecConfig(sourcesWith(flags)));
    const { createCodecServer } = await import('../../temporal/codec/server.ts');
    const file = tokens && reloadedTokens(tokens, codecTokens, say);
    const unwatch = file?.watch();
    const reload = () => file?.check();
    process.on('SIGHUP', reload);
    const stopped = untilStopped();
    const guarded = file && { tokens: () => file.current(), isReady: () => !file.isLost };
    const server = await createCodecServer({ keys, origins, log: say, ...guarded });
    const url = await server.listen({ host, port });
    const who = tokens ? `${tokens.entries.length} token(s)` : 'every process of this machine';
    say(`codec server on ${url} for ${who}, pages of ${origins.join(', ')}; Ctrl-C stops it`);
    await stopped;
    process.off('SIGHUP', reload);
    unwatch?.();
    await server.close();
  });
};

const today = (): string => new Date().toISOString().slice(0, 10);
