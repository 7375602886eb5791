import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { bytesBelow, slim, thisPlatform } from '../../scripts/slim-install.ts';

async function modulesWith(paths: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'showcaller-slim-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '12345');
  }
  return folder;
}

const releases = '@temporalio/core-bridge/releases';
const needed = [
  `${releases}/x86_64-unknown-linux-gnu/index.node`,
  '@swc/core/index.js',
  'a/index.d.js',
  'a/lib/map.js',
  'a/package.json',
  'a/types.ts',
];

it('a release keeps what it opens, and nothing for other platforms, compilers and readers', async () => {
  const modules = await modulesWith([
    ...needed,
    `${releases}/aarch64-apple-darwin/index.node`,
    `${releases}/x86_64-pc-windows-msvc/index.node`,
    '@swc/core-linux-x64-gnu/swc.node',
    'a/index.js.map',
    'a/index.d.ts',
    'a/index.d.mts',
    'a/node_modules/b/index.d.cts',
  ]);
  await slim(modules, 'x86_64-unknown-linux-gnu');
  const entries = await readdir(modules, { recursive: true, withFileTypes: true });
  expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name)).toHaveLength(needed.length);
  expect(await bytesBelow(modules)).toBe(5 * needed.length);
});

it('the platform is called as the folder of the native part that is loaded here', async () => {
  expect(await readdir(join('node_modules', releases))).toContain(thisPlatform());
});
