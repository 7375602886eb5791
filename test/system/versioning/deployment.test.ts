import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bookings } from '../../../client/bookings.ts';
import { bookingsIdOf, pollerIdOf, workflowIdOf } from '../../../domain/ids.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

let env: TestEnvironment;
const { vendor, activities } = fakeVendor();
const deploymentName = `showcaller-${randomUUID().slice(0, 8)}`;

const startWorker = (buildId: string) => env.run({ deploymentName, buildId }, { activities: () => activities });

/** What `temporal worker deployment set-current-version` asks; refused until a worker of that build has polled. */
const makeCurrent = (buildId: string) =>
  until(() =>
    env.connection.workflowService
      .setWorkerDeploymentCurrentVersion({ namespace: env.namespace, deploymentName, buildId, identity: 'tester' })
      .then(
        () => true,
        () => false,
      ),
  );

const versionInfo = async (buildId: string) => {
  const { workerDeploymentVersionInfo } = await env.connection.workflowService.describeWorkerDeploymentVersion({
    namespace: env.namespace,
    deploymentVersion: { deploymentName, buildId },
  });
  return workerDeploymentVersionInfo;
};

async function startShow(overrides: Partial<Plan> = {}): Promise<string> {
  const plan = planFor({ duration: '5m', waits: { firstConnect: '5m', encoderLost: '5m' }, ...overrides });
  await env.showcaller.start(plan);
  return plan.eventId;
}

const reaches = (eventId: string, phase: Phase) =>
  until(async () => (await env.showcaller.status(eventId).catch(() => undefined))?.phase === phase);

/** The builds that decided anything in this run. */
async function buildsOf(eventId: string): Promise<string[]> {
  const { events } = await env.client.workflow.getHandle(workflowIdOf(eventId)).fetchHistory();
  const decided = events?.flatMap(({ workflowTaskCompletedEventAttributes: task }) => task ?? []) ?? [];
  return [...new Set(decided.map(({ deploymentVersion }) => deploymentVersion?.buildId ?? 'none'))];
}

/** An event that waits for its day. */
async function planShow(): Promise<string> {
  const startsAt = new Date(Date.now() + 3_600_000).toISOString();
  const eventId = await startShow({ startsAt });
  await reaches(eventId, 'scheduled');
  return eventId;
}

/** What `temporal workflow update-options --versioning-override-behavior auto_upgrade` asks. */
const unpin = (eventId: string) =>
  env.connection.workflowService.updateWorkflowExecutionOptions({
    namespace: env.namespace,
    workflowExecution: { workflowId: workflowIdOf(eventId) },
    workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
    updateMask: { paths: ['versioning_override'] },
  });

async function cancelled(eventId: string): Promise<string[]> {
  await env.client.workflow.getHandle(workflowIdOf(eventId)).cancel();
  await env.showcaller.result(eventId).catch(() => {});
  return buildsOf(eventId);
}

async function endShow(eventId: string) {
  vendor.connect(`sc-${eventId}`);
  await reaches(eventId, 'live');
  await env.showcaller.stopNow(eventId, { by: 'tester', reason: 'the test is over' });
  return env.showcaller.result(eventId);
}

beforeAll(async () => {
  env = await testEnvironment();
});

afterAll(() => env.close());

describe('where workers are versioned', () => {
  it('a show ends on the build that began it, and new ones begin on the build that is current', async () => {
    await startWorker('one');
    await makeCurrent('one');
    const before = await startShow();
    await reaches(before, 'waiting-for-encoder');
    expect((await env.showcaller.runState(before)).build).toBe(`${deploymentName}.one`);

    await startWorker('two');
    await makeCurrent('two');
    const after = await startShow();
    await reaches(after, 'waiting-for-encoder');

    expect((await versionInfo('one'))?.drainageInfo?.status).toBe(1 satisfies typeof draining);
    const [first, second] = await Promise.all([endShow(before), endShow(after)]);
    expect([first.endReason, second.endReason]).toEqual(['stopped-by-operator', 'stopped-by-operator']);
    expect(await buildsOf(before)).toEqual(['one']);
    expect(await buildsOf(after)).toEqual(['two']);
  });

  it('nothing that runs is left to the old build, so that its workers can go', async () => {
    const query = `TemporalWorkerDeploymentVersion = '${deploymentName}:one' AND TemporalWorkflowVersioningBehavior = 'Pinned' AND ExecutionStatus`;
    // Seen to find what it looks for: the show has ended there.
    await until(async () => (await env.client.workflow.count(`${query} = 'Completed'`)).count === 1);
    await until(async () => (await env.client.workflow.count(`${query} = 'Running'`)).count === 0);
  });

  it('an event that waits for its day can be handed to the build that is current', async () => {
    const planned = await planShow();
    await startWorker('three');
    await makeCurrent('three');
    await unpin(planned);
    expect(await cancelled(planned)).toEqual(['two', 'three']);
  });

  it('and when versioning is given up, to workers that know nothing of builds', async () => {
    const planned = await planShow();
    await env.work(activities);
    await makeCurrent('');
    await unpin(planned);
    expect(await cancelled(planned)).toEqual(['three', 'none']);
    const next = await planShow();
    expect(await cancelled(next)).toEqual(['none']);
  });

  it('the bookings go on with whichever build is current, also where a client begins them', async () => {
    const startsAt = Date.now() + 3_600_000;
    const of = { event: 'booked', claim: 'a', vendor: 'fake', account: 'default', uses: ['studio'] };
    const request = { ...of, allocateAt: startsAt, startsAt, endsAt: startsAt + 60_000 };
    const booked = new Bookings(env.client, { taskQueue: env.taskQueue }).book(request).catch(() => undefined);
    const bookings = env.client.workflow.getHandle(bookingsIdOf(env.taskQueue));
    await until(() =>
      bookings.describe().then(
        () => true,
        () => false,
      ),
    );
    const { raw } = await bookings.describe();
    expect(raw.workflowExecutionInfo?.versioningInfo?.versioningOverride?.autoUpgrade).toBe(true);
    await bookings.terminate('the test is over');
    await booked;
  });

  it('the poller of an account goes on with whichever build is current', async () => {
    await pollerPort(env.client, env.taskQueue, { versioned: true }).ensure('fake', 'default');
    const poller = env.client.workflow.getHandle(pollerIdOf(env.taskQueue, 'fake', 'default'));
    const { raw } = await poller.describe();
    expect(raw.workflowExecutionInfo?.versioningInfo?.versioningOverride?.autoUpgrade).toBe(true);
    await poller.terminate('the test is over');
  });
});

/** VERSION_DRAINAGE_STATUS_DRAINING: pinned runs are under way there. */
const draining = 1;
