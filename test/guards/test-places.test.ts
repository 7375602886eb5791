import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../scripts/command.ts';

const below = (folder: string): string[] => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
const layers = ['activities', 'api', 'certify', 'cli', 'client', 'domain', 'examples', 'plan', 'scripts', 'simulators'];
const sources = [...layers, 'temporal', 'vendors', 'worker', 'workflows'].flatMap((layer) =>
  below(layer).map((file) => join(layer, file)),
);
const folders = new Set(sources.map(dirname));

/** A test of a file that lies deeper than the test says, or in a folder that the source does not have. */
function misplaced(tests: readonly string[]): string[] {
  return tests.flatMap((test) => {
    const [folder, name] = [dirname(test), basename(test, '.test.ts')];
    if (!folders.has(folder)) return [`${test}: the source has no folder ${folder}`];
    const named = sources.filter(
      (file) => basename(file).replace(/\.[jt]s$/, '') === name && file.startsWith(`${folder}/`),
    );
    const [only] = named;
    return named.length === 1 && only && dirname(only) !== folder ? [`${test}: ${only} lies in ${dirname(only)}`] : [];
  });
}

it('a unit test lies where the file that it is named after lies', () => {
  const tests = below('test/unit').filter((file) => file.endsWith('.test.ts'));
  expect(misplaced(tests)).toEqual([]);
});

it('a test that lies elsewhere is found', () => {
  expect(misplaced(['api/tokens.test.ts', 'api/nowhere/x.test.ts', 'api/auth/tokens.test.ts'])).toEqual([
    'api/tokens.test.ts: api/auth/tokens.ts lies in api/auth',
    'api/nowhere/x.test.ts: the source has no folder api/nowhere',
  ]);
});
