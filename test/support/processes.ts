import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { recordOutput } from './process-output.ts';
import type { ShowHarness } from './show-harness.ts';
import { until } from './until.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What a person's shell has, and nothing of the tests' own settings. */
const plainEnv = (): Record<string, string> => {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR && { TMPDIR }), USER: 'tester' };
};

interface Running {
  child: ChildProcess;
  output: { stdout: string; stderr: string };
}

/** What these print on stdout is secret on purpose. */
const printsSecrets: ReadonlySet<string> = new Set(['ingest', 'sim']);

/** A test that gives up must not leave its processes behind. */
const underway = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of underway) child.kill('SIGKILL');
});
// The runner ends a process that hangs by a signal, after which nothing is called that waits for the exit.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

const ofSource = (file: string): string[] => ['--import', 'tsx', file];

/** What this Node is given to be the command: what is shipped starts in half of the time that its sources need. */
export function commandLine(): string[] {
  const built: string | undefined = inject('builtCommand');
  return built === undefined ? ofSource('cli/main.ts') : [built];
}

function start(
  args: readonly string[],
  env: Record<string, string>,
  input?: string,
  command: readonly string[] = commandLine(),
): Running {
  const running = run(process.execPath, [...command, ...args], env, args);
  running.child.stdin?.end(input);
  return running;
}

function run(program: string, line: readonly string[], env: Record<string, string>, args: readonly string[]): Running {
  const child = spawn(program, line, { cwd: root, env: { ...plainEnv(), ...env }, stdio: 'pipe' });
  underway.add(child);
  child.once('close', () => underway.delete(child));
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const [command = ''] = args;
  const onPurpose = printsSecrets.has(command);
  recordOutput({ command: args.join(' '), text: () => output.stderr + (onPurpose ? '' : output.stdout) });
  return { child, output };
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The command as a person runs it, to its end. */
export async function showcaller(
  args: readonly string[],
  { env = {}, input }: { env?: Record<string, string>; input?: string } = {},
): Promise<Finished> {
  const { child, output } = start(args, env, input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

/** The command while it runs. */
export interface Started {
  output: { stdout: string; stderr: string };
  kill(signal: NodeJS.Signals): void;
  type(text: string): void;
  /** Its exit code; null when a signal killed it. */
  ended: Promise<number | null>;
}

/** The command as a person runs it. `terminal`: in one, where this line is typed; what it prints is then all on stdout. */
export function started(
  args: readonly string[],
  env: Record<string, string>,
  { terminal }: { terminal?: string } = {},
): Started {
  const line = [process.execPath, ...commandLine(), ...args];
  const running =
    terminal === undefined
      ? start(args, env)
      : run('script', ['-qec', `exec ${line.join(' ')}`, '/dev/null'], env, args);
  const { child, output } = running;
  const type = (text: string) => child.stdin?.write(text);
  if (terminal !== undefined) type(`${terminal}\n`);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { output, kill: (signal) => child.kill(signal), type, ended };
}

export interface WorkerProcess {
  pid: number;
  stderr(): string;
  /** SIGKILL: no farewell. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM. Resolves when it is gone, with its exit code; null when a signal killed it. */
  stop(): Promise<number | null>;
  /** What ended it: a signal, or its exit code. */
  ended: Promise<string>;
}

export const connectionFlags = ({ env }: ShowHarness): string[] => [
  ...['--address', env.address],
  ...['--namespace', env.namespace],
  ...['--task-queue', env.taskQueue],
];

/** A worker in a process of its own, once it listens. */
export async function workerProcess(harness: ShowHarness, flags: readonly string[] = []): Promise<WorkerProcess> {
  const args = ['worker', ...connectionFlags(harness), '--pace', '0.1', '--proof-patience', '600000', ...flags];
  return listening(start(args, harness.settings));
}

/** A worker of the tests' own, from its entry file, once it says `worker on`. */
export const ownWorker = (
  entry: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<WorkerProcess> => listening(start(args, env, undefined, ofSource(entry)));

async function listening({ child, output }: Running): Promise<WorkerProcess> {
  const gone = once(child, 'close');
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  await until(() => isGone() || output.stderr.includes('worker on '));
  if (isGone() || child.pid === undefined) throw new Error(`the worker ended at once: ${output.stderr}`);
  const end = async (signal: NodeJS.Signals) => {
    if (!isGone()) child.kill(signal);
    await gone;
    return child.exitCode;
  };
  return {
    pid: child.pid,
    stderr: () => output.stderr,
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
    ended: gone.then(() => child.signalCode ?? String(child.exitCode)),
  };
}
