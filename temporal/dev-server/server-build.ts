import { dirname } from 'node:path';
import { serverPath, serverVersion } from './cache.ts';
import { withCacheLock } from './cache-lock.ts';
import { runCommand } from './run-command.ts';
import { checkRuns, install, StepFailed, type StepWorld } from './server-steps.ts';

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
    await withCacheLock(`${dirname(target)}.lock`, { onWait }, () =>
      install(target, world.env, (scratch) => {
        const env = { ...world.env, GOBIN: scratch };
        return runCommand('go', ['install', goModule], { env, timeoutMs: buildTimeoutMs });
      }),
    );
  } catch (cause) {
    throw new StepFailed(`go install ${goModule}: ${(cause as Error).message}`, { cause });
  }
  return await checkRuns(target, world.env);
}
