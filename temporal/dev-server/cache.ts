import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../domain/configuration/environment.ts';

/** Where things that cost minutes to fetch or build are kept between runs. */
export function cacheDir(env: Environment): string {
  if (env.SHOWCALLER_CACHE) return env.SHOWCALLER_CACHE;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'showcaller');
  return join(env.HOME ?? homedir(), '.cache', 'showcaller');
}

export const executableName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** Later versions cannot be built: they have replace directives, which `go install` refuses. */
export const serverVersion = 'v1.5.1';

/** The Temporal CLI, downloaded or built. */
export const serverPath = (env: Environment): string =>
  join(cacheDir(env), `temporal-cli-${serverVersion}`, executableName);
