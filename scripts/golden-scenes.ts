import { setTimeout as pause } from 'node:timers/promises';
import type { ShowcallerClient } from '../client/client.ts';
import { isOver, type Phase } from '../domain/phases.ts';
import type { LegStart, Plan } from '../domain/plan.ts';
import { type WarningName, type WebhookType, webhookTypes } from '../domain/webhooks/webhook.ts';
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
  /** One leg of several. */
  leg(name: string): Omit<GoldenRun, 'leg'>;
  warns(warning: WarningName): Promise<void>;
}

export interface Scene {
  plan?: Partial<Plan>;
  /** What the vendor does not do as it should. */
  before?(vendor: FakeVendor): void;
  /** What the event's subscriber wants; the workflow that delivers it is recorded too. Default: it has none. */
  subscribes?: readonly WebhookType[];
  /** The names of its legs, whose runs are recorded too: each on the vendor of the scene. */
  legs?: readonly string[];
  /** The event books; the workflow that keeps the bookings is recorded too. */
  books?: true;
  perform(run: GoldenRun): Promise<unknown>;
}

async function goLive(run: Omit<GoldenRun, 'leg'>): Promise<void> {
  await run.reaches('waiting-for-encoder');
  run.connect();
  await run.reaches('live');
}

/** What a scene does not say otherwise. */
const usual = {
  vendor: 'alibaba-oss',
  duration: '3s',
  warmUp: '1s',
  startLead: '1s',
  waits: { firstConnect: '2s', encoderLost: '1s' },
};

/** The plan of a scene, past the client's check, so that a mistaken plan has a history too. */
export const planOf = ({ plan, legs }: Scene, eventId: string): Plan => ({ ...(!legs && usual), ...plan, eventId });

/** Two legs at one vendor. */
function planOfLegs(start: LegStart, plan: Partial<Plan>): Partial<Plan> {
  const { vendor, ...rest } = usual;
  const on = { vendor, account: 'default' };
  const legs = [
    { name: 'main', ...on },
    { name: 'backup', ...on, start },
  ];
  return { ...rest, waits: { firstConnect: '30s', encoderLost: '30s' }, failover: { dark: '30s' }, ...plan, legs };
}

/** Two legs that are planned for a far day, moved to start soon. */
async function moveToNow({ leg, client, eventId }: GoldenRun, startsInMs: number): Promise<void> {
  await leg('main').reaches('scheduled');
  await leg('backup').reaches('scheduled');
  await client.reschedule(eventId, { ...by, startsAt: inMs(startsInMs), endsAt: inMs(60_000) });
}

/** The file's name says why the run ended, or what was special about it. */
export const scenes: Record<string, Scene> = {
  happy: { perform: goLive },
  'happy-without-a-marker': { perform: goLive },
  'happy-released-while-publishing': { plan: { vendor: 'azure-media-services' }, perform: goLive },
  booked: { plan: { tenant: 'acme', uses: ['studio-a'] }, books: true, perform: goLive },
  told: {
    plan: { duration: '8s', waits: { firstConnect: '6s', encoderLost: '30s' } },
    subscribes: webhookTypes,
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
  'told-without-the-end': { subscribes: webhookTypes.filter((type) => type !== 'ended'), perform: goLive },
  /** The vendor does not answer while its encoder is lost: the show goes on to its end. */
  'lost-unseen': {
    plan: { duration: '20s' },
    async perform(run) {
      await goLive(run);
      run.disconnect();
      await run.reaches('encoder-lost');
      run.vendor.fail('observe', 'unavailable', 1_000_000);
      await run.warns('encoder-unseen');
    },
  },
  /** The vendor's sessions show what no look saw. */
  'came-and-left-unseen': {
    async perform(run) {
      await run.reaches('waiting-for-encoder');
      run.vendor.fail('observe', 'unavailable', 1_000_000);
      run.connect();
      await pause(500);
      run.disconnect();
      run.vendor.recover();
    },
  },
  'skipped-unseen': {
    async perform(run) {
      await run.reaches('waiting-for-encoder');
      await run.client.skipWait(run.eventId, by);
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
  // The attempt that a move of the end broke off may have made a channel.
  'allocation-failed-after-a-move': {
    plan: { duration: '60s' },
    before: (vendor) => vendor.fail('allocate', 'not-yet', 10_000),
    async perform({ client, eventId, vendor }) {
      await until(() => vendor.count('allocate') > 2);
      await client.extend(eventId, { ...by, endsAt: inMs(90_000) });
      vendor.recover();
      vendor.fail('allocate', 'unauthorized', 10);
    },
  },
  'invalid-plan': { plan: { duration: 'for ever' }, perform: async () => {} },
  /** It looked for what an earlier run left; runs of before said that nothing was. */
  'invalid-plan-looked-back': { plan: { duration: 'for ever' }, perform: async () => {} },
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
  // A switch to a leg that is held back; the event ends as the leg that is on air then.
  'legs-switched': {
    plan: planOfLegs('on-failure', { duration: '12s' }),
    legs: ['main', 'backup'],
    async perform({ leg, client, eventId }) {
      await goLive(leg('main'));
      await client.switchLeg(eventId, { ...by, leg: 'backup' });
      await goLive(leg('backup'));
    },
  },
  'legs-moved': {
    plan: planOfLegs('with-event', { startsAt: '2099-01-01T00:00:00Z', duration: '10m' }),
    legs: ['main', 'backup'],
    async perform(run) {
      const { leg, client, eventId, vendor } = run;
      await moveToNow(run, 2500);
      await goLive(leg('main'));
      await goLive(leg('backup'));
      vendor.fail('stop', 'not-yet', 10_000);
      await client.stopNow(eventId, { ...by, leg: 'main' });
      await leg('main').reaches('stopping');
      await client.extend(eventId, { ...by, endsAt: inMs(90_000) });
      vendor.recover();
      await client.stopNow(eventId, by);
    },
  },
  // Before the show begins, viewers stay on the leg that an operator chose.
  'legs-switched-before-start': {
    plan: planOfLegs('with-event', {
      startsAt: '2099-01-01T00:00:00Z',
      duration: '10m',
      warmUp: '6s',
      startLead: '5s',
    }),
    legs: ['main', 'backup'],
    async perform(run) {
      const { leg, client, eventId, reaches } = run;
      await moveToNow(run, 8_000);
      await goLive(leg('main'));
      await goLive(leg('backup'));
      await client.switchLeg(eventId, { ...by, leg: 'backup' });
      await reaches('live');
      await client.stopNow(eventId, by);
    },
  },
  'legs-one-moved': {
    plan: planOfLegs('with-event', { startsAt: '2099-01-01T00:00:00Z', duration: '10m' }),
    legs: ['main', 'backup'],
    async perform(run) {
      const { leg, client, eventId } = run;
      await moveToNow(run, 2_500);
      await client.reschedule(eventId, { ...by, startsAt: inMs(6_000), endsAt: inMs(60_000), leg: 'main' });
      await goLive(leg('backup'));
      await goLive(leg('main'));
      await client.stopNow(eventId, by);
    },
  },
  // Refused before any leg begins: only the event itself says so.
  'legs-over-budget': {
    plan: planOfLegs('with-event', { tenant: 'acme', duration: '40m' }),
    legs: [],
    subscribes: webhookTypes,
    books: true,
    perform: async () => {},
  },
  'vod-unproved': {
    plan: { vod: { deadline: '2s' } },
    before: (vendor) => {
      vendor.vod = () => undefined;
    },
    perform: goLive,
  },
};

export function goldenRunOf(client: ShowcallerClient, vendor: FakeVendor, eventId: string): GoldenRun {
  return { ...runOf(client, vendor, eventId), leg: (name) => runOf(client, vendor, `${eventId}@${name}`) };
}

function runOf(client: ShowcallerClient, vendor: FakeVendor, eventId: string): Omit<GoldenRun, 'leg'> {
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
