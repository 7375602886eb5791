import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Environment } from '../../domain/configuration/environment.ts';
import { executableName, serverPath } from './cache.ts';
import { runCommand } from './run-command.ts';

/** The environment of the steps; tests replace it. */
export interface StepWorld {
  env: Environment;
  log: (line: string) => void;
  /** Why TEMPORAL_ADDRESS is not used, where it is not. */
  own?: string;
  /** Where the releases are. Default: those of GitHub. */
  releases?: Releases;
}

export interface Releases {
  origin: string;
  /** SHA-256 of each archive, in hexadecimal digits, by platform and architecture: `linux_amd64`. */
  checksums: Readonly<Record<string, string>>;
}

/** A step found no server. The message follows the name of the step: "name: message". */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

const versionTimeoutMs = 15_000;

/**
 * `path`, if it is a Temporal CLI that runs here: a cache may be shared by machines of different kinds.
 *
 * @throws StepFailed
 */
export async function checkRuns(path: string, env: Environment): Promise<string> {
  try {
    await runCommand(path, ['--version'], { env, timeoutMs: versionTimeoutMs });
    return path;
  } catch (cause) {
    throw new StepFailed(`found, but it does not run: ${(cause as Error).message}`, { cause });
  }
}

/** `temporal` in the first folder of the PATH that has one. */
export async function onPath(world: StepWorld): Promise<string> {
  for (const folder of (world.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const candidate = join(folder, executableName);
    if (await isExecutable(candidate)) return await checkRuns(candidate, world.env);
  }
  throw new StepFailed(`no ${executableName} in any folder of the PATH`);
}

/** The copy that an earlier run built or downloaded. */
export async function cached({ env }: StepWorld): Promise<string> {
  const path = serverPath(env);
  if (await isExecutable(path)) return await checkRuns(path, env);
  throw new StepFailed(`${path} does not exist`);
}

/** Puts what `make` makes in a scratch folder at `target`, unless another process has put a usable copy there meanwhile. */
export async function install(
  target: string,
  env: Environment,
  make: (scratch: string) => Promise<unknown>,
): Promise<void> {
  if (await isUsable(target, env)) return;
  await mkdir(dirname(target), { recursive: true });
  const scratch = await mkdtemp(join(dirname(target), 'making-'));
  try {
    await make(scratch);
    await rename(join(scratch, executableName), target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const isUsable = async (path: string, env: Environment): Promise<boolean> =>
  (await isExecutable(path)) &&
  (await checkRuns(path, env).then(
    () => true,
    () => false,
  ));

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
