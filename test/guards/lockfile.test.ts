import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockfileProblems } from '../../scripts/lockfile.ts';
import { type SourceCopy, sourceCopy } from './source-copy.ts';

let copy: SourceCopy;
beforeAll(async () => {
  copy = await sourceCopy();
});
afterAll(() => copy?.remove());

describe('the lockfile', () => {
  it('can be installed from', async () => {
    expect(await lockfileProblems(copy.folder)).toEqual([]);
  });

  it('is refused when it lacks the binary of another platform', async () => {
    const lock = JSON.parse(await copy.read('package-lock.json')) as { packages: Record<string, unknown> };
    delete lock.packages['node_modules/@biomejs/cli-win32-x64'];
    await copy.write('package-lock.json', JSON.stringify(lock));
    const problems = await lockfileProblems(copy.folder);
    expect(problems.join('\n')).toContain('Missing: @biomejs/cli-win32-x64');
  });
});
