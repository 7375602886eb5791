import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inject } from 'vitest';
import { ShowcallerClient } from '../../../client/client.ts';
import { workflowIdOf } from '../../../domain/ids.ts';
import type { Plan } from '../../../domain/plan.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { runWorker } from '../../../worker/run.ts';
import { type PersistentEncoder, persistentEncoder } from '../../support/persistent-encoder.ts';
import { ownWorker, type WorkerProcess } from '../../support/processes.ts';
import type { Show, ShowHarness } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';
import { workerConfig } from '../../support/worker-config.ts';
import { type Moment, momentText } from './moments.ts';

export const by = { by: 'tester', reason: 'enough was sent' };
const airtimeMs = 3_000;

/** A worker process on a queue of its own, which dies at a moment, or not at all. */
export const workerOn = (
  { env, settings }: ShowHarness,
  { taskQueue, bundlePath, moment }: { taskQueue: string; bundlePath: string; moment?: Moment },
): Promise<WorkerProcess> =>
  ownWorker(
    'test/system/crashes/doomed-worker.ts',
    [env.address, env.namespace, taskQueue, bundlePath, ...(moment ? [momentText(moment)] : [])],
    settings,
  );

/** A worker inside this process that takes over a queue; resolves to what stops it. */
async function survivorOn({ env, accounts }: ShowHarness, taskQueue: string): Promise<() => Promise<void>> {
  const worker = await runWorker(workerConfig({ taskQueue, accounts, timeScale: 0.1 }), {
    runtime: { warn: () => {} },
    connected: { ...env, connection: env.native },
    bundle: { code: inject('workflowCode') },
    poller: false,
  });
  return () => worker.stop();
}

export interface CrashedShow {
  show: Show;
  report: EventStatus;
  /** What ended the first worker. */
  diedOf: string;
}

/** One show whose first worker dies at a moment, and which another process takes over. */
export async function crashedShow(
  harness: ShowHarness,
  {
    vendor,
    moment,
    bundlePath,
    plan = {},
  }: { vendor: string; moment: Moment; bundlePath: string; plan?: Partial<Plan> },
): Promise<CrashedShow> {
  const taskQueue = `crash-${randomUUID()}`;
  const doomed = await workerOn(harness, { taskQueue, bundlePath, moment });
  const takenOver = doomed.ended.then(async (diedOf) => ({ diedOf, stop: await survivorOn(harness, taskQueue) }));
  const show = harness.showOf(vendor, plan);
  await new ShowcallerClient(harness.env.client, { taskQueue }).start(show.plan);
  const encoder = await perform(harness, show, moment, plan.duration === undefined);
  try {
    const report = await show.result();
    const taken = await Promise.race([takenOver, nextTurn(undefined)]);
    if (!taken) throw new Error(`the show on ${vendor} ended before its worker came to ${momentText(moment)}`);
    const { diedOf, stop } = taken;
    await stop();
    return { show, report, diedOf };
  } finally {
    await encoder.stop();
    await doomed.kill();
  }
}

/** The encoder sends, the operators act, whichever worker runs the workflow. */
async function perform(
  harness: ShowHarness,
  show: Show,
  { step }: Moment,
  stopped: boolean,
): Promise<PersistentEncoder> {
  await show.reaches('waiting-for-encoder');
  const encoder = persistentEncoder(await until(() => show.ingestUrl().catch(() => undefined)));
  if (step === 'resetEncoder') {
    await show.reaches('live');
    // The worker dies over it, and with it the answer; the run has it all the same.
    await harness.env.showcaller.resetEncoder(show.eventId, by).catch(() => {});
    await until(() => encoder.knocks.filter(({ letIn }) => letIn).length > 1);
    // A stop would end the attempt that is to be made by the other worker.
    await until(async () => !(await pendingSteps(harness, show)).includes(step));
  }
  await show.reaches('live');
  const since = Date.now();
  await until(() => Date.now() - since >= airtimeMs);
  if (stopped) await act(() => harness.env.showcaller.stopNow(show.eventId, by), harness, show);
  return encoder;
}

/** The steps that Temporal waits for. */
async function pendingSteps({ env }: ShowHarness, { plan }: Show): Promise<string[]> {
  const { raw } = await env.client.workflow.getHandle(workflowIdOf(plan.eventId)).describe();
  return raw.pendingActivities?.map(({ activityType }) => activityType?.name ?? '') ?? [];
}

/** Asks again while no worker answers; an action that was heard in spite of it is not asked for twice. */
async function act(ask: () => Promise<unknown>, harness: ShowHarness, show: Show): Promise<void> {
  await until(async () => {
    try {
      await ask();
      return true;
    } catch {
      const { audit } = await harness.env.showcaller.status(show.eventId).catch(() => ({ audit: [] }));
      return audit.some(({ action }) => action === 'stopNow');
    }
  });
}
