import { describe, expect, it } from 'vitest';
import {
  type DeliveryOptions,
  deliveryTo,
  type VendorEventDelivery,
} from '../../../../client/vendor-events/deliver.ts';
import type { VendorEventMessage } from '../../../../domain/vendor-events/inbound.ts';
import type { VendorEvent } from '../../../../domain/vendor-events/vendor-event.ts';

const vendor = 'azure-media-services';
const start = Date.parse('2026-11-20T18:00:00Z');

let made = 0;
function vendorEvent(overrides: Partial<VendorEvent> = {}): VendorEvent {
  made += 1;
  return { id: `h-${made}`, source: 'topic', type: 'EncoderConnected', at: start, facts: {}, ...overrides };
}
const on = (channel: string, overrides: Partial<VendorEvent> = {}): VendorEventMessage => ({
  channel,
  vendorEvent: vendorEvent(overrides),
});
const beat = (says: string, at: number): VendorEventMessage => ({
  channel: 'sc-a',
  vendorEvent: vendorEvent({ at, evidenceOnly: true }),
  report: { of: 'heartbeat video', says },
});

/** Delivery to runs in memory, with a clock that moves when the delivery waits. */
class World {
  now = start;
  /** Channel → workflow id, of what runs. */
  readonly running = new Map<string, string>();
  readonly signals: { workflowId: string; events: readonly VendorEvent[]; at: number; dropped: number }[] = [];
  looked: string[][] = [];
  down = false;
  readonly delivery: VendorEventDelivery;

  constructor(options: DeliveryOptions = {}) {
    const up = () => {
      if (this.down) throw new Error('Temporal is away');
    };
    const runs = {
      find: async (_vendor: string, account: string | undefined, channels: readonly string[]) => {
        up();
        this.looked.push([...channels]);
        const found = new Map<string, string[]>();
        for (const channel of channels) {
          const workflowId = this.running.get(account === undefined ? channel : `${account}/${channel}`);
          if (workflowId !== undefined) found.set(channel, [workflowId]);
        }
        return found;
      },
      signal: async (workflowId: string, events: readonly VendorEvent[], dropped: number) => {
        up();
        if (![...this.running.values()].includes(workflowId)) return false;
        this.signals.push({ workflowId, events, at: this.now, dropped });
        return true;
      },
    };
    const wait = async (ms: number) => {
      this.now += ms;
    };
    this.delivery = deliveryTo(runs, { now: () => this.now, wait, ...options });
  }

  pass = (...messages: VendorEventMessage[]) => this.delivery.deliver(vendor, messages);
}

function worldWithA(options?: DeliveryOptions): World {
  const world = new World(options);
  world.running.set('sc-a', 'live-event/a');
  return world;
}

describe('delivery of a vendor event to its run', () => {
  it('is one signal for all that came together, and counts the outcome of each', async () => {
    const world = worldWithA();
    const passed = await world.pass(on('sc-a'), on('sc-b'), on('sc-a'), on("sc-a' OR '1'='1"));
    expect(passed).toEqual({ delivered: 2, known: 0, unknown: 2, malformed: 0, dropped: 0, notLookedUp: 0 });
    expect(world.signals.map(({ workflowId, events }) => [workflowId, events.length])).toEqual([['live-event/a', 2]]);
    // What is no key of a channel does not even reach a query.
    expect(world.looked).toEqual([['sc-a', 'sc-b']]);
  });

  it('is for the run of its account, where two accounts have a channel of one name', async () => {
    const world = new World();
    world.running.set('east/sc-a', 'live-event/a');
    world.running.set('west/sc-a', 'live-event/b');
    const from = (account: string) => ({ ...on('sc-a'), account });
    expect(await world.pass(from('east'), from('west'), from('east'), from('north'))).toMatchObject({
      delivered: 3,
      unknown: 1,
    });
    expect(world.signals.map(({ workflowId, events }) => [workflowId, events.length])).toEqual([
      ['live-event/a', 2],
      ['live-event/b', 1],
    ]);
  });

  it('keeps a distance between signals: what comes in between goes together, and its senders wait for it', async () => {
    const world = worldWithA({ spacingMs: 2000 });
    await world.pass(on('sc-a'));
    await Promise.all([world.pass(on('sc-a')), world.pass(on('sc-a')), world.pass(on('sc-a'))]);
    expect(world.signals.map(({ events, at }) => [events.length, at - start])).toEqual([
      [1, 0],
      [3, 2000],
    ]);
  });

  it('recognises a second delivery, and signals no run', async () => {
    const world = worldWithA();
    const message = on('sc-a');
    await world.pass(message);
    expect(await world.pass(message)).toMatchObject({ delivered: 0, known: 1 });
    expect(world.signals).toHaveLength(1);
  });

  it('passes a report on only when it says something else, whatever their order', async () => {
    const world = worldWithA();
    world.now = start + 20_000_000;
    await world.pass(beat('healthy', start));
    for (let n = 1; n <= 100; n += 1) await world.pass(beat('healthy', start + n * 20_000));
    expect(world.signals).toHaveLength(1);
    await world.pass(beat('silent', start + 10_000_000));
    await world.pass(beat('healthy', start + 9_000_000));
    expect(world.signals).toHaveLength(2);
    await world.pass(beat('healthy', start + 11_000_000));
    expect(world.signals).toHaveLength(3);
  });

  it('has a budget for each event, half of it kept for what is a reason to look; the rest goes with a later signal', async () => {
    const world = worldWithA({ spacingMs: 0, burst: 10, refillMs: 60_000 });
    for (let n = 0; n < 500; n += 1) await world.pass(on('sc-a', { evidenceOnly: true }));
    expect(world.signals).toHaveLength(5);
    for (let n = 0; n < 500; n += 1) await world.pass(on('sc-a'));
    expect(world.signals).toHaveLength(10);
    expect(Math.max(...world.signals.map(({ events }) => events.length))).toBe(50);
    world.now += 60_000;
    await world.pass(on('sc-a'));
    expect(world.signals).toHaveLength(11);
  });

  it('asks Temporal once for a channel of no event, however often it is named', async () => {
    const world = new World({ unknownMs: 5000 });
    for (let n = 0; n < 100; n += 1) expect(await world.pass(on('sc-foreign'))).toMatchObject({ unknown: 1 });
    expect(world.looked).toHaveLength(1);
    world.now += 5000;
    world.running.set('sc-foreign', 'live-event/late');
    expect(await world.pass(on('sc-foreign'))).toMatchObject({ delivered: 1 });
  });

  it('looks a run up once and not for every vendor event, and again when it is over', async () => {
    const world = worldWithA();
    await world.pass(on('sc-a'));
    await world.pass(on('sc-a'));
    expect(world.looked).toHaveLength(1);
    world.running.clear();
    expect(await world.pass(on('sc-a'))).toMatchObject({ delivered: 0, unknown: 1 });
    world.running.set('sc-a', 'live-event/again');
    expect(await world.pass(on('sc-a'))).toMatchObject({ delivered: 1 });
    expect(world.signals.at(-1)?.workflowId).toBe('live-event/again');
  });

  it('rejects while Temporal is away, and then takes the same message as news', async () => {
    const world = worldWithA();
    await world.pass(on('sc-a'));
    world.down = true;
    const message = on('sc-a');
    await expect(world.pass(message)).rejects.toThrow('Temporal is away');
    await expect(new World().pass(message)).resolves.toMatchObject({ unknown: 1 });
    world.down = false;
    expect(await world.pass(message)).toMatchObject({ delivered: 1 });
  });

  it('looks up so many channels of a request and no more, and says how many events it left out', async () => {
    const world = worldWithA();
    await world.pass(on('sc-a'));
    world.looked = [];
    const many = Array.from({ length: 5000 }, (_, n) => on(`sc-foreign-${n}`));
    const passed = await world.pass(...many, on('sc-foreign-4999'), on('sc-a'));
    // What was found before is delivered wherever it stands.
    expect(passed).toEqual({ delivered: 1, known: 0, unknown: 200, malformed: 0, dropped: 0, notLookedUp: 4801 });
    expect(world.looked.map(({ length }) => length)).toEqual([50, 50, 50, 50]);
    const ofAccounts = many.map((message, n) => ({ ...message, account: `account-${n}` }));
    world.looked = [];
    expect(await world.pass(...ofAccounts)).toMatchObject({ notLookedUp: 4996 });
    expect(world.looked).toHaveLength(4);
  });

  it('says how many events newer ones pushed out, to the sender and to the run', async () => {
    const world = worldWithA({ spacingMs: 0, burst: 1, refillMs: 60_000 });
    const batch = Array.from({ length: 120 }, () => on('sc-a'));
    expect(await world.pass(...batch)).toMatchObject({ delivered: 50, dropped: 70 });
    expect(world.signals.map(({ events, dropped }) => [events.length, dropped])).toEqual([[50, 70]]);
    // The budget is spent: these wait, and the first of them has no room when the last comes.
    for (let n = 0; n < 50; n += 1) expect(await world.pass(on('sc-a'))).toMatchObject({ delivered: 1, dropped: 0 });
    world.now += 60_000;
    expect(await world.pass(on('sc-a'))).toMatchObject({ delivered: 1, dropped: 1 });
    expect(world.signals.at(-1)).toMatchObject({ dropped: 1 });
    world.now += 60_000;
    await world.pass(on('sc-a'));
    expect(world.signals.at(-1)).toMatchObject({ dropped: 0 });
  });

  it('keeps what waits while Temporal is away: its senders heard that it is queued', async () => {
    const world = worldWithA({ spacingMs: 0, burst: 1, refillMs: 60_000 });
    await world.pass(on('sc-a'));
    const queued = on('sc-a');
    await world.pass(queued);
    world.now += 60_000;
    world.down = true;
    const refused = on('sc-a');
    await expect(world.pass(refused)).rejects.toThrow('Temporal is away');
    world.down = false;
    world.now += 60_000;
    expect(await world.pass(refused)).toMatchObject({ delivered: 1, dropped: 0 });
    expect(world.signals.at(-1)?.events.map(({ id }) => id)).toEqual([queued.vendorEvent.id, refused.vendorEvent.id]);
  });

  it('counts what is not a vendor event, and delivers the rest', async () => {
    const world = worldWithA();
    const none = { channel: 'sc-a', vendorEvent: { id: '', at: 'noon' } as unknown as VendorEvent };
    expect(await world.pass(none, on('sc-a'))).toMatchObject({ malformed: 1, delivered: 1 });
    expect(await world.pass(on('sc-a'))).toMatchObject({ delivered: 1 });
    expect(await world.pass(on('sc-nobody'))).toMatchObject({ delivered: 0 });
  });
});
