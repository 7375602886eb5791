import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockfileProblems } from '../../../scripts/lockfile.ts';
import { type SourceCopy, sourceCopy } from '../../guards/source-copy.ts';

let copy: SourceCopy;
beforeAll(async () => {
  copy = await sourceCopy();
});
afterAll(() => copy?.remove());

describe('the lockfile', () => {
  it('can be installed from', async () => {
    expect(await lockfileProblems(copy.folder)).toEqual([]);
  });

  it('is refused when a package has no checksum', async () => {
    const text = await copy.read('package-lock.json');
    const lock = JSON.parse(text) as { packages: Record<string, { integrity?: string }> };
    delete lock.packages['node_modules/@biomejs/cli-win32-x64']?.integrity;
    await copy.write('package-lock.json', JSON.stringify(lock));
    expect((await lockfileProblems(copy.folder)).join('\n')).toContain(
      'node_modules/@biomejs/cli-win32-x64: has no integrity',
    );
    await copy.write('package-lock.json', text);
  });

  it('is refused when it lacks the binary of another platform', async () => {
    const lock = JSON.parse(await copy.read('package-lock.json')) as { packages: Record<string, unknown> };
    delete lock.packages['node_modules/@biomejs/cli-win32-x64'];
    await copy.write('package-lock.json', JSON.stringify(lock));
    const problems = await lockfileProblems(copy.folder);
    expect(problems.join('\n')).toContain('Missing: @biomejs/cli-win32-x64');
  });
});
