import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stills } from '../../../api/stills/stills.ts';
import type { OnAirChange } from '../../../domain/on-air.ts';
import { startBrowser } from '../../../scripts/chromium.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type BoardHarness, boardHarness, holds, noBrowser, openPage } from './board-harness.ts';

const { vendor, activities } = fakeVendor();
/** One point of red; a browser asks what a picture is, not what it is called. */
const point = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);
let environment: TestEnvironment;
let board: BoardHarness;
let browser: Browser;
let reads = 0;

const stills = new Stills(
  {
    signed: async (_channel, url) => url,
    live: async (url) => {
      reads += 1;
      const text = url.endsWith('.m3u8') ? '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.ts\n' : 'media';
      return { status: 200, contentType: '', body: Buffer.from(text) };
    },
    file: async () => Promise.reject(new Error('no recording is asked for')),
  },
  async () => async () => point,
);

/** The first thing said in the row of an event, or in its page. */
const firstIn = (page: Page, selector: string) =>
  page.evaluate<string>(`document.querySelector(${JSON.stringify(`${selector} .badge`)})?.textContent ?? ''`);

describe.skipIf(noBrowser)('what viewers get, on the board', () => {
  beforeAll(async () => {
    environment = await testEnvironment({ server: 'own' });
    await environment.work(activities);
    board = await boardHarness(environment, { stills });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await board?.stopApi();
    await environment?.close();
  });

  it('comes first in the list and in the page, in words, with a still while they get something', async () => {
    const { eventId, ...plan } = planFor({ waits: { firstConnect: '10m', encoderLost: '10m' }, duration: '20m' });
    await environment.showcaller.start({ eventId, ...plan });
    const status = () => environment.showcaller.status(eventId);
    const reaches = (phase: string) => until(async () => (await status().catch(() => undefined))?.phase === phase);
    await reaches('waiting-for-encoder');
    vendor.connect(`sc-${eventId}`);
    await reaches('live');
    const change = (sent: OnAirChange) =>
      environment.client.workflow.getHandle(`live-event/${eventId}`).signal('onAir', sent);
    const row = `[data-event="${eventId}"]`;
    const page = await openPage(browser, { viewport: { width: 390, height: 700 } });
    await board.signIn(page, 'viewer');
    await page.locator(row).waitFor();
    expect(reads).toBe(0);

    await change({ state: 'on-air', at: Date.now() });
    await until(async () => (await firstIn(page, row)).includes('viewers: on air'));
    await holds(page, `document.querySelector('${row} canvas.still')?.hidden === false`);
    const colour = `[...document.querySelector('${row} canvas').getContext('2d').getImageData(56, 31, 1, 1).data].join()`;
    expect(await page.evaluate(colour)).toMatch(/^255,0,0,/);
    const tooWide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(tooWide)).toBe(0);

    await change({ state: 'frozen', at: Date.now(), reason: 'no new segment for 7 s' });
    await until(async () => (await firstIn(page, row)).includes('viewers: frozen'));
    await holds(page, `document.querySelector('${row} canvas.still').hidden`);
    expect(await page.title()).toContain('1 without picture');
    await until(async () => (await page.locator('#announcer').allTextContents()).join().includes('frozen'));

    await page.locator(`${row} a`).click();
    await until(async () => (await firstIn(page, '.detail')).includes('viewers: frozen'));
    await page.locator('.detail').getByText('no new segment for 7 s').first().waitFor();
    expect(await page.evaluate(tooWide)).toBe(0);
    await environment.showcaller.cancel(eventId);
  });
});
