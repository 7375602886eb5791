import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../scripts/command.ts';

/** A limit in the options of a test, after its function, or in the options of a wait; in a test's own words. */
const ownLimits = [
  /\b(?:it|test|describe)\b.*\{ timeout(?:: [\d_]+)? \}/,
  /^ *\}, \d[\d_]*\);$/,
  /waitFor\(\{ timeout/,
  /^ *\{ timeout: [\d_]+ \},$/,
  /^ *timeout: [\d_]+,$/,
  /= \{ timeout: [\d_]+ \};$/,
];
/** It makes as many runs as it is asked for; and this file. */
const excepted = ['system/api-fuzz/operations.test.ts', 'guards/one-time-limit.test.ts'];

const limitsIn = (text: string): string[] =>
  text.split('\n').filter((line) => ownLimits.some((limit) => limit.test(line)));

it('no test has a time limit of its own: the configurations have them', async () => {
  const names = (await readdir(join(root, 'test'), { recursive: true })).map((name) => name.replaceAll('\\', '/'));
  const files = names.filter((name) => name.endsWith('.test.ts') && !excepted.includes(name));
  const found = await Promise.all(
    files.map(async (name) =>
      limitsIn(await readFile(join(root, 'test', name), 'utf8')).map((line) => `${name}: ${line}`),
    ),
  );
  expect(found.flat()).toEqual([]);
});

it('a limit is seen however it is written', () => {
  const lines = [
    "  it('ends', { timeout: 120_000 }, async () => {",
    '}, 60_000);',
    "    await page.getByText('done').waitFor({ timeout: 5_000 });",
    '    { timeout: 60_000 },',
    '    timeout: 60_000,',
    'const slow = { timeout: 60_000 };',
    "  it('ends', async () => {",
  ];
  expect(limitsIn(lines.join('\n'))).toEqual(lines.slice(0, -1));
});
