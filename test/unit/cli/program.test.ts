import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const mistake = (args: string) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args.split(' ')]).then(
    () => '',
    ({ stderr }: { stderr: string }) => stderr,
  );

it('a mistake leads to the help of the command in which it is', async () => {
  const found = await Promise.all(['stop final', 'schedule update s1', 'schedule bogus', 'bogus'].map(mistake));
  expect(found.map((stderr) => stderr.trim().split('\n'))).toEqual([
    ["error: required option '--reason <text>' not specified", '(showcaller stop --help shows its options)'],
    [expect.stringMatching(/^error: required option/), '(showcaller schedule update --help shows its options)'],
    ["error: unknown command 'bogus'", '(showcaller schedule --help shows the commands)'],
    ["error: unknown command 'bogus'", '(showcaller --help shows the commands)'],
  ]);
});
