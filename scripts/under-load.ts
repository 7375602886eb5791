import { type ChildProcess, spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

// node --import tsx scripts/under-load.ts [--times 3] [--busy 4] -- <command> [argument]…
// Runs a command several times in a row while so many busy processes load the machine; ends with the first code that is not 0.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string', default: '3' }, busy: { type: 'string', default: '4' } },
});
const [command, ...args] = positionals;
if (command === undefined) throw new Error('scripts/under-load.ts needs a command to run: -- npm test');

/** It ends by itself when this process is gone, however that ended. */
const busyLoop = 'const parent = process.ppid; while (process.ppid === parent) for (let n = 0; n < 1e8; n += 1);';
const busy = Array.from({ length: Number(values.busy) }, () =>
  spawn(process.execPath, ['--eval', busyLoop], { stdio: 'ignore' }),
);
let running: ChildProcess | undefined;
const end = (): void => {
  running?.kill('SIGTERM');
  for (const child of busy) child.kill('SIGKILL');
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    end();
    process.exit(1);
  });
}

const once = (): Promise<number> =>
  new Promise((resolve, reject) => {
    running = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    running.once('error', reject);
    running.once('close', (code) => resolve(code ?? 1));
  });

try {
  for (let run = 1; run <= Number(values.times) && !process.exitCode; run += 1) {
    const startedAt = performance.now();
    process.exitCode = await once();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.error(`under load, run ${run} of ${values.times}: ended with ${process.exitCode} after ${seconds} s`);
  }
} finally {
  end();
}
