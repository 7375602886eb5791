import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../scripts/command.ts';

const page = 'docs/security.md';

/** The rows of the table of promises whose tests are not there. */
function unproved(text: string): string[] {
  const section = text.slice(text.indexOf('\n## Promises'), text.indexOf('\n### What does not hold'));
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).flatMap((row) => {
    const [, promise = '', tests = ''] = row.split('|').map((cell) => cell.trim());
    const files = [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, file = '']) => file);
    const missing = files.filter((file) => !existsSync(join(root, dirname(page), file)));
    if (!files.some((file) => file.endsWith('.test.ts'))) return [`${promise}: no test is named`];
    return missing.map((file) => `${promise}: there is no ${file}`);
  });
}

const text = await readFile(join(root, page), 'utf8');

it('each promise of the page on security names a test that is there', () => {
  expect(unproved(text)).toEqual([]);
});

it.each([
  ['a promise without a test', '| all is well | we looked |', ': no test is named'],
  ['one that names no test', '| all is well | [here](../certify/secrets.ts) |', ': no test is named'],
  [
    'a test that is gone',
    '| all is well | [x](../test/unit/gone.test.ts) |',
    ': there is no ../test/unit/gone.test.ts',
  ],
])('%s is seen', (_what, row, problem) => {
  const changed = text.replace('\n\n### What does not hold', `\n${row}\n\n### What does not hold`);
  expect(unproved(changed)).toEqual([`all is well${problem}`]);
});
