import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const command = (args: readonly string[]) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args]).then(
    () => 0,
    ({ code }: { code: unknown }) => code,
  );

it.each([
  [['demo', '--help'], 0],
  [['demo', '--bogus'], 2],
  [['dev', '--port', 'abc'], 2],
] as const)('%j waits for no bundle of the workflows', async (args, code) => {
  expect(await command(args)).toBe(code);
});
