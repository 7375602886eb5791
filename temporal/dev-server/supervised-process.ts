import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Environment } from '../../domain/configuration/environment.ts';

/** How long a program may take to end by itself before it is killed. */
const graceMs = 3_000;
const keptStderrChars = 8_000;

/**
 * Runs between us and the program. Our end of its channel closes however we die, `kill -9` included, and then it ends
 * the program. Both are in a session of their own, so that Ctrl-C reaches us alone and the program outlives our own
 * orderly shutdown. Inline, so that it is the same from source and from a build.
 */
const watchdog = `
  const { spawn } = require('node:child_process');
  const [file, ...args] = process.argv.slice(1);
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const end = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), ${graceMs});
  };
  child.once('spawn', () => process.connected && process.send({ pid: child.pid }));
  child.once('error', (error) => { console.error(error.message); process.exit(127); });
  child.once('exit', (code, signal) => {
    console.error('ended with ' + (signal ?? 'code ' + code));
    process.exit(code ?? 1);
  });
  process.once('disconnect', end);
  process.on('message', end);
`;

/** A program that ends when this process ends, and that does not keep this process alive. */
export interface SupervisedProcess {
  readonly pid: number;
  /** True once the program has ended, for whatever reason. */
  hasEnded(): boolean;
  /** The end of what it wrote to stderr. */
  stderrTail(): string;
  /** Asks it to end, kills it after three seconds, resolves when it is gone. */
  stop(): Promise<void>;
  /** Sends SIGKILL at once, to test a crash. */
  kill(): void;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
}

/** @throws Error when the program cannot be started, with its stderr. */
export async function startSupervised(
  file: string,
  args: readonly string[],
  env: Environment,
): Promise<SupervisedProcess> {
  const guard = spawn(process.execPath, ['-e', watchdog, '--', file, ...args], {
    // The watchdog must not inherit a debugger or a loader of this process.
    env: { ...env, NODE_OPTIONS: undefined },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  guard.stderr?.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-keptStderrChars);
  });
  let over = false;
  const ended = new Promise<void>((resolve) => {
    guard.once('close', () => {
      over = true;
      resolve();
    });
  });
  const pid = await pidOf(guard, ended, () => `${file} could not be started: ${stderr.trim()}`);
  letGo(guard);
  return {
    pid,
    ended,
    hasEnded: () => over,
    stderrTail: () => stderr.trim(),
    stop: async () => {
      if (over) return;
      hold(guard);
      // Not disconnect(): after it, Node never says that the child is closed.
      if (guard.connected) guard.send('stop', () => {});
      await ended;
    },
    kill: () => {
      if (!over) killQuietly(pid);
    },
  };
}

function pidOf(guard: ChildProcess, ended: Promise<void>, complaint: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    guard.once('message', (message) => resolve((message as { pid: number }).pid));
    guard.once('error', (cause) => reject(new Error(`the watchdog could not be started: ${cause.message}`, { cause })));
    void ended.then(() => reject(new Error(complaint())));
  });
}

const letGo = (guard: ChildProcess): void => {
  guard.unref();
  guard.channel?.unref();
  (guard.stderr as Socket | null)?.unref();
};

/** Keeps this process alive until the program has ended. */
const hold = (guard: ChildProcess): void => {
  guard.ref();
  (guard.stderr as Socket | null)?.ref();
};

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
