import { rm } from 'node:fs/promises';
import { join } from 'node:path';
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

  const sha1 = 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=';
  it.each<[string, object, string]>([
    ['has a weak checksum', { integrity: sha1 }, 'is not one SHA-512'],
    ['may fit a weak checksum instead', { integrity: `sha512-${'a'.repeat(86)}== ${sha1}` }, 'is not one SHA-512'],
    ['has half a checksum', { integrity: 'sha512-aaaa' }, 'is not one SHA-512'],
    ['comes from elsewhere', { resolved: 'https://evil.example/p/-/p-1.0.0.tgz' }, 'names the place'],
    ['has an address for its version', { version: 'https://evil.example/p.tgz' }, 'has a version that is none'],
    ['is another one', { name: 'evil' }, 'is evil in the place of another package'],
    ['comes from a repository', { resolved: 'git+ssh://git@evil.example/p.git#abc' }, 'names the place'],
    ['comes from a folder', { resolved: '../evil', link: true, integrity: undefined }, 'is a link'],
  ])('is refused when a package %s', async (_how, change, problem) => {
    const text = await copy.read('package-lock.json');
    const lock = JSON.parse(text) as { packages: Record<string, object> };
    const path = 'node_modules/fastify';
    lock.packages[path] = { ...lock.packages[path], ...change };
    await copy.write('package-lock.json', JSON.stringify(lock));
    expect((await lockfileProblems(copy.folder)).filter((one) => one.startsWith(`${path}: `))).toEqual([
      expect.stringContaining(problem),
    ]);
    await copy.write('package-lock.json', text);
  });

  it.each(['npm-shrinkwrap.json', '.npmrc'])('is refused beside a %s, which nothing checks', async (file) => {
    await copy.write(file, '');
    expect((await lockfileProblems(copy.folder)).join('\n')).toContain(`${file}: npm would heed it`);
    await rm(join(copy.folder, file));
  });

  it('is refused when it lacks the binary of another platform', async () => {
    const lock = JSON.parse(await copy.read('package-lock.json')) as { packages: Record<string, unknown> };
    delete lock.packages['node_modules/@biomejs/cli-win32-x64'];
    await copy.write('package-lock.json', JSON.stringify(lock));
    const problems = await lockfileProblems(copy.folder);
    expect(problems.join('\n')).toContain('Missing: @biomejs/cli-win32-x64');
  });
});
