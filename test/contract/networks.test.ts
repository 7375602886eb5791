import { afterEach, describe, expect, it } from 'vitest';
import { createKit } from '../../simulators/kit/kit.ts';
import { simulators } from '../../simulators/registry.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import { createHttp } from '../../vendors/http.ts';
import type { VendorManifest } from '../../vendors/manifest.ts';
import { directNetwork, type Network } from '../../vendors/network.ts';
import { vendors } from '../../vendors/registry.ts';
import { accountsFrom } from '../support/accounts.ts';
import { privateAuthority } from '../support/certificates.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import { tcpFront } from '../support/tcp-front.ts';
import { reach } from './reach.ts';
import { eventFor, opened } from './show.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Another address for each port of the simulator that its settings name. */
type Elsewhere = (port: number) => Promise<{ protocol: 'http' | 'https'; host: string }>;

async function driverOn(manifest: VendorManifest, network: Partial<Network>, elsewhere: Elsewhere) {
  const kit = createKit();
  const simulator = simulators.find(({ vendor }) => vendor === manifest.name);
  if (!simulator) throw new Error(`there is no simulator of ${manifest.name}`);
  const sim = await simulator.start(kit, { slowness: 0.02 });
  closing.push(() => sim.close());
  const moved = new Map<string, Awaited<ReturnType<Elsewhere>>>();
  for (const [, port = ''] of JSON.stringify(sim.env).matchAll(/"(?:http:\/\/)?[\w.-]+:(\d+)/g)) {
    if (!moved.has(port)) moved.set(port, await elsewhere(Number(port)));
  }
  const move = (text: string) =>
    text.replace(/^(?:(http):\/\/)?[\w.-]+:(\d+)(?=$|\/)/, (whole, scheme: string | undefined, port: string) => {
      const to = moved.get(port);
      return to ? `${scheme ? `${to.protocol}://` : ''}${to.host}` : whole;
    });
  const [first] = moved.values();
  const env = Object.fromEntries(
    Object.entries(sim.env).map(([name, value]) => [
      name,
      name.endsWith('_PROTOCOL') ? (first?.protocol ?? value) : /_(PUSH|PULL)_DOMAIN$/.test(name) ? value : move(value),
    ]),
  );
  const account = accountsFrom(env, [manifest]).get(manifest.name, 'default');
  if (!account) throw new Error('the settings have no account');
  const http = createHttp({ ...directNetwork, ...network });
  closing.push(() => http.close());
  const { createDriver } = await manifest.load();
  const requests = () => kit.log.entries({ vendor: manifest.name }).filter(({ method }) => method !== 'RTMP');
  return {
    driver: createDriver(account, { hooks: {}, http }),
    playback: env[playbackOf(manifest)] ?? '',
    requests,
  };
}

const playbackOf = ({ envPrefix }: VendorManifest): string => `${envPrefix}_PLAYBACK_BASE_URL`;

/** A show without an encoder, and a look at a recording that is not there. */
async function silentShow(manifest: VendorManifest, driver: VendorDriver, playback: string): Promise<void> {
  const event = eventFor({ manifest }, 'networks');
  const { channel, output } = await opened(driver, event);
  expect(await driver.observe(channel)).toMatchObject({ encoder: 'absent' });
  await reach(() => driver.stop(channel, output));
  expect(await driver.fetchVod(`${playback}/nothing/index.m3u8`)).toMatchObject({ status: 404 });
  await reach(() => driver.cleanUp(channel.ref));
}

describe.each(vendors.map((manifest) => [manifest.name, manifest] as const))('%s', (_, manifest) => {
  it('is reached where only a proxy leads out and a private authority vouches', async () => {
    const proxy = await startForwardProxy(() => '127.0.0.1');
    closing.push(() => proxy.close());
    const authority = await privateAuthority();
    const certificate = await authority.serverFor('vendor.test', '*.vendor.test');
    const url = new URL(proxy.url);
    const network = { proxies: { https: url, http: url }, ca: [authority.ca] };
    const { driver, playback, requests } = await driverOn(manifest, network, async (port) => {
      const front = await tcpFront(port, { certificate });
      closing.push(() => front.close());
      // No DNS knows this name but the proxy's.
      return { protocol: 'https', host: `vendor.test:${front.port}` };
    });
    await silentShow(manifest, driver, playback);
    expect(requests().length).toBeGreaterThan(5);
    expect(proxy.asked.length).toBeGreaterThan(0);
    expect(proxy.asked.filter((asked) => !/^CONNECT (\S+\.)?vendor\.test:\d+$/.test(asked))).toEqual([]);
  });

  it('is reached by an IPv6 address that needs no proxy', async () => {
    const proxy = await startForwardProxy(() => '127.0.0.1');
    closing.push(() => proxy.close());
    const url = new URL(proxy.url);
    const network = { proxies: { https: url, http: url }, noProxy: ['::1'] };
    const { driver, playback, requests } = await driverOn(manifest, network, async (port) => {
      const front = await tcpFront(port, { host: '::1' });
      closing.push(() => front.close());
      return { protocol: 'http', host: `[::1]:${front.port}` };
    });
    await silentShow(manifest, driver, playback);
    expect(requests().length).toBeGreaterThan(5);
    expect(proxy.asked).toEqual([]);
  });

  it('says why it cannot be reached', async () => {
    const { driver } = await driverOn(manifest, {}, async () => ({ protocol: 'http', host: '127.0.0.1:9' }));
    const event = eventFor({ manifest }, 'networks');
    await expect(driver.allocate(event)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('connect ECONNREFUSED 127.0.0.1:9'),
    });
    await expect(driver.fetchVod('http://127.0.0.1:9/a.ts', undefined, 'http://127.0.0.1:9/')).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('connect ECONNREFUSED 127.0.0.1:9'),
    });
  });

  it('asks nothing private that a recording names', async () => {
    const { driver } = await driverOn(manifest, {}, async (port) => ({
      protocol: 'http',
      host: `127.0.0.1:${port}`,
    }));
    const asset = 'https://vod.example/index.m3u8';
    for (const url of [
      'http://127.0.0.1:9/a.ts',
      'http://169.254.169.254/a.ts',
      'http://metadata.google.internal./a',
    ]) {
      const file = await driver.fetchVod(url, { start: 0, end: 9 }, asset);
      expect(file).toMatchObject({ status: 0, refused: expect.any(String) });
    }
  });
});
