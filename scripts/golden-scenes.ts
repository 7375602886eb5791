import { setTimeout as pause } from 'node:timers/promises';
import type { ShowcallerClient } from '../client/client.ts';
import { isOver, type Phase } from '../domain/phases.ts';
import type { Plan } from '../domain/plan.ts';
import type { WarningName } from '../domain/webhooks/webhook.ts';
import type { FakeVendor } from '../test/support/fake-driver.ts';

const by = { by: 'recorder', reason: 'for the record' };
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** A run under way and its vendor, who does what the scene asks. */
export interface GoldenRun {
  eventId: string;
  client: ShowcallerClient;
  vendor: FakeVendor;
  connect(): void;
  disconnect(): void;
  reaches(...phases: Phase[]): Promise<void>;
  warns(warning: WarningName): Promise<void>;
}

export interface Scene {
  plan?: Partial<Plan>;
  /** What the vendor does not do as it should. */
  before?(vendor: FakeVendor): void;
  /** The event has a subscriber; the workflow that delivers its webhooks is recorded too. */
  hasSubscriber?: true;
  /** The event books; the workflow that keeps the bookings is recorded too. */
  books?: true;
  perform(run: GoldenRun): Promise<unknown>;
}

async function goLive(run: GoldenRun): Promise<void> {
  await run.reaches('waiting-for-encoder');
  run.connect();
  await run.reaches('live');
}

/** The file's name says why the run ended, or what was special about it. */
export const scenes: Record<string, Scene> = {
  happy: { perform: goLive },
  'happy-released-while-publishing': { plan: { vendor: 'azure-media-services' }, perform: goLive },
  booked: { plan: { tenant: 'acme', uses: ['studio-a'] }, books: true, perform: goLive },
  told: {
    plan: { duration: '8s', waits: { firstConnect: '6s', encoderLost: '30s' } },
    hasSubscriber: true,
    async perform(run) {
      // Half of the wait is over before the encoder comes.
      await run.warns('encoder-missing');
      await goLive(run);
      run.disconnect();
      await run.reaches('encoder-lost');
      run.connect();
      await run.reaches('live');
    },
  },
  'scheduled-and-rescheduled': {
    plan: { startsAt: '2099-01-01T00:00:00Z', duration: '10m' },
    async perform(run) {
      await run.reaches('scheduled');
      const times = { startsAt: inMs(1500), endsAt: inMs(5000) };
      await run.client.reschedule(run.eventId, { ...by, ...times });
      await goLive(run);
    },
  },
  'cancelled-while-allocating': {
    before: (vendor) => vendor.fail('allocate', 'not-yet', 10_000),
    async perform({ client, eventId, vendor }) {
      await until(() => vendor.count('allocate') > 2);
      await client.cancel(eventId);
    },
  },
  'cancelled-while-live': {
    plan: { duration: '60s' },
    async perform(run) {
      await goLive(run);
      await run.client.cancel(run.eventId);
    },
  },
  'handed-over': {
    plan: { duration: '60s' },
    before: (vendor) => vendor.fail('cleanUp', 'unauthorized', 10_000),
    async perform(run) {
      await goLive(run);
      await run.client.stopNow(run.eventId, { ...by, keepRecording: false });
      await run.reaches('cleaning-up');
      await run.client.abandonCleanup(run.eventId, by);
    },
  },
  'allocation-failed': { before: (vendor) => vendor.fail('allocate', 'unauthorized', 10), perform: async () => {} },
  'invalid-plan': { plan: { duration: 'for ever' }, perform: async () => {} },
  'never-connected': { perform: async () => {} },
  'lost-and-back': {
    plan: { duration: '7s', waits: { encoderLost: '30s' } },
    async perform(run) {
      await goLive(run);
      run.disconnect();
      await run.reaches('encoder-lost');
      run.connect();
      await run.reaches('live');
    },
  },
  'encoder-gone': {
    plan: { duration: '60s' },
    async perform(run) {
      await goLive(run);
      run.disconnect();
    },
  },
  extended: {
    async perform(run) {
      await goLive(run);
      await run.client.extend(run.eventId, { ...by, endsAt: inMs(5000) });
    },
  },
  'stopped-by-operator': {
    plan: { duration: '60s' },
    async perform(run) {
      await goLive(run);
      await run.client.resetEncoder(run.eventId, by);
      await run.client.stopNow(run.eventId, by);
    },
  },
  'vod-unproved': {
    plan: { vod: { deadline: '2s' } },
    before: (vendor) => {
      vendor.vod = () => undefined;
    },
    perform: goLive,
  },
};

/** What a scene does not say otherwise. */
export const usual: Plan = {
  vendor: 'alibaba-oss',
  duration: '3s',
  warmUp: '1s',
  startLead: '1s',
  waits: { firstConnect: '2s', encoderLost: '1s' },
};

export function goldenRunOf(client: ShowcallerClient, vendor: FakeVendor, eventId: string): GoldenRun {
  const name = `sc-${eventId}`;
  return {
    eventId,
    client,
    vendor,
    connect: () => vendor.connect(name),
    disconnect: () => vendor.disconnect(name),
    reaches: (...phases) =>
      until(async () => {
        const status = await client.status(eventId).catch(() => undefined);
        // Before its plan is checked a run only looks as if it were scheduled.
        if (status === undefined || status.entered[status.phase] === undefined) return false;
        if (phases.includes(status.phase)) return true;
        if (isOver(status.phase))
          throw new Error(
            `${eventId} ended as ${status.phase} before it was ${phases.join(' or ')}: record it on a machine at rest.`,
          );
        return false;
      }),
    warns: (warning) =>
      until(async () => (await client.status(eventId)).warnings?.some((one) => one.warning === warning) === true),
  };
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await pause(25);
}
