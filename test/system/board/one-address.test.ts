import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ViewerAccess } from '../../../api/watch/access.ts';
import { startBrowser } from '../../../scripts/chromium.ts';
import { forViewers } from '../../../vendors/viewers.ts';
import { driverContext } from '../../support/accounts.ts';
import { persistentEncoder } from '../../support/persistent-encoder.ts';
import { ShowHarness } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';
import { type BoardHarness, boardHarness, holds, noBrowser, openPage } from './board-harness.ts';

const vendor = 'azure-media-services';
const secret = Buffer.alloc(32, 7);
const access = new ViewerAccess([secret]);
let harness: ShowHarness;
let api: BoardHarness;
let browser: Browser;
let site: Server;

/** A page of another origin than the API, as a viewer's is. */
async function viewerSite(): Promise<Server> {
  const hls = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js');
  const player = new URL('../../../examples/viewer.js', import.meta.url);
  const page = `<!doctype html><title>Show</title><video muted playsinline></video><script src="/hls.js"></script><script type="module">
    import { watch } from '/viewer.js';
    window.states = ['waiting'];
    window.loadedAt = performance.timeOrigin;
    watch(document.querySelector('video'), new URLSearchParams(location.search).get('at'), (state) => window.states.push(state));
  </script>`;
  const server = createServer(async ({ url = '' }, response) => {
    const file = url.startsWith('/hls.js') ? hls : url.startsWith('/viewer.js') ? player : undefined;
    response.setHeader('content-type', file ? 'text/javascript' : 'text/html');
    response.end(file ? await readFile(file) : page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe.skipIf(noBrowser)('the one address of a show, in a viewer’s player', () => {
  beforeAll(async () => {
    harness = await ShowHarness.open({ vendors: [vendor] });
    await harness.work();
    api = await boardHarness(harness.env, {
      watch: { mode: 'token', secrets: [secret] },
      forViewers: forViewers(harness.drivers, harness.accounts, driverContext.http),
    });
    browser = await startBrowser();
    site = await viewerSite();
  });
  afterAll(async () => {
    site?.close();
    await browser?.close();
    await api?.stopApi();
    await harness?.close();
  });

  it('plays from before the start to the recording, over a change of the asset, without a reload', async () => {
    const show = harness.showOf(vendor, { title: 'Final' });
    const token = access.tokenFor(show.eventId, Date.now() + 3_600_000);
    const at = `${api.url}watch/${show.eventId}/index.m3u8?token=${token}`;
    const page = await openPage(browser);
    const { port } = site.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/?at=${encodeURIComponent(at)}`);
    const loadedAt = await page.evaluate('window.loadedAt');
    const states = () => page.evaluate<string[]>('window.states');
    const playsOn = async () => {
      const before = await page.evaluate<number>(`document.querySelector('video').currentTime`);
      return holds(page, `document.querySelector('video').currentTime > ${before} + 0.5`);
    };
    // Before there is an event: the player waits as it is asked to.
    await until(async () => (await fetch(at)).headers.get('retry-after'));
    await harness.env.showcaller.start(show.plan);
    await show.reaches('waiting-for-encoder');
    const encoder = persistentEncoder(await show.ingestUrl());
    await until(async () => (await states()).includes('live'));
    await holds(page, `document.querySelector('video').videoWidth > 0`);
    await playsOn();

    // A reset of the encoder begins another asset at Azure: another live address, and a second recording.
    const first = (await harness.env.showcaller.status(show.eventId)).playback?.hls;
    // A browser that kept the redirect asks for the first asset once more: it has ended, and the show has not.
    let ledToFirst = 0;
    await page.route(at, (route) => {
      ledToFirst += 1;
      return route.fulfill({ status: 302, headers: { location: first ?? '', 'access-control-allow-origin': '*' } });
    });
    await harness.env.showcaller.resetEncoder(show.eventId, { by: 'tester', reason: 'a second asset' });
    await until(async () => (await harness.env.showcaller.status(show.eventId)).playback?.hls !== first);
    await until(() => ledToFirst > 1);
    await page.unroute(at);
    await until(async () => (await states()).filter((state) => state === 'live').length > 1);
    await playsOn();

    expect(await states()).not.toContain('recording');

    await show.stopNow();
    await encoder.stop();
    const { vod } = await show.result();
    expect(vod.map(({ proof }) => proof.proved)).toEqual([true, true]);
    await until(async () => (await states()).at(-1) === 'over');
    const seconds = vod.reduce((sum, { proof }) => sum + proof.durationMs / 1_000, 0);
    const played = await page.evaluate<number>(`document.querySelector('video').duration`);
    expect(played).toBeGreaterThan(seconds - 1);
    expect(played).toBeLessThan(seconds + 1);
    expect(await page.evaluate('window.loadedAt')).toBe(loadedAt);
  });
});
