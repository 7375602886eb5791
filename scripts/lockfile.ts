import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './command.ts';

interface LockEntry {
  version?: string;
  integrity?: string;
  link?: boolean;
}

interface Lock {
  packages: Record<string, LockEntry>;
}

const readLock = async (project: string): Promise<Lock> =>
  JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as Lock;

/** Packages that npm would install without comparing them with anything. The project itself has an empty path. */
const unverified = ({ packages }: Lock): [path: string, entry: LockEntry][] =>
  Object.entries(packages).filter(([path, { integrity, link }]) => path !== '' && !integrity && !link);

/** The checksum of every package, which npm leaves out for binaries of other platforms. Returns how many were missing. */
export async function completeLockfile(project = root): Promise<number> {
  const lock = await readLock(project);
  const entries = unverified(lock);
  for (const [path, entry] of entries) {
    const name = `${path.replace(/^.*node_modules\//, '')}@${entry.version}`;
    const { code, output } = await run('npm', ['view', name, 'dist.integrity'], { cwd: project });
    if (code !== 0 || !/^sha512-\S+\s*$/.test(output)) throw new Error(`npm view ${name} dist.integrity: ${output}`);
    const { version, ...rest } = entry;
    lock.packages[path] = { version, integrity: output.trim(), ...rest };
  }
  if (entries.length > 0) await writeFile(join(project, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
  return entries.length;
}

/** What is wrong with the lockfile: `npm ci` refuses it, or would install a package without comparing its checksum. */
export async function lockfileProblems(project = root): Promise<string[]> {
  const unchecked = unverified(await readLock(project)).map(
    ([path]) => `${path}: has no integrity in package-lock.json; npm run complete-lockfile adds it`,
  );
  return [...(await installProblems(project)), ...unchecked];
}

/**
 * What keeps `npm ci` from installing, if anything. A registry that lacks the binaries of another platform makes
 * `npm install` leave them out of the lockfile, and `npm ci` then refuses it everywhere.
 */
async function installProblems(project: string): Promise<string[]> {
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
