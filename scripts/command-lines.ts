import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, CommanderError } from 'commander';
import { root } from './command.ts';

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
  const program = await idleProgram();
  try {
    await program.parseAsync([...args], { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

/** Every command as it is registered, but none of them does anything. */
async function idleProgram(): Promise<Command> {
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
    if (doesSomething(command)) command.action(() => {});
  }
  return program;
}

/** Commander does not say whether a command only holds others. */
const doesSomething = (command: Command): boolean => Boolean(Reflect.get(command, '_actionHandler'));

const withDescendants = (command: Command): Command[] => [command, ...command.commands.flatMap(withDescendants)];
