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

/** Later versions carry replace directives, which `go install` refuses. */
export const builtVersion = 'v1.5.1';

export const builtServerPath = (env: Environment): string =>
  join(cacheDir(env), `temporal-cli-${builtVersion}`, executableName);

/** The vendor's download service picks the version by the SDK's, so that is what the copy is filed under. */
export const downloadedServerPath = (env: Environment, sdkVersion: string): string =>
  join(cacheDir(env), `temporal-cli-sdk-${sdkVersion}`, executableName);
