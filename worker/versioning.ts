import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WorkerDeploymentOptions, WorkflowBundleOption } from '@temporalio/worker';

/** Which build this worker is, where runs are pinned to builds. */
export interface DeploymentVersion {
  deploymentName: string;
  buildId: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Temporal itself puts `.` or `:` between name and build, by its version. */
const deploymentPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
const buildIdPattern = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/;

/**
 * `SHOWCALLER_DEPLOYMENT` switches Worker Versioning on; `SHOWCALLER_BUILD_ID` names the build, by default the
 * package's version and a hash of the workflow code.
 *
 * @returns undefined when it is off.
 * @throws RangeError that names the variable.
 */
export async function deploymentVersionFrom(
  env: Env,
  bundle: WorkflowBundleOption,
): Promise<DeploymentVersion | undefined> {
  const { SHOWCALLER_DEPLOYMENT: deploymentName, SHOWCALLER_BUILD_ID: given } = env;
  if (!deploymentName) {
    if (given) throw new RangeError('SHOWCALLER_BUILD_ID is set without SHOWCALLER_DEPLOYMENT: set both, or neither');
    return undefined;
  }
  const rule = 'letters, digits, _ and -, at most 100, the first a letter or digit';
  if (!deploymentPattern.test(deploymentName)) {
    throw new RangeError(`SHOWCALLER_DEPLOYMENT is ${JSON.stringify(deploymentName)}: use ${rule}`);
  }
  const buildId = given || (await defaultBuildId(bundle));
  if (!buildIdPattern.test(buildId)) {
    throw new RangeError(
      `SHOWCALLER_BUILD_ID is ${JSON.stringify(buildId)}: use letters, digits, . _ + -, at most 128`,
    );
  }
  return { deploymentName, buildId };
}

/** What a workflow says of itself wins; a new one without a word of its own keeps to its build. */
export const deploymentOptions = (version: DeploymentVersion): WorkerDeploymentOptions => ({
  version,
  useWorkerVersioning: true,
  defaultVersioningBehavior: 'PINNED',
});

async function defaultBuildId(bundle: WorkflowBundleOption): Promise<string> {
  const code = 'code' in bundle ? bundle.code : await readFile(bundle.codePath);
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 12);
  return `${await packageVersion()}-${hash}`;
}

/** One folder up from the sources, two from what was compiled. */
async function packageVersion(): Promise<string> {
  const places = ['../package.json', '../../package.json'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = places.find((path) => existsSync(path));
  if (!found) return '0';
  return (JSON.parse(await readFile(found, 'utf8')) as { version: string }).version;
}
