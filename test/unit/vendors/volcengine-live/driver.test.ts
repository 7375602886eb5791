import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Encoder, startEncoder } from '../../../../simulators/kit/encoder.ts';
import { settingsOf } from '../../../../vendors/volcengine-live/options.ts';
import { createSdk } from '../../../../vendors/volcengine-live/sdk.ts';
import { driverContext } from '../../../support/accounts.ts';
import { finish, untilPasses } from '../../../support/until.ts';
import {
  accountOf,
  encoderOn,
  eventOf,
  opened,
  pushUrlOf,
  type Rehearsal,
  rehearse,
  sentTo,
} from './volcengine-live-harness.ts';

let harness: Rehearsal;
const encoders: Encoder[] = [];

beforeEach(async () => {
  harness = await rehearse();
});

afterEach(async () => {
  await Promise.all(encoders.splice(0).map((encoder) => encoder.stop()));
  await harness.sim.close();
});

async function encode(url: string): Promise<Encoder> {
  const encoder = await startEncoder({ url });
  encoders.push(encoder);
  return encoder;
}

it('takes an event from nothing to a recording and back to nothing billed', async () => {
  const { driver, sim } = harness;
  const channel = await finish(() => driver.allocate(eventOf('town-hall')));
  const url = await pushUrlOf(driver, channel);
  await expect(startEncoder({ url })).rejects.toThrow(/forbidden/);

  await finish(() => driver.start(channel));
  const output = await finish(() => driver.createOutput(channel));
  const window = await sentTo(harness, channel);
  const evidence = await finish(() => driver.stop(channel, output));
  expect(evidence.sessions).toHaveLength(1);
  expect(evidence.sessions[0]?.endedAt).toBeGreaterThan(evidence.sessions[0]?.startedAt ?? 0);

  const assets = await finish(() => driver.publishVod(channel, output, [window]));
  expect(assets).toHaveLength(1);
  expect(assets[0]?.covers).toEqual(window);
  expect(assets[0]?.durationMs).toBeGreaterThan(3000);
  const playlist = await driver.fetchVod(assets[0]?.url ?? '');
  const text = Buffer.from(playlist.body).toString();
  expect(playlist.status).toBe(200);
  expect(text).toContain('#EXT-X-ENDLIST');
  const segment = /^[^#].*\.ts$/m.exec(text)?.[0] ?? '';
  const piece = await driver.fetchVod(new URL(segment, assets[0]?.url).href, { start: 0, end: 187 });
  expect([piece.status, piece.body.length, piece.body[0]]).toEqual([206, 188, 0x47]);
  expect(piece.totalBytes).toBeGreaterThan(188);

  await finish(() => driver.cleanUp(channel.ref));
  expect(sim.resources().filter((resource) => resource.billed)).toEqual([]);
  expect((await driver.owned()).items).toEqual([]);
  await expect(startEncoder({ url })).rejects.toThrow(/forbidden/);
});

it('waits for the recording while it may still come, then says that there is none', async () => {
  const { driverWith } = harness;
  const graceful = driverWith({ recordGraceMs: '600000' });
  const channel = await opened(graceful, eventOf('silence'));
  const window = { from: Date.now() - 5000, to: Date.now() - 1000 };
  const waiting = await finish(() => graceful.createOutput(channel));
  expect(await graceful.publishVod(channel, waiting, [window])).toMatchObject({ done: false });
  const hasty = driverWith({ recordGraceMs: '1' });
  const over = await finish(() => hasty.createOutput(channel));
  expect(await hasty.publishVod(channel, over, [window])).toEqual({ done: true, value: [] });
  expect(await graceful.publishVod(channel, waiting, [])).toEqual({ done: true, value: [] });
});

it('says since when an encoder sends, and distinguishes its next session from this one', async () => {
  const { driver } = harness;
  const channel = await opened(driver, eventOf('sessions'));
  expect(await driver.observe(channel)).toEqual({ encoder: 'absent', vendorState: 'offline' });
  const before = Date.now();
  const first = await encode(await pushUrlOf(driver, channel));
  const seen = await driver.observe(channel);
  expect(seen).toMatchObject({ encoder: 'connected', vendorState: 'online', evidence: { source: 'push' } });
  expect(seen?.since).toBeGreaterThanOrEqual(before - 1);
  await first.drop();
  await untilPasses(async () => expect(await encoderOn(harness, channel)).toBe('absent'));
  await encode(await pushUrlOf(driver, channel));
  const again = await driver.observe(channel);
  expect(again?.session).not.toBe(seen?.session);
});

it('lists what is sent in one call', async () => {
  const { driver, kit } = harness;
  const names = ['one', 'two', 'three'];
  const channels = await Promise.all(names.map((name) => opened(driver, eventOf(name))));
  const sending = channels[1];
  if (!sending) throw new Error('unreachable');
  await encode(await pushUrlOf(driver, sending));
  kit.log.clear();
  expect(await driver.listLive?.()).toMatchObject([
    { channel: sending.ref.name, observation: { encoder: 'connected' } },
  ]);
  expect(kit.log.entries().map(({ operation }) => operation)).toEqual(['DescribeLiveStreamInfoByPage']);
});

it('resets by cutting the connection and letting the encoder come back', async () => {
  const { driver } = harness;
  const channel = await opened(driver, eventOf('reset'));
  await finish(() => driver.reset(channel));
  const url = await pushUrlOf(driver, channel);
  const first = await encode(url);
  await finish(() => driver.reset(channel));
  expect((await first.done).reason).toBe('closed');
  await encode(url);
  expect(await encoderOn(harness, channel)).toBe('connected');
});

it('stops by blocking ingest before it drops the encoder, and keeps it out', async () => {
  const { driver, kit } = harness;
  const channel = await opened(driver, eventOf('stop'));
  const url = await pushUrlOf(driver, channel);
  const encoder = await encode(url);
  kit.log.clear();
  await finish(() => driver.stop(channel));
  expect((await encoder.done).reason).toBe('closed');
  const calls = kit.log.entries().map(({ operation }) => operation);
  expect(calls.indexOf('ForbidStream')).toBeGreaterThanOrEqual(0);
  expect(calls.indexOf('ForbidStream')).toBeLessThan(calls.indexOf('KillStream'));
  await expect(startEncoder({ url })).rejects.toThrow(/forbidden/);
  expect((await driver.owned()).items).toEqual([channel.ref]);
});

it('cleans up from the reference alone, with an encoder still sending', async () => {
  const { driver, sim } = harness;
  const channel = await opened(driver, eventOf('abandoned'));
  const encoder = await encode(await pushUrlOf(driver, channel));
  const [ref] = (await driver.owned()).items;
  expect(ref).toEqual(channel.ref);
  if (ref) await finish(() => driver.cleanUp(ref));
  expect((await encoder.done).reason).toBe('closed');
  expect(sim.resources().filter((resource) => resource.billed)).toEqual([]);
  expect((await driver.owned()).items).toEqual([]);
});

it('can be cleaned up and stopped when nothing was ever made', async () => {
  const { driver } = harness;
  const event = eventOf('never');
  await finish(() => driver.cleanUp(driver.refOf(event)));
  await finish(() => driver.cleanUp(driver.refOf(event)));
  expect((await driver.owned()).items).toEqual([]);
  const channel = await finish(() => driver.allocate(eventOf('other')));
  await finish(() => driver.cleanUp(channel.ref));
  expect(await finish(() => driver.stop(channel))).toEqual({ sessions: [] });
});

it('does not open a stream again that a clean-up has released, until it is allocated anew', async () => {
  const { driver } = harness;
  const event = eventOf('late-start');
  const channel = await finish(() => driver.allocate(event));
  await finish(() => driver.cleanUp(channel.ref));
  await expect(driver.start(channel)).rejects.toMatchObject({ facts: { kind: 'not-found' } });
  await finish(() => driver.allocate(event));
  await finish(() => driver.start(channel));
  await encode(await pushUrlOf(driver, channel));
});

it('leaves the stream resumed where the account says so', async () => {
  const { driverWith, sim } = harness;
  const driver = driverWith({ afterwards: 'resumed' });
  const channel = await opened(driver, eventOf('open-end'));
  await encode(await pushUrlOf(driver, channel));
  await finish(() => driver.cleanUp(channel.ref));
  const forbids = () => harness.kit.log.entries({ operation: 'ForbidStream' }).length;
  const before = forbids();
  await finish(() => driver.cleanUp(channel.ref));
  expect(forbids()).toBe(before);
  expect(sim.resources().filter(({ kind }) => kind === 'stream')).toEqual([]);
});

it('hands out a push URL that ends with the event and works in two fields', async () => {
  const { driver } = harness;
  const event = eventOf('ingest');
  const channel = await opened(driver, event);
  const [endpoint] = await driver.ingest(channel);
  expect(endpoint?.protocol).toBe('rtmp');
  expect(`${endpoint?.server}/${endpoint?.streamKey}`).toBe(endpoint?.url);
  expect(endpoint?.expiresAt).toBe(Math.ceil(event.hardEndsAt / 1000) * 1000);
  expect(JSON.stringify(channel)).not.toContain('volcSecret');
});

/** A read on a connection that was kept open, and which the other side closed. */
const askedAgainAtOnce = (operation: string, kind: string): boolean =>
  operation.startsWith('Describe') && (kind === 'reset' || kind === 'lose-response');

for (const operation of ['ForbidStream', 'DescribeLiveStreamState']) {
  for (const kind of ['lose-response', 'throttle', 'unavailable', 'reset'] as const) {
    it(`allocates one stream although ${operation} met ${kind} once`, async () => {
      const { driver, sim, kit } = harness;
      kit.faults.add('volcengine-live', { operation, kind });
      const event = eventOf('bumpy');
      const first = driver.allocate(event);
      if (askedAgainAtOnce(operation, kind)) await first;
      else
        await expect(first).rejects.toMatchObject({
          facts: { kind: kind === 'throttle' ? 'throttled' : 'unavailable', operation },
        });
      const channel = await finish(() => driver.allocate(event));
      expect((await driver.owned()).items).toEqual([channel.ref]);
      expect(sim.made().stream).toBe(1);
    });
  }
}

it('comes to the same state when every step runs twice at once', async () => {
  const { driver, sim } = harness;
  const event = eventOf('twice');
  const twice = <T>(step: () => Promise<T>) => Promise.all([step(), step()]);
  const [channel, same] = await twice(() => finish(() => driver.allocate(event)));
  expect(same).toEqual(channel);
  await twice(() => finish(() => driver.start(channel)));
  const encoder = await encode(await pushUrlOf(driver, channel));
  await twice(() => finish(() => driver.stop(channel)));
  expect((await encoder.done).reason).toBe('closed');
  await twice(() => finish(() => driver.cleanUp(channel.ref)));
  expect(sim.made().stream).toBe(1);
  expect((await driver.owned()).items).toEqual([]);
});

it('touches nothing that is owned by another workflow', async () => {
  const { driver, kit } = harness;
  const event = eventOf('ours');
  const channel = await opened(driver, event);
  await encode(await pushUrlOf(driver, channel));
  const stolen = { ...channel, ref: { ...channel.ref, workflowId: 'live-event/theirs' } };
  kit.log.clear();
  for (const refused of [
    driver.stop(stolen),
    driver.cleanUp(stolen.ref),
    driver.start(stolen),
    driver.reset(stolen),
    driver.allocate({ ...event, workflowId: 'live-event/theirs' }),
  ])
    await expect(refused).rejects.toMatchObject({
      facts: { kind: 'conflict', advice: expect.stringContaining('live-event/ours') },
    });
  expect(kit.log.entries()).toEqual([]);
  expect(await encoderOn(harness, channel)).toBe('connected');
});

it('does not take a foreign stream with a similar name for ours', async () => {
  const { driver, sim } = harness;
  await createSdk(settingsOf(accountOf(sim)), driverContext).forbid(
    'sc-someone-else',
    new Date(Date.now() + 3_600_000).toISOString(),
  );
  expect((await driver.owned()).items).toEqual([]);
});

it('says when an address ends, also where the vendor gave it a shorter life than was asked for', async () => {
  const channel = await opened(harness.driver, eventOf('short-address'));
  const endsAt = Math.floor(Date.now() / 1000) + 600;
  harness.kit.replace = async ({ operation }, serve) => {
    const answer = await serve();
    if (operation !== 'GeneratePushURL') return answer;
    return { ...answer, body: String(answer.body).replace(/volcTime=\d+/g, `volcTime=${endsAt}`) };
  };
  const endpoints = await harness.driver.ingest(channel);
  expect(endpoints.map(({ expiresAt }) => expiresAt)).toEqual(endpoints.map(() => endsAt * 1000));
  expect(endpoints).not.toEqual([]);
});
