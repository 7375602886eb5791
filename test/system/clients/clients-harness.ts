import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../../domain/message-of.ts';
import { cacheDir } from '../../../temporal/dev-server/cache.ts';
import { withCacheLock } from '../../../temporal/dev-server/cache-lock.ts';
import { runCommand } from '../../../temporal/dev-server/run-command.ts';
import { givesUpAfterMs } from '../../support/hangs.ts';

/** Runs one client; what it printed, parsed. Undefined where the language or its registry is missing. */
export type RunClient = (name: string, input: object) => Promise<unknown>;

export const folder = (name: string): string => fileURLToPath(new URL(`./${name}/`, import.meta.url));

/** Python with what python/requirements.txt pins, in a virtual environment under the cache folder. */
export const pythonClients = (): Promise<RunClient | undefined> =>
  orReason('Python', async () => {
    await say('python3', ['-m', 'venv', '--help']);
    const version = await say('python3', ['--version']);
    const requirements = join(folder('python'), 'requirements.txt');
    const home = await made('clients-python', [version, await readFile(requirements, 'utf8')], async (target) => {
      await say('python3', ['-m', 'venv', target]);
      await say(join(target, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--no-input', '-r', requirements]);
    });
    return (name, input) => answerOf(join(home, 'bin', 'python'), [join(folder('python'), `${name}.py`)], input);
  });

/** The program of go/, built with what go.sum pins, under the cache folder. */
export const goClient = (): Promise<RunClient | undefined> =>
  orReason('Go', async () => {
    const version = await say('go', ['version']);
    const sources = await Promise.all(
      ['main.go', 'go.mod', 'go.sum'].map((name) => readFile(join(folder('go'), name))),
    );
    const home = await made('clients-go', [version, ...sources.map(String)], async (target) => {
      await say('go', ['build', '-C', folder('go'), '-mod=readonly', '-o', join(target, 'client'), '.']);
    });
    return (_name, input) => answerOf(join(home, 'client'), [], input);
  });

export const say = async (command: string, args: readonly string[]): Promise<string> =>
  (await runCommand(command, args, { env: process.env, timeoutMs: givesUpAfterMs })).stdout;

/** A folder under the cache that has what these files name; undefined where the language or its registry is missing. */
export const installed = (
  language: string,
  name: string,
  files: readonly string[],
  install: (target: string, from: string) => Promise<void>,
): Promise<string | undefined> =>
  orReason(language, async () => {
    const from = folder(name.replace(/^clients-(generated)-(\w+)$/, '$2-$1'));
    const contents = await Promise.all(files.map((file) => readFile(join(from, file), 'utf8')));
    return made(name, contents, async (target) => {
      await mkdir(target);
      await install(target, from);
    });
  });

async function orReason<T>(language: string, find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    console.warn(`the clients in ${language} are not run: ${messageOf(error)}`);
    return undefined;
  }
}

/** A folder of the cache that `make` filled, once for the same contents. */
async function made(name: string, contents: string[], make: (target: string) => Promise<void>): Promise<string> {
  const hash = createHash('sha256').update(contents.join('\n')).digest('hex').slice(0, 16);
  const target = join(cacheDir(process.env), `${name}-${hash}`);
  const whole = join(target, '.whole');
  await withCacheLock(`${target}.lock`, {}, async () => {
    if (await exists(whole)) return;
    await rm(target, { recursive: true, force: true });
    await mkdir(dirname(target), { recursive: true });
    await make(target);
    await writeFile(whole, '');
  });
  return target;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** What a program prints, parsed, when this is its input. */
export function answerOf(command: string, args: readonly string[], input: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
    const child = execFile(command, args, { timeout: givesUpAfterMs, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${[command, ...args].join(' ')} failed:\n${stderr}`, { cause: error }));
      else resolve(JSON.parse(stdout));
    });
    child.stdin?.end(JSON.stringify(input));
  });
}
