import { Client } from '@temporalio/client';
import type { LogLevel } from '@temporalio/worker';
import { failureConverterFrom } from '../temporal/codec/data-converter.ts';
import { connect } from '../temporal/connection.ts';
import { nativeConnect } from '../temporal/native-connection.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import { workflowBundle } from '../worker/bundle.ts';
import { asksTemporal, type HealthServer, type Readiness, readinessOf, startHealthServer } from '../worker/health.ts';
import { pollerPort } from '../worker/poller.ts';
import { sweepPort } from '../worker/sweep.ts';
import { type Observation, type ObserveOptions, observe } from '../worker/telemetry/observe.ts';
import { telemetryFrom } from '../worker/telemetry/settings.ts';
import { type DeploymentVersion, deploymentVersionFrom } from '../worker/versioning.ts';
import { activitiesOf, createWorker } from '../worker/worker.ts';
import { workerConfigurationFrom } from './context.ts';
import { say, UsageError } from './io.ts';

export interface WorkerFlags {
  address?: string;
  namespace?: string;
  taskQueue: string;
  pace?: string;
  proofPatience?: string;
  rateShare?: string;
  healthPort?: string;
  metrics?: string;
  logLevel: string;
}

/** Runs events until it is told to stop, with the accounts of its environment. */
export async function runWorker(flags: WorkerFlags): Promise<void> {
  const { accounts, subscribers } = workerConfigurationFrom(process.env);
  if (accounts.all().length === 0) throw new UsageError('no vendor account is configured; see vendors/README.md');
  const timeScale = positive('--pace', flags.pace ?? process.env.SHOWCALLER_PACE, 1);
  const share = positive('--rate-share', flags.rateShare, 1);
  const proofGraceMs = positive('--proof-patience', flags.proofPatience, 600_000);
  const secrets = subscribers.flatMap((subscriber) => subscriber.secrets);
  const observation = await observed(flags, { accounts, secrets, rateShare: share });
  const bundle = await workflowBundle(failureConverterFrom(process.env));
  const deployment = await deploymentVersionFrom(process.env, bundle).catch((error: Error) => {
    throw new UsageError(error.message, { cause: error });
  });
  let readiness = async (): Promise<Readiness> => ({ ready: false, why: 'the worker is starting' });
  const health = await openHealth(flags, () => readiness());
  const { connection: asClient, namespace } = await connect(flags);
  await ensureSearchAttributes(asClient, namespace);
  await asClient.close();
  const { connection, dataConverter } = await nativeConnect(flags);
  const client = new Client({ connection, namespace, dataConverter });
  const ports = {
    poller: observation.poller(pollerPort(client, flags.taskQueue, { versioned: deployment !== undefined })),
    sweep: sweepPort(client),
  };
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const activities = activitiesOf(accounts, {
    timeScale,
    proofGraceMs,
    ...ports,
    subscribers,
    stopping: stopping.signal,
  });
  const worker = await createWorker({
    connection,
    namespace,
    dataConverter,
    activities,
    steps: observation.steps,
    taskQueue: flags.taskQueue,
    bundle,
    deployment,
  });
  readiness = () => readinessOf(worker, asksTemporal(connection, namespace));
  const names = accounts.all().map(({ vendor, account }) => `${vendor}/${account.name}`);
  say(`worker on ${namespace}/${flags.taskQueue}, accounts ${names.join(', ')}`);
  if (deployment) say(announced(deployment));
  // SIGINT and SIGTERM are taken by the SDK: it stops polling, lets attempts finish, then returns.
  await worker.run();
  await connection.close();
  await health?.close();
  await observation.close();
}

type Observed = Pick<ObserveOptions, 'accounts' | 'secrets' | 'rateShare'>;

async function observed(flags: WorkerFlags, of: Observed): Promise<Observation> {
  const telemetry = understood(() => telemetryFrom(process.env, flags.metrics));
  return observe({ ...of, level: flags.logLevel as LogLevel, telemetry });
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

async function openHealth(flags: WorkerFlags, readiness: () => Promise<Readiness>): Promise<HealthServer | undefined> {
  const given = flags.healthPort ?? process.env.SHOWCALLER_HEALTH_PORT;
  return given === undefined ? undefined : startHealthServer(positive('--health-port', given, 0), readiness);
}

/** A versioned worker that is not current polls in silence: who forgot that step must be able to see it. */
const announced = ({ deploymentName, buildId }: DeploymentVersion): string =>
  `build ${buildId} of deployment ${deploymentName}: new events come to it once it is current, by ` +
  `temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`;

function positive(name: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!(value > 0)) throw new UsageError(`${name} must be a number above 0, not ${JSON.stringify(given)}`);
  return value;
}
