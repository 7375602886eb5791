import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../support/until.ts';

it('what `dev` prints goes to a file that only its owner reads, before anything is in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'showcaller-output-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'dev.log');
  const output = openSync(file, 'w', 0o644);
  const args = ['--import', 'tsx', 'cli/main.ts', 'dev', '--port', '1', '--ui-port', '1', '--api-port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', output, 'ignore'] });
  const ended = once(child, 'exit');
  closeSync(output);
  const { mode, size } = await until(() => {
    const seen = statSync(file);
    return ((seen.mode & 0o777) === 0o600 || seen.size > 0 || child.exitCode !== null) && seen;
  });
  // Nothing of the stack has been started by then.
  child.kill('SIGTERM');
  await ended;
  expect({ mode: mode & 0o777, size }).toEqual({ mode: 0o600, size: 0 });
});
