import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './command.ts';

/**
 * What keeps `npm ci` from installing, if anything. A registry that lacks the binaries of another platform makes
 * `npm install` leave them out of the lockfile, and `npm ci` then refuses it everywhere.
 */
export async function lockfileProblems(project = root): Promise<string[]> {
  // Elsewhere, because `npm ci` begins by taking node_modules away.
  const folder = await mkdtemp(join(tmpdir(), 'showcaller-lockfile-'));
  try {
    const files = ['package.json', 'package-lock.json'];
    await Promise.all(files.map((file) => copyFile(join(project, file), join(folder, file))));
    const flags = ['--dry-run', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code, output } = await run('npm', ['ci', ...flags], { cwd: folder });
    const reasons = output.split('\n').filter((line) => /Missing:|Invalid:/.test(line));
    return code === 0 ? [] : ['npm ci refuses package-lock.json:', ...(reasons.length > 0 ? reasons : [output])];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
