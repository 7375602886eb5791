import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { WorkerDeploymentOptions, WorkflowBundleOption } from '@temporalio/worker';
import { ownBuild } from '../domain/ids.ts';
import { packageVersion } from '../temporal/package-version.ts';

/** Which build this worker is, where runs are pinned to builds. */
export interface DeploymentVersion {
  deploymentName: string;
  buildId: string;
}

/**
 * Where a deployment is named, which build this is: as configured, or the package's version and a hash of the workflow
 * code.
 */
export async function deploymentOf(
  { deploymentName, buildId }: { deploymentName?: string; buildId?: string },
  bundle: WorkflowBundleOption,
): Promise<DeploymentVersion | undefined> {
  return deploymentName ? { deploymentName, buildId: buildId ?? (await defaultBuildId(bundle)) } : undefined;
}

/** A workflow that declares its versioning keeps it; every other is pinned to its build. */
export const deploymentOptions = (version: DeploymentVersion): WorkerDeploymentOptions => ({
  version,
  useWorkerVersioning: true,
  defaultVersioningBehavior: 'PINNED',
});

/** Which build a worker is whose runs any other may go on with: a run may know by it what the worker of its first task did. */
export const buildOf = async (bundle: WorkflowBundleOption): Promise<string> =>
  `${ownBuild}${await defaultBuildId(bundle)}`;

async function defaultBuildId(bundle: WorkflowBundleOption): Promise<string> {
  const code = 'code' in bundle ? bundle.code : await readFile(bundle.codePath);
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 12);
  return `${packageVersion()}-${hash}`;
}
