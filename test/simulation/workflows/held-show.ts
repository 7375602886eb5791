import { RefusedError } from '../../../client/errors.ts';
import type { Accepted } from '../../../domain/actions.ts';
import type { Phase, RunningPhase } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { fakeVod } from '../../support/fake-vod.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestWorker } from '../environment-types.ts';

export const operatorActions = [
  'stop',
  'stop-discard',
  'extend',
  'reschedule',
  'skipWait',
  'resetEncoder',
  'abandonCleanup',
  'retryVod',
  'cancel',
] as const;
export type OperatorAction = (typeof operatorActions)[number];

/** What came of an action; a cancellation is never refused by the run. */
export interface Outcome {
  action: OperatorAction;
  accepted: boolean;
  answer: string;
}

const by = { by: 'tester', reason: 'the test says so' };
const second = 1000;
const at = (ms: number) => new Date(Date.now() + ms).toISOString();
const holds = {
  allocating: 'allocate',
  starting: 'start',
  'creating-output': 'createOutput',
  stopping: 'stop',
  'cleaning-up': 'cleanUp',
} as const;
const forEver = 1_000_000;

/** A show that stays in a phase until the vendor recovers, or for half a minute. */
export async function holdShow(phase: RunningPhase) {
  const env = await testEnvironment();
  const vendor = new FakeVendor();
  const activities = activitiesOn(vendor, {
    timeScale: 0.2,
  });
  const isOver = ['stopping', 'publishing-vod', 'cleaning-up'].includes(phase);
  const plan = planFor({
    ...(phase === 'scheduled' && { startsAt: at(30 * second) }),
    duration: isOver ? '10s' : '30s',
    waits: { firstConnect: isOver ? '10s' : '30s', encoderLost: isOver ? '10s' : '30s', maxDuration: '90s' },
  });
  const held = phase in holds ? holds[phase as keyof typeof holds] : undefined;
  if (held) vendor.fail(held, 'not-yet', forEver);
  if (phase === 'publishing-vod') vendor.vod = () => undefined;
  await env.work(activities, { only: 'activities' });
  let workflows: TestWorker = await env.work(activities, { only: 'workflows' });
  await env.showcaller.start(plan);
  const name = `sc-${plan.eventId}`;
  const handle = env.client.workflow.getHandle(`live-event/${plan.eventId}`);
  const status = () => handle.query<EventStatus>('status');
  const reaches = (wanted: Phase) =>
    until(async () => {
      const now = await status().catch(() => undefined);
      return now?.phase === wanted && now.entered[wanted] !== undefined && now;
    });
  if (isOver || phase === 'live' || phase === 'encoder-lost') {
    await reaches('waiting-for-encoder');
    vendor.connect(name);
    await reaches('live');
  }
  if (phase === 'encoder-lost') vendor.disconnect(name);
  await reaches(phase);

  const updates: Record<Exclude<OperatorAction, 'cancel'>, readonly [string, object]> = {
    stop: ['stopNow', by],
    'stop-discard': ['stopNow', { ...by, keepRecording: false }],
    extend: ['extend', { ...by, endsAt: at((phase === 'scheduled' ? 80 : 50) * second) }],
    reschedule: ['reschedule', { ...by, startsAt: at(60 * second), endsAt: at(90 * second) }],
    skipWait: ['skipWait', by],
    resetEncoder: ['resetEncoder', by],
    abandonCleanup: ['abandonCleanup', by],
    retryVod: ['retryVod', by],
  };
  const act = async (action: OperatorAction): Promise<Outcome> => {
    try {
      if (action === 'cancel') {
        const { effect } = await env.showcaller.cancel(plan.eventId);
        return { action, accepted: true, answer: effect };
      }
      const [update, argument] = updates[action];
      const { effect } = await handle.executeUpdate<Accepted, [object]>(update, { args: [argument] });
      return { action, accepted: true, answer: effect };
    } catch (error) {
      const { message, cause } = error as Error;
      if (error instanceof RefusedError) return { action, accepted: false, answer: message };
      return { action, accepted: false, answer: cause instanceof Error ? cause.message : message };
    }
  };
  return {
    vendor,
    name,
    updates,
    act,
    status,
    startsAt: (await status()).startsAt,
    /** Sends actions one after the other; the run hears of all of them in one workflow task. */
    async actInOneTask(actions: readonly OperatorAction[]): Promise<Promise<Outcome>[]> {
      await workflows.stop();
      const outcomes: Promise<Outcome>[] = [];
      for (const action of actions) {
        outcomes.push(act(action));
        // A cancellation is described before it is sent.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      workflows = await env.work(activities, { only: 'workflows' });
      return outcomes;
    },
    recover() {
      vendor.recover();
      vendor.vod = (windows) => [fakeVod(windows)];
    },
    /** The report, however the run ends; undefined when it has not ended within so many milliseconds. */
    async ends(withinMs: number): Promise<EventStatus | undefined> {
      const over = handle.result().then(
        () => true,
        () => true,
      );
      const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), withinMs));
      return (await Promise.race([over, late])) ? status() : undefined;
    },
    async close() {
      // A run that goes on would go on in every later test.
      await handle.terminate('the test is over').catch(() => {});
      await env.close();
    },
  };
}

export type HeldShow = Awaited<ReturnType<typeof holdShow>>;
