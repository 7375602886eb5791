import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Environment } from '../domain/configuration/environment.ts';
import { cacheDir } from '../temporal/dev-server/cache.ts';
import { withCacheLock } from '../temporal/dev-server/cache-lock.ts';
import { runCommand } from '../temporal/dev-server/run-command.ts';

const version = 'v3.22.0';
const goModule = `helm.sh/helm/v3/cmd/helm@${version}`;
/** Measured with empty caches: 3 min 42 s of processor time, so about two minutes on two idle cores. */
const buildTimeoutMs = 20 * 60_000;

const built = (env: Environment): string => join(cacheDir(env), `helm-${version}`, 'helm');

export interface FindOptions {
  env?: Environment;
  /** Makes one with Go when there is none. Default: in CI only, because it takes minutes. */
  build?: boolean;
  log: (line: string) => void;
}

/** Helm on the PATH, or in the cache, or built into the cache; undefined, with the reason printed, when there is none. */
export async function findHelm({ env = process.env, build = env.CI === 'true', log }: FindOptions) {
  const candidates = [...(env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'helm')), built(env)];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  if (!build) {
    log(`no helm on the PATH nor in the cache: \`npm run get-helm\` builds one, some minutes, once`);
    return undefined;
  }
  return buildInto(built(env), env).catch((error: Error) => {
    log(`no helm on the PATH, and go install ${goModule} failed: ${error.message}`);
    return undefined;
  });
}

async function buildInto(target: string, env: Environment): Promise<string> {
  await withCacheLock(`${dirname(target)}.lock`, {}, async () => {
    if (await isExecutable(target)) return;
    await mkdir(dirname(target), { recursive: true });
    const scratch = await mkdtemp(join(dirname(target), 'building-'));
    try {
      await runCommand('go', ['install', goModule], { env: { ...env, GOBIN: scratch }, timeoutMs: buildTimeoutMs });
      await rename(join(scratch, 'helm'), target);
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
