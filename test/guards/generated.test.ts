import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drift, type GeneratedFile, regenerate } from '../../scripts/generated-drift.ts';

const files: readonly GeneratedFile[] = [
  { path: 'current.md', make: async () => 'current\n' },
  { path: 'stale.md', make: async () => 'new\n' },
  { path: 'absent.md', make: async () => 'made\n' },
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'showcaller-generated-'));
  await writeFile(join(folder, 'current.md'), 'current\n');
  await writeFile(join(folder, 'stale.md'), 'old\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('generated files', () => {
  it('are reported when they differ from what would be made, or are not there', async () => {
    expect(await drift(files, folder)).toEqual([
      'stale.md is not what its source makes: npm run generate',
      'absent.md is not what its source makes: npm run generate',
    ]);
  });

  it('are not touched by the check', async () => {
    await drift(files, folder);
    expect(await readFile(join(folder, 'stale.md'), 'utf8')).toBe('old\n');
  });

  it('are current after they were made anew', async () => {
    expect(await regenerate(files, folder)).toEqual(['stale.md', 'absent.md']);
    expect(await drift(files, folder)).toEqual([]);
    expect(await readFile(join(folder, 'stale.md'), 'utf8')).toBe('new\n');
  });
});
