import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, CommanderError } from 'commander';
import { apiSettings } from '../api/config.ts';
import { readSettings, type SettingsSchema } from '../domain/configuration/settings.ts';
import { codecSettings } from '../temporal/codec/config.ts';
import { workerSettings } from '../worker/config.ts';
import { root } from './command.ts';

/** The processes whose flags are settings: commander takes any text for those. */
const settings: Readonly<Record<string, SettingsSchema<unknown>>> = {
  worker: workerSettings,
  api: apiSettings,
  serve: codecSettings,
};

/** What the image runs: everything after this in a command line is for our own command. */
const entry = 'dist/cli/main.js';

/** The arguments in a shell line or a list that runs our command; undefined when it runs something else. */
export function ourArguments(line: string | readonly string[]): string[] | undefined {
  const words = typeof line === 'string' ? line.split(/\s+/) : line.flatMap((part) => part.split(/\s+/));
  const at = words.indexOf(entry);
  if (at < 0) return undefined;
  const rest = words.slice(at + 1);
  const end = rest.findIndex((word) => /^(>|\||&&|;)/.test(word));
  return end < 0 ? rest : rest.slice(0, end);
}

/** What our command says of these arguments before it would do anything; undefined when it takes them. */
export async function complaintAbout(args: readonly string[]): Promise<string | undefined> {
  let parsed: Command | undefined;
  const program = await idleProgram((command) => {
    parsed = command;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return parsed && complaintAboutFlags(parsed);
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

/** Whether tokens are there is not for a command line to say. */
const tokenFiles = { SHOWCALLER_API_TOKENS_FILE: 'tokens', SHOWCALLER_CODEC_TOKENS_FILE: 'tokens' };

/** What is wrong with the values of the flags that were given; what is not given may be set by a variable. */
function complaintAboutFlags(command: Command): string | undefined {
  const schema = settings[command.name()];
  const read = schema && readSettings(schema, { env: tokenFiles, readFile: () => '', flags: command.opts() });
  if (!read || read.ok) return undefined;
  const given = read.problems.filter(({ path }) => path.startsWith('--'));
  return given.map(({ path, message }) => `${path}: ${message}`).join('; ') || undefined;
}

/** Every command as it is registered; instead of doing anything, each says that it was chosen. */
async function idleProgram(chosen: (command: Command) => void): Promise<Command> {
  const program = new Command('showcaller');
  const folder = join(root, 'cli/commands');
  for (const name of await readdir(folder)) {
    const exported = (await import(pathToFileURL(join(folder, name)).href)) as Record<string, unknown>;
    for (const [key, register] of Object.entries(exported)) {
      if (key.startsWith('register') && typeof register === 'function') register(program);
    }
  }
  for (const command of withDescendants(program)) {
    command.exitOverride().configureOutput({ writeErr() {}, writeOut() {} });
    if (doesSomething(command)) command.action(() => chosen(command));
  }
  return program;
}

/** Commander does not say whether a command only holds others. */
const doesSomething = (command: Command): boolean => Boolean(Reflect.get(command, '_actionHandler'));

const withDescendants = (command: Command): Command[] => [command, ...command.commands.flatMap(withDescendants)];
