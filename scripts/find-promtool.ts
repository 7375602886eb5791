import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Environment } from '../domain/configuration/environment.ts';
import { cacheDir } from '../temporal/dev-server/cache.ts';
import { withCacheLock } from '../temporal/dev-server/cache-lock.ts';
import { runCommand } from '../temporal/dev-server/run-command.ts';

const fetchTimeoutMs = 2 * 60_000;

const fetched = (env: Environment): string => join(cacheDir(env), 'promtool', 'promtool');

export interface FindOptions {
  env?: Environment;
  /** Takes it from Debian's package when there is none. Default: in CI only, because it asks the network. */
  fetch?: boolean;
  log: (line: string) => void;
}

/** Prometheus' own tool on the PATH, or in the cache, or fetched into it; undefined, with the reason printed, when not. */
export async function findPromtool({ env = process.env, fetch = env.CI === 'true', log }: FindOptions) {
  const candidates = [...(env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'promtool')), fetched(env)];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  if (!fetch) {
    log('no promtool on the PATH nor in the cache: install prometheus to have the alert rules tested');
    return undefined;
  }
  return fetchInto(fetched(env), env).catch((error: Error) => {
    log(`no promtool on the PATH, and apt-get download prometheus failed: ${error.message}`);
    return undefined;
  });
}

/** Takes the package apart instead of installing it: that needs no rights and starts no service. */
async function fetchInto(target: string, env: Environment): Promise<string> {
  const folder = dirname(target);
  await withCacheLock(`${folder}.lock`, {}, async () => {
    if (await isExecutable(target)) return;
    await mkdir(folder, { recursive: true });
    const scratch = await mkdtemp(join(folder, 'fetching-'));
    const options = { env, cwd: scratch, timeoutMs: fetchTimeoutMs };
    const download = () => runCommand('apt-get', ['download', 'prometheus'], options);
    try {
      // A fresh machine has no list of packages; only some may fetch it.
      await download().catch(() => runCommand('apt-get', ['update'], options).then(download));
      const [archive = ''] = (await readdir(scratch)).filter((name) => name.endsWith('.deb'));
      await runCommand('dpkg-deb', ['-x', archive, '.'], options);
      await rename(join(scratch, 'usr/bin/promtool'), target);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
  return target;
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
