import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../../domain/channel.ts';
import type { VendorError } from '../../../../domain/errors.ts';
import { openHarness, refOf, seen, specOf, vendor } from '../../../support/azure-media-services-harness.ts';
import { finish } from '../../../support/until.ts';
import { billed, encoderOf, kindsLeft, onAir, pushTo, recorded, refusalOf } from './azure-driver-harness.ts';

describe('a show on the service', () => {
  it('goes from nothing to a readable recording and back to nothing billed', async () => {
    const w = await openHarness();
    const driver = w.driver();
    const channel = await finish(() => driver.allocate(specOf('gala')));
    expect(billed(w)).toEqual([]);
    await finish(() => driver.start(channel));
    const output = await finish(() => driver.createOutput(channel));
    expect(await encoderOf(driver, channel)).toBe('absent');

    const encoder = await pushTo(driver, channel);
    const observation = await seen(
      async () => await driver.observe(channel),
      (one) => one?.encoder === 'connected',
    );
    expect(observation?.vendorState).toBe('Running');
    expect(observation?.session).toBe(new Date(observation?.since ?? 0).toISOString());
    await recorded(w, 'sc-gala_1');

    const evidence = await finish(() => driver.stop(channel, output));
    expect((await encoder.done).reason).toBe('closed');
    expect(evidence.sessions).toHaveLength(1);
    expect(evidence.sessions[0]?.startedAt).toBe(observation?.since);
    expect(evidence.sessions[0]?.endedAt).toBeGreaterThan(observation?.since ?? 0);
    expect(billed(w)).toEqual([]);

    await finish(() => driver.cleanUp(channel.ref));
    expect(kindsLeft(w)).toEqual(['asset', 'streamingEndpoint', 'streamingLocator']);

    const windows = [{ from: observation?.since ?? 0, to: Date.now() }];
    const assets = await finish(() => driver.publishVod(channel, output, windows));
    expect(assets).toHaveLength(1);
    const top = await driver.fetchVod(assets[0]?.url ?? '');
    expect(top.status).toBe(200);
    expect(Buffer.from(top.body).toString()).toContain('#EXT-X-STREAM-INF');
    expect(assets[0]?.durationMs).toBeGreaterThan(900);
    expect(assets[0]?.finality).toContain('ENDLIST');
  });

  it('keeps a channel warm, and billed, only when asked to', async () => {
    const w = await openHarness();
    await finish(() => w.driver().allocate(specOf('warm', { standby: true })));
    expect(billed(w)).toMatchObject([{ name: 'sc-warm', state: 'StandBy' }]);
    const channel = await finish(() => w.driver().allocate(specOf('warm', { standby: true })));
    await finish(() => w.driver().start(channel));
    expect(billed(w)).toMatchObject([{ name: 'sc-warm', state: 'Running' }]);
  });

  it('is not begun with options that the vendor does not have', async () => {
    const w = await openHarness();
    const error = await refusalOf(w.driver().allocate(specOf('odd', { options: { encodingType: 'Best' } })));
    expect(error.kind).toBe('invalid-request');
    expect(error.message).toContain('vendorOptions.encodingType');
    expect(w.kit.log.entries()).toEqual([]);
  });

  it('says what it waits for instead of blocking on an operation', async () => {
    const w = await openHarness({ slowness: 1 });
    const driver = w.driver();
    const first = await driver.allocate(specOf('slow'));
    expect(first).toMatchObject({ done: false });
    const channel = await finish(() => driver.allocate(specOf('slow')));
    const starting = await driver.start(channel);
    expect(starting).toMatchObject({ done: false, waitingFor: 'the live event, Starting' });
    await finish(() => driver.start(channel));
    expect(w.kit.log.entries({ operation: 'LiveEvents_AsyncOperation' })).toEqual([]);
    expect(w.kit.log.entries({ operation: 'LiveEvents_Start' })).toHaveLength(1);
  });

  it('restarts the connection on reset and goes on recording in a second asset', async () => {
    const w = await openHarness();
    const driver = w.driver();
    const channel = await onAir(driver, 'shaky');
    const first = await pushTo(driver, channel);
    await seen(
      () => encoderOf(driver, channel),
      (state) => state === 'connected',
    );
    await recorded(w, 'sc-shaky_1');
    await finish(() => driver.reset(channel));
    expect((await first.done).reason).toBe('closed');
    expect(w.kit.log.entries({ operation: 'LiveEvents_Reset' })).toHaveLength(1);

    await pushTo(driver, channel);
    await recorded(w, 'sc-shaky_2');
    const evidence = await finish(() => driver.stop(channel));
    expect(evidence.sessions).toHaveLength(2);
    const windows = evidence.sessions.map(({ startedAt, endedAt }) => ({ from: startedAt, to: endedAt ?? 0 }));
    const assets = await finish(() => driver.publishVod(channel, { details: {} }, windows));
    expect(assets).toHaveLength(2);
  });

  it('does not reset a channel without an encoder', async () => {
    const w = await openHarness();
    const channel = await onAir(w.driver(), 'calm');
    await finish(() => w.driver().reset(channel));
    expect(w.kit.log.entries({ operation: 'LiveEvents_Reset' })).toEqual([]);
  });
});

describe('doing things twice', () => {
  it('makes one of each when every step runs twice at once', async () => {
    const w = await openHarness({ slowness: 0.2 });
    const driver = w.driver();
    const both = async <T>(step: () => Promise<T>): Promise<T> => (await Promise.all([step(), step()]))[0];
    const channel = await both(() => finish(() => driver.allocate(specOf('twin', { standby: true }))));
    await both(() => finish(() => driver.start(channel)));
    await both(() => finish(() => driver.createOutput(channel)));
    expect(w.simulator.made()).toEqual({ liveEvent: 1, liveOutput: 1, asset: 1, streamingLocator: 1 });
    await both(() => finish(() => driver.stop(channel)));
    await both(() => finish(() => driver.cleanUp(channel.ref)));
    expect(kindsLeft(w)).toEqual(['asset', 'streamingEndpoint', 'streamingLocator']);
  });

  it.each([
    'LiveEvents_Create',
    'LiveEvents_Allocate',
    'LiveEvents_Start',
    'Assets_CreateOrUpdate',
    'StreamingLocators_Create',
    'LiveOutputs_Create',
    'LiveOutputs_Delete',
    'LiveEvents_Stop',
    'LiveEvents_Delete',
  ])('converges when the answer to %s is lost', async (operation) => {
    const w = await openHarness();
    const driver = w.driver();
    w.kit.faults.add(vendor, { operation, kind: 'lose-response' });
    const lost: string[] = [];
    const stubborn = <T>(step: () => Promise<T>) =>
      step().catch((error: unknown) => {
        lost.push((error as VendorError).kind);
        return step();
      });
    const channel = await finish(() => stubborn(() => driver.allocate(specOf('lossy', { standby: true }))));
    await finish(() => stubborn(() => driver.start(channel)));
    await finish(() => stubborn(() => driver.createOutput(channel)));
    await finish(() => stubborn(() => driver.stop(channel)));
    await finish(() => stubborn(() => driver.cleanUp(channel.ref)));
    // The locator is looked for again at once; every other loss is an error for the caller.
    expect(lost).toEqual(operation === 'StreamingLocators_Create' ? [] : ['unavailable']);
    expect(w.simulator.made()).toEqual({ liveEvent: 1, liveOutput: 1, asset: 1, streamingLocator: 1 });
    expect(kindsLeft(w)).toEqual(['asset', 'streamingEndpoint', 'streamingLocator']);
  });

  it('cleans up a running, recording channel from its name alone', async () => {
    const w = await openHarness({ slowness: 0.2 });
    const driver = w.driver();
    const channel = await onAir(driver, 'abandoned');
    const encoder = await pushTo(driver, channel);
    await finish(() => driver.cleanUp(refOf('abandoned')));
    expect((await encoder.done).reason).toBe('closed');
    expect(w.simulator.resources().filter((one) => one.kind.startsWith('live'))).toEqual([]);
  });

  it('shows only the recording of this run when the event id had one before', async () => {
    const w = await openHarness();
    const driver = w.driver();
    const earlier = await onAir(driver, 'daily');
    await pushTo(driver, earlier);
    await recorded(w, 'sc-daily_1');
    await finish(() => driver.cleanUp(earlier.ref));

    const channel = await onAir(driver, 'daily');
    expect(w.simulator.made().asset).toBe(2);
    await finish(() => driver.stop(channel));
    expect(await finish(() => driver.publishVod(channel, { details: {} }, []))).toEqual([]);
  });
});

describe('what is not ours', () => {
  const foreign = {
    location: 'westeurope',
    tags: { 'showcaller-workflow': 'live-event/someone-else' },
    properties: { input: { streamingProtocol: 'RTMP' } },
  };

  it('is refused by allocate, with advice, and stays as it is', async () => {
    const w = await openHarness();
    await w.arm('PUT', '/liveEvents/sc-taken?autoStart=true', foreign);
    const error = await refusalOf(w.driver().allocate(specOf('taken')));
    expect(error.kind).toBe('conflict');
    expect(error.facts.advice).toContain('another event id');
    expect(billed(w)).toMatchObject([{ name: 'sc-taken', state: 'Running' }]);
  });

  it('is touched neither by stop nor by clean-up', async () => {
    const w = await openHarness();
    await w.arm('PUT', '/liveEvents/sc-taken?autoStart=true', foreign);
    const channel: Channel = { ref: refOf('taken'), details: {} };
    for (const step of [
      () => w.driver().stop(channel),
      () => w.driver().cleanUp(channel.ref),
      () => w.driver().observe(channel),
    ]) {
      const error = await refusalOf(step());
      expect([error.kind, error.message]).toEqual(['conflict', expect.stringContaining('still billed')]);
    }
    expect(billed(w)).toMatchObject([{ name: 'sc-taken', state: 'Running' }]);
  });

  it('is its own when the tags were wiped, by the instant at which it was made', async () => {
    const w = await openHarness();
    const channel = await finish(() => w.driver().allocate(specOf('wiped')));
    await finish(() => w.driver().start(channel));
    await w.arm('PATCH', '/liveEvents/sc-wiped', { location: foreign.location, tags: { department: 'news' } });
    expect((await w.driver().owned()).items).toEqual([]);
    expect((await w.driver().observe(channel)).vendorState).toBe('Running');
    const { madeAt: _, ...older } = channel.ref;
    expect((await refusalOf(w.driver().cleanUp(older))).kind).toBe('conflict');
    expect(billed(w)).toHaveLength(1);
    await finish(() => w.driver().stop(channel));
    await finish(() => w.driver().cleanUp(channel.ref));
    expect(billed(w)).toEqual([]);
  });

  it('is absent when another one of its name was made after it', async () => {
    const w = await openHarness();
    const channel = await finish(() => w.driver().allocate(specOf('taken')));
    await finish(() => w.driver().cleanUp(channel.ref));
    await w.arm('PUT', '/liveEvents/sc-taken?autoStart=true', foreign);
    expect(await w.driver().observe(channel)).toEqual({ encoder: 'absent', vendorState: 'NotFound' });
    await finish(() => w.driver().cleanUp(channel.ref));
    expect(billed(w)).toMatchObject([{ name: 'sc-taken', state: 'Running' }]);
  });

  it('is an asset with a foreign ownership tag', async () => {
    const w = await openHarness();
    await w.arm('PUT', '/assets/sc-archive_1', { properties: { alternateId: 'live-event/someone-else' } });
    const channel = await finish(() => w.driver().allocate(specOf('archive')));
    expect((await refusalOf(w.driver().createOutput(channel))).kind).toBe('conflict');
  });

  it('is left out of the owned channels, which come in pages', async () => {
    const w = await openHarness({}, { pageSize: 2 });
    await w.arm('PUT', '/liveEvents/someones', { ...foreign, tags: {} });
    for (const id of ['a', 'b', 'c']) await finish(() => w.driver().allocate(specOf(id)));
    const first = await w.driver().owned();
    expect(first.next).toBeDefined();
    const second = await w.driver().owned(first.next);
    expect(second.next).toBeUndefined();
    expect([...first.items, ...second.items]).toEqual(['a', 'b', 'c'].map(refOf));
  });
});

describe('what is absent', () => {
  const channel: Channel = { ref: refOf('ghost'), details: {} };

  it('is success for stop and clean-up and an absent encoder for observe', async () => {
    const driver = (await openHarness()).driver();
    expect(await driver.stop(channel)).toEqual({ done: true, value: { sessions: [] } });
    expect(await driver.cleanUp(channel.ref)).toEqual({ done: true, value: undefined });
    expect(await driver.observe(channel)).toEqual({ encoder: 'absent', vendorState: 'NotFound' });
  });

  it('is not-found for everything that needs the channel', async () => {
    const driver = (await openHarness()).driver();
    for (const step of [driver.start, driver.createOutput, driver.reset, driver.ingest]) {
      expect((await refusalOf(step(channel))).kind).toBe('not-found');
    }
  });

  it('is not a missing media account, group or subscription', async () => {
    const w = await openHarness();
    const elsewhere = {
      accountName: 'other',
      resourceGroup: 'other',
      subscriptionId: '11111111-1111-1111-1111-111111111111',
    };
    for (const [key, value] of Object.entries(elsewhere)) {
      const error = await refusalOf(w.driver({ [key]: value }).cleanUp(refOf('ghost')));
      expect(error.kind).toBe('invalid-request');
    }
  });

  it.each(['throttle', 'unavailable', 'unauthorized', 'reset', 'hang'] as const)(
    'is not a call that failed with %s',
    async (kind) => {
      const w = await openHarness();
      w.kit.faults.add(vendor, { operation: 'LiveEvents_Get', kind });
      const error = await refusalOf(w.driver({ timeoutMs: '300' }).cleanUp(refOf('ghost')));
      const kinds = { throttle: 'throttled', unauthorized: 'unauthorized' } as const;
      expect(error.kind).toBe(kind in kinds ? kinds[kind as keyof typeof kinds] : 'unavailable');
      if (kind === 'throttle') expect(error.facts.retryAfterMs).toBe(1_000);
    },
  );
});

describe('a live event that does not say which run made it', () => {
  it.each([false, true])('is taken over, with standby %s, and stopped before where it is on air', async (standby) => {
    const w = await openHarness();
    const driver = w.driver();
    // As a version before made it.
    const before = await finish(() => driver.allocate({ ...specOf('unmarked'), standby }));
    const event = { ...specOf('unmarked'), standby, run: 'today' };
    const { ref } = await finish(() => driver.allocate(event));
    expect(ref.madeAt).toBe(before.ref.madeAt);
    await finish(() => driver.start(before));
    const again = await finish(() => driver.allocate(event));
    expect(again.ref.madeAt).toBe(before.ref.madeAt);
    expect(billed(w).map(({ state }) => state)).toEqual(standby ? ['StandBy'] : []);
  });
});
