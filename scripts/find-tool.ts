import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Environment } from '../domain/configuration/environment.ts';
import { cacheDir } from '../temporal/dev-server/cache.ts';
import { withCacheLock } from '../temporal/dev-server/cache-lock.ts';

export interface Tool {
  name: string;
  /** Its folder in the cache. */
  folder: string;
  /** What to do where there is none. */
  advice: string;
  /** Gets it with a command, into an empty folder, and gives its path there. */
  get: { command: string; into(scratch: string, env: Environment): Promise<string> };
}

export interface FindOptions {
  env?: Environment;
  /** Gets the tool into the cache when there is none. Default: in CI only, because it takes minutes or asks the network. */
  get?: boolean;
  log: (line: string) => void;
}

/** A tool on the PATH, or in the cache, or got into the cache; undefined, with the reason logged, when there is none. */
export async function findTool(
  tool: Tool,
  { env = process.env, get = env.CI === 'true', log }: FindOptions,
): Promise<string | undefined> {
  const { name, advice } = tool;
  const cached = join(cacheDir(env), tool.folder, name);
  const candidates = [...(env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)), cached];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  if (!get) {
    log(`no ${name} on the PATH nor in the cache: ${advice}`);
    return undefined;
  }
  return install(tool, cached, env).catch((error: Error) => {
    log(`no ${name} on the PATH, and ${tool.get.command} failed: ${error.message}`);
    return undefined;
  });
}

async function install({ get }: Tool, target: string, env: Environment): Promise<string> {
  const folder = dirname(target);
  await withCacheLock(`${folder}.lock`, {}, async () => {
    if (await isExecutable(target)) return;
    await mkdir(folder, { recursive: true });
    const scratch = await mkdtemp(join(folder, 'getting-'));
    try {
      await rename(await get.into(scratch, env), target);
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
