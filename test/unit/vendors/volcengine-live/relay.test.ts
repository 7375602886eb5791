import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Channel } from '../../../../domain/channel.ts';
import { settingsOf } from '../../../../vendors/volcengine-live/options.ts';
import { createSdk } from '../../../../vendors/volcengine-live/sdk.ts';
import { driverContext } from '../../../support/accounts.ts';
import { finish, untilPasses } from '../../../support/until.ts';
import { startFlvSource, startRtmpSource, type TestSource } from '../../../support/volcengine-live-sources.ts';
import { accountOf, eventOf, opened, type Rehearsal, rehearse } from './volcengine-live-harness.ts';

let harness: Rehearsal;
const sources: TestSource[] = [];

beforeEach(async () => {
  harness = await rehearse();
});

afterEach(async () => {
  await harness.sim.close();
  await Promise.all(sources.splice(0).map((source) => source.close()));
});

async function source(start: () => Promise<TestSource>): Promise<TestSource> {
  const started = await start();
  sources.push(started);
  return started;
}

const nowhere = 'rtmp://127.0.0.1:9/live/show';
const relays = () => harness.sim.resources().filter(({ kind }) => kind.startsWith('relay'));
const connected = (channel: Channel) =>
  untilPasses(async () => expect(await harness.driver.observe(channel)).toMatchObject({ encoder: 'connected' }));

for (const [protocol, start] of [
  ['RTMP', startRtmpSource],
  ['HTTP-FLV', startFlvSource],
] as const) {
  it(`pulls from ${protocol}, records it, and stops pulling for good`, async () => {
    const { driver, sim } = harness;
    const from = await source(start);
    const channel = await opened(driver, eventOf('pulled', { sources: [from.url] }));
    expect(await driver.ingest(channel)).toEqual([]);
    const output = await finish(() => driver.createOutput(channel));
    await connected(channel);
    expect(await driver.observe(channel)).toMatchObject({ evidence: { source: 'relay' } });
    const began = Date.now();
    // Two seconds between key frames: the second segment begins when the first one is whole.
    await untilPasses(async () => expect(await viewerSees(channel)).toContain('.ts'));

    const { sessions } = await finish(() => driver.stop(channel, output));
    expect(sessions).toHaveLength(1);
    await untilPasses(() => expect(from.viewers()).toBe(0));
    const window = { from: began, to: Date.now() };
    const [asset] = await finish(() => driver.publishVod(channel, output, [window]));
    expect(asset?.durationMs).toBeGreaterThan(1500);
    await finish(() => driver.cleanUp(channel.ref));
    expect(sim.resources().filter((resource) => resource.billed)).toEqual([]);
    expect(from.asked).toHaveLength(1);
  });
}

/** The live playlist as a viewer of the pull domain gets it. */
async function viewerSees(channel: Channel): Promise<string> {
  const { settings } = accountOf(harness.sim);
  const { Service } = await import('@volcengine/openapi');
  const { accessKeyId, secretKey, host } = settings;
  const service = new Service({ serviceName: 'live', protocol: 'http:', host, accessKeyId, secretKey });
  const play = service.createAPI<object, { URLList: { URL: string }[] }>('GeneratePlayURL', {
    Version: '2023-01-01',
    method: 'POST',
    contentType: 'json',
  });
  const answer = await play({ Domain: settings.pullDomain, App: settings.app, Stream: channel.ref.name });
  const response = await fetch(answer.Result?.URLList[0]?.URL ?? '');
  return response.status === 200 ? response.text() : '';
}

it('takes the next source when one fails', async () => {
  const from = await source(startRtmpSource);
  const channel = await opened(harness.driver, eventOf('fallback', { sources: [nowhere, from.url] }));
  await connected(channel);
});

it('cuts a relay on reset and lets it pull again', async () => {
  const from = await source(startRtmpSource);
  const channel = await opened(harness.driver, eventOf('reset', { sources: [from.url] }));
  await connected(channel);
  await finish(() => harness.driver.reset(channel));
  await untilPasses(() => expect(from.asked).toHaveLength(2));
});

it('makes one relay although the answer was lost, and although two attempts run at once', async () => {
  const { driver, kit, sim } = harness;
  const event = eventOf('once', { sources: [nowhere] });
  const channel = await finish(() => driver.allocate(event));
  expect(relays()).toEqual([]);
  kit.faults.add('volcengine-live', { operation: 'CreateRelaySourceV4', kind: 'lose-response' });
  await expect(driver.start(channel)).rejects.toMatchObject({ facts: { kind: 'unavailable' } });
  await Promise.all([finish(() => driver.start(channel)), finish(() => driver.start(channel))]);
  expect(sim.made()['relay-v4']).toBe(1);
  expect(relays()).toMatchObject([{ name: channel.ref.name, billed: true }]);

  const other = await finish(() => driver.allocate(eventOf('both', { sources: [nowhere] })));
  kit.faults.add('volcengine-live', { operation: 'CreateRelaySourceV4', kind: 'delay', delayMs: 50, times: 2 });
  await Promise.all([driver.start(other), driver.start(other)]);
  expect(sim.made()['relay-v4']).toBe(2);
});

it('bounds a relay by the hard end of its event, in whole seconds', async () => {
  const { driver, sim } = harness;
  const event = eventOf('bounded', { sources: [nowhere] });
  await opened(driver, event);
  const before = Math.floor(Date.now() / 1000);
  const [relay] = (await createSdk(settingsOf(accountOf(sim)), driverContext).relaysV4(1)).items;
  expect(relay?.EndTime).toBe(Math.ceil(event.hardEndsAt / 1000));
  expect(relay?.StartTime).toBeLessThanOrEqual(before);

  const long = eventOf('long', { sources: [nowhere], hardEndsAt: Date.now() + 8 * 24 * 3_600_000 });
  await opened(driver, long);
  const all = (await createSdk(settingsOf(accountOf(sim)), driverContext).relaysV4(1)).items;
  expect(all.find(({ Stream }) => Stream === driver.refOf(long).name)).toMatchObject({ StartTime: 0, EndTime: 0 });
});

it('changes the sources of a relay that is there, and leaves an equal one alone', async () => {
  const { driver, kit, sim } = harness;
  const event = eventOf('moved', { sources: [nowhere] });
  await opened(driver, event);
  const other = 'rtmp://127.0.0.1:9/live/other';
  const channel = await finish(() => driver.allocate({ ...event, sources: [other] }));
  await finish(() => driver.start(channel));
  await finish(() => driver.start(channel));
  expect(kit.log.entries({ operation: 'UpdateRelaySourceV4' })).toHaveLength(1);
  expect(sim.made()['relay-v4']).toBe(1);
  expect((await createSdk(settingsOf(accountOf(sim)), driverContext).relaysV4(1)).items[0]?.SrcAddrS).toEqual([other]);
});

it('removes the relay of an event whose reference alone is known', async () => {
  const { driver } = harness;
  for (const relay of ['v4', 'v3']) {
    const event = eventOf(`gone-${relay}`, {
      sources: [relay === 'v3' ? 'rtmp://127.0.0.1:9' : nowhere],
      options: { relay },
    });
    const channel = await opened(driver, event);
    expect(relays()).toMatchObject([{ kind: `relay-${relay}` }]);
    expect((await driver.owned()).items).toEqual([channel.ref]);
    await Promise.all([finish(() => driver.cleanUp(channel.ref)), finish(() => driver.cleanUp(channel.ref))]);
    expect(relays()).toEqual([]);
  }
  expect((await driver.owned()).items).toEqual([]);
});

it('does not take a failed listing for an absent relay', async () => {
  const { driver, kit } = harness;
  const channel = await opened(driver, eventOf('hidden', { sources: [nowhere] }));
  kit.faults.add('volcengine-live', { operation: 'ListRelaySourceV4', kind: 'unavailable' });
  await expect(driver.cleanUp(channel.ref)).rejects.toMatchObject({ facts: { operation: 'ListRelaySourceV4' } });
  expect(relays()).toHaveLength(1);
});

it('pulls a v3 relay only when a viewer asks', async () => {
  const { driver } = harness;
  const from = await source(startRtmpSource);
  const event = eventOf('on-demand', { sources: [`rtmp://${from.host}?token=1`], options: { relay: 'v3' } });
  const channel = await opened(driver, event);
  expect(await driver.observe(channel)).toMatchObject({ encoder: 'absent' });
  expect(from.asked).toEqual([]);
  await untilPasses(async () => expect(await viewerSees(channel)).toContain('.ts'));
  expect(from.asked).toEqual([`${channel.ref.name}?token=1`]);
  await connected(channel);
  await finish(() => driver.stop(channel));
  await untilPasses(() => expect(from.viewers()).toBe(0));
});

it('refuses sources that could not be pulled before anything is made', async () => {
  const { driver, sim } = harness;
  const refused = (sources: string[], relay: string) =>
    expect(driver.allocate(eventOf('bad', { sources, options: { relay } }))).rejects.toMatchObject({
      facts: { kind: 'invalid-request' },
    });
  await refused(['ftp://example.com/a'], 'v4');
  await refused(['nonsense'], 'v4');
  await refused(
    Array.from({ length: 11 }, () => nowhere),
    'v4',
  );
  await refused(['rtmp://example.com/live/other-name'], 'v3');
  await refused(['srt://example.com:9000'], 'v3');
  expect(sim.made().stream).toBe(0);
});
