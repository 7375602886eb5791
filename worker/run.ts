import { Client } from '@temporalio/client';
import type { Worker, WorkflowBundleOption } from '@temporalio/worker';
import type { Activities } from '../activities/contract.ts';
import { createActivities } from '../activities/index.ts';
import { blankDetector } from '../activities/on-air/blank.ts';
import type { ViewerGet } from '../activities/on-air/viewer.ts';
import { lazyDecoder } from '../activities/proof/media/ffmpeg.ts';
import { RunClock } from '../activities/run-clock.ts';
import { within } from '../activities/waiting.ts';
import { Bookings } from '../client/bookings.ts';
import { plannedAtOnce, plannedForMs } from '../client/planned.ts';
import { type NativeConnected, nativeConnect } from '../temporal/native-connection.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import { type Drivers, driversOf } from '../vendors/drivers.ts';
import { createHttp, type HttpClient } from '../vendors/http.ts';
import { attemptStart, isUnderWay } from './attempt.ts';
import { budgetsPort } from './budgets.ts';
import { workflowBundle } from './bundle.ts';
import { bookingRulesOf, secretsOf, type WorkerConfig } from './config.ts';
import { earlierRunPort } from './earlier-run.ts';
import { lastStepsMs } from './ending.ts';
import { asksTemporal, type Readiness, readinessOf, startHealthServer } from './health.ts';
import { legsPort } from './legs.ts';
import { useLittleMemory } from './memory.ts';
import { pollerPort } from './poller.ts';
import { ReportGate } from './report-gate.ts';
import { quietMs, StepSlots } from './step-slots.ts';
import { sweepPort } from './sweep.ts';
import { observe, type Telemetry } from './telemetry/observe.ts';
import { installRuntime, type ProcessRuntime } from './telemetry/runtime.ts';
import { type DeploymentVersion, deploymentOf } from './versioning.ts';
import { viewerGet } from './viewer.ts';
import { createWorker, stepsAtOnce } from './worker.ts';

/** Parts that exist already, or that tests and benches replace. */
export interface WorkerParts {
  /** Of this process, which can have one only. Default: installed now, as the configuration says. */
  runtime?: ProcessRuntime;
  /** An open connection to a prepared namespace; it stays open. Default: one of its own. */
  connected?: NativeConnected;
  /** Default: the drivers of the configured accounts. */
  drivers?: Drivers;
  /** Without a poller every run looks at its own channel. Default: with one. */
  poller?: boolean;
  /** Gets what viewers get. Default: over the network. */
  viewer?: ViewerGet;
  /** Changes or replaces the activities that were put together. */
  activities?: (composed: Activities) => Activities;
  /** Must have been made with the failure converter of the keys. Default: the one that was built, or made now. */
  bundle?: WorkflowBundleOption;
  identity?: string;
  /** Of steps. Default: so many that they are not what runs out. */
  attemptsAtOnce?: number;
}

export interface RunningWorker {
  worker: Worker;
  namespace: string;
  deployment?: DeploymentVersion;
  /** Resolves when it has ended, for whatever reason; rejects when it died. */
  done: Promise<void>;
  /** Stops the worker after the attempts that are under way. */
  stop(): Promise<void>;
  /** The same, once its polls for steps have got their last: beside other workers, none is lost on its way to this one. */
  leave(): Promise<void>;
}

/** The one composition of a worker: configuration → drivers → activities → Worker, connected, observed and running. */
export async function runWorker(config: WorkerConfig, parts: WorkerParts = {}): Promise<RunningWorker> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const part of closing.splice(0).reverse()) await part();
  };
  try {
    const clock = new RunClock({
      startedAt: (attempt) => attemptStart(client)(attempt),
      onSkew: (skewMs) => observation.skewed('Temporal', skewMs),
    });
    useLittleMemory();
    const runtime = parts.runtime ?? installRuntime({ ...config, secrets: secretsOf(config) });
    const observation = await observe(config, runtime, clock);
    closing.push(() => observation.close());
    let readiness = async (): Promise<Readiness> => ({ ready: false, why: 'the worker is starting' });
    if (config.healthPort !== undefined) {
      const health = await startHealthServer(config.healthPort, () => readiness(), hostOf(config.healthHost));
      closing.push(() => health.close());
    }
    const http = createHttp(config.network);
    closing.push(async () => http.close());
    const connected = parts.connected ?? (await connect(config));
    const { connection, namespace, dataConverter } = connected;
    if (!parts.connected) closing.push(() => connection.close());
    const bundle = parts.bundle ?? (await workflowBundle(dataConverter.failureConverterPath));
    const deployment = await deploymentOf(config, bundle);
    const stopping = new AbortController();
    const client = new Client({ connection, namespace, dataConverter });
    const gate = new ReportGate(stopping.signal);
    const deps = { client, clock, observation, http, deployment, gate, stopping: stopping.signal };
    const activities = compose(config, parts, deps);
    const slots = new StepSlots(parts.attemptsAtOnce ?? stepsAtOnce);
    const worker = await createWorker({
      connection,
      namespace,
      dataConverter,
      activities: parts.activities ? parts.activities(activities) : activities,
      steps: observation.steps,
      taskQueue: config.taskQueue,
      maxCachedRuns: config.maxCachedRuns,
      bundle,
      deployment,
      identity: parts.identity,
      slots,
      gate,
    });
    readiness = async () => {
      const { ready, why } = await readinessOf(worker, asksTemporal(connection, namespace));
      return { ready, why: [why, clock.skewText].filter(Boolean).join('; ') };
    };
    const done = untilOver(worker, close);
    const stop = async () => {
      stopping.abort();
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await done;
    };
    const leave = async () => {
      await within(slots.close(quietMs), lastStepsMs);
      await stop();
    };
    return { worker, namespace, done, stop, leave, ...(deployment && { deployment }) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function untilOver(worker: Worker, close: () => Promise<void>): Promise<void> {
  try {
    await worker.run();
  } finally {
    await close();
  }
}

async function connect({ temporal }: WorkerConfig): Promise<NativeConnected> {
  const connected = await nativeConnect(temporal);
  try {
    await ensureSearchAttributes(connected.connection, connected.namespace);
    return connected;
  } catch (error) {
    await connected.connection.close();
    throw error;
  }
}

interface WorkerDeps {
  client: Client;
  clock: RunClock;
  observation: Telemetry;
  http: HttpClient;
  deployment?: DeploymentVersion;
  gate: ReportGate;
  stopping: AbortSignal;
}

function compose(config: WorkerConfig, parts: WorkerParts, deps: WorkerDeps): Activities {
  const { accounts, subscribers, timeScale, proofGraceMs, taskQueue } = config;
  const { client, clock, observation, http } = deps;
  const secrets = secretsOf(config);
  const versioned = deps.deployment !== undefined;
  const context = { hooks: observation.hooks, http, now: () => clock.now() };
  return createActivities({
    clock,
    driver: parts.drivers ?? driversOf(accounts, context),
    accounts: (vendor, tenant) => accounts.namesFor(vendor, tenant),
    secrets: () => secrets,
    timeScale,
    proofGraceMs,
    ...(config.ffmpeg !== '' && { decoder: lazyDecoder(config.ffmpeg) }),
    ...(config.ffmpeg !== '' && { blank: blankDetector(config.ffmpeg) }),
    viewer: parts.viewer ?? viewerGet(http),
    ...(parts.poller !== false && {
      poller: observation.poller(pollerPort(client, taskQueue, { versioned, gate: deps.gate })),
    }),
    earlierRun: earlierRunPort(client),
    isUnderWay: isUnderWay(client),
    sweep: sweepPort(client),
    legs: legsPort(client),
    planned: plannedAtOnce(client, plannedForMs * timeScale),
    bookings: new Bookings(client, { taskQueue }),
    ...(config.budgetOf && { budgets: budgetsPort(client, { ...config, budgetOf: config.budgetOf }) }),
    bookingRules: (vendor, account) => bookingRulesOf(config, vendor, account),
    allAccounts: () => accounts.all().map(({ vendor, account }) => ({ vendor, account: account.name })),
    subscribers,
    http,
    stopping: deps.stopping,
  });
}

/** Without one Node listens on every address there is. */
const hostOf = (host: string): string | undefined => (host === '*' ? undefined : host);
