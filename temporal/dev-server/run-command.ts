import { spawn } from 'node:child_process';
import type { Environment } from '../../domain/configuration/environment.ts';

export interface Ran {
  stdout: string;
  stderr: string;
}

const keptChars = 4_000;

/**
 * Runs a program to its end, without a shell.
 *
 * @throws Error with the program, why it failed and the end of its stderr; a program that outlives `timeoutMs` is killed.
 */
export function runCommand(
  file: string,
  args: readonly string[],
  options: { env: Environment; timeoutMs: number; cwd?: string },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: options.cwd, env: { ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const ran: Ran = { stdout: '', stderr: '' };
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, options.timeoutMs);
    child.stdout.on('data', (chunk) => {
      ran.stdout = (ran.stdout + chunk).slice(-keptChars);
    });
    child.stderr.on('data', (chunk) => {
      ran.stderr = (ran.stderr + chunk).slice(-keptChars);
    });
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`${file} could not be run: ${cause.message}`, { cause }));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(ran);
      const why = timedOut
        ? `took longer than ${options.timeoutMs / 1000} s`
        : `ended with ${signal ?? `code ${code}`}`;
      const tail = ran.stderr.trim().split('\n').slice(-3).join(' | ');
      reject(new Error(`${file} ${args[0] ?? ''} ${why}${tail ? `: ${tail}` : ''}`));
    });
  });
}
