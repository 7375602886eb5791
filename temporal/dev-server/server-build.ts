import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { executableName, serverPath, serverVersion } from './cache.ts';
import { withCacheLock } from './cache-lock.ts';
import { runCommand } from './run-command.ts';
import { checkRuns, isUsable, StepFailed, type StepWorld } from './server-steps.ts';

/** Measured: 2 min 40 s on two cores with an empty module cache. */
const buildTimeoutMs = 20 * 60_000;
export const goNeeded = '1.25';
const goModule = `github.com/temporalio/cli/cmd/temporal@${serverVersion}`;

/**
 * The Temporal CLI, built from its Go module into the cache, once.
 *
 * @throws StepFailed
 */
export async function build(world: StepWorld): Promise<string> {
  await runCommand('go', ['version'], { env: world.env, timeoutMs: 30_000 }).catch((cause) => {
    throw new StepFailed(`Go is not usable: ${(cause as Error).message}`, { cause });
  });
  const target = serverPath(world.env);
  const onWait = () => world.log('another process is building the Temporal server: waiting for it');
  try {
    await withCacheLock(`${dirname(target)}.lock`, { onWait }, () => installInto(target, world));
  } catch (cause) {
    throw new StepFailed(`go install ${goModule}: ${(cause as Error).message}`, { cause });
  }
  return await checkRuns(target, world.env);
}

async function installInto(target: string, world: StepWorld): Promise<void> {
  if (await isUsable(target, world.env)) return;
  await mkdir(dirname(target), { recursive: true });
  const scratch = await mkdtemp(join(dirname(target), 'building-'));
  try {
    const env = { ...world.env, GOBIN: scratch };
    await runCommand('go', ['install', goModule], { env, timeoutMs: buildTimeoutMs });
    await rename(join(scratch, executableName), target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
