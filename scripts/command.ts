import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** What a development tool is called by: never through npx, which would look for it elsewhere. */
export const tool = (name: string): string => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

export interface Finished {
  /** 0 is success; null when a signal ended it. */
  code: number | null;
  stdout: string;
  /** Both streams, in the order they came. */
  output: string;
}

export interface RunOptions {
  /** Default: the project's root. */
  cwd?: string;
  /** Beside those of this process. */
  env?: Readonly<Record<string, string>>;
}

/** @throws Error when the program cannot be started at all. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd = root, env } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', (cause) => {
      reject(new Error(`${command} could not be started in ${cwd}: run npm ci, then try again`, { cause }));
    });
    child.once('close', (code) => resolve({ code, stdout, output }));
  });
}

/** @throws Error with everything the program said, unless it ended with 0. */
export async function runOrThrow(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, output } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
  return stdout;
}
