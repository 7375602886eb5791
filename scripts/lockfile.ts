import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './command.ts';

interface LockEntry {
  version?: string;
  name?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
}

interface Lock {
  packages: Record<string, LockEntry>;
}

const readLock = async (project: string): Promise<Lock> =>
  JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as Lock;

/** The packages of the lockfile; the project itself has an empty path. */
const packagesOf = ({ packages }: Lock): [path: string, entry: LockEntry][] =>
  Object.entries(packages).filter(([path]) => path !== '');

/** Packages that npm would install without comparing them with anything. */
const unverified = (lock: Lock): [path: string, entry: LockEntry][] =>
  packagesOf(lock).filter(([, { integrity, link }]) => !integrity && !link);

/** One checksum, of a kind that cannot be forged: npm accepts a package that fits any of several. */
const sha512 = /^sha512-[A-Za-z0-9+/]{86}==$/;

const semver = /^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/;

/** What a changed lockfile could make of an installation: another package, from another place. */
function whyNotTrusted({ version, name, integrity, resolved, link }: LockEntry): string | undefined {
  if (link) return 'is a link to a folder, which no checksum covers';
  if (!integrity) return 'has no integrity in package-lock.json; npm run complete-lockfile adds it';
  if (!sha512.test(integrity)) return 'has an integrity that is not one SHA-512';
  if (!version || !semver.test(version))
    return 'has a version that is none: npm would take it for the place it comes from';
  if (name !== undefined) return `is ${name} in the place of another package`;
  if (resolved !== undefined)
    return 'names the place it comes from: remove "resolved", so that the configured registry alone is asked';
  return undefined;
}

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

/** What is wrong with the lockfile: `npm ci` refuses it, or would install a package that is not compared with its SHA-512, or from another place. */
export async function lockfileProblems(project = root): Promise<string[]> {
  const untrusted = packagesOf(await readLock(project)).flatMap(([path, entry]) => {
    const why = whyNotTrusted(entry);
    return why === undefined ? [] : [`${path}: ${why}`];
  });
  const instead = ['npm-shrinkwrap.json', '.npmrc'].filter((file) => existsSync(join(project, file)));
  const others = instead.map((file) => `${file}: npm would heed it, and nothing checks it: remove it`);
  return [...(await installProblems(project)), ...untrusted, ...others];
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
