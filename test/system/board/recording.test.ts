import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../../../scripts/chromium.ts';
import { ingestEndpoints } from '../../../vendors/ingest.ts';
import { ShowHarness } from '../../support/show-harness.ts';
import { type BoardHarness, boardHarness, holds, noBrowser, openPage } from './board-harness.ts';

const vendor = 'azure-media-services';
let harness: ShowHarness;
let board: BoardHarness;
let browser: Browser;

describe.skipIf(noBrowser)('a show on the board, with a vendor on the wire', () => {
  beforeAll(async () => {
    harness = await ShowHarness.open({ vendors: [vendor] });
    await harness.work();
    board = await boardHarness(harness.env, { ingest: (channel) => ingestEndpoints(harness.drivers, channel) });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await board?.stopApi();
    await harness?.close();
  });

  it('is seen to come, is stopped, and its proved recording plays', async () => {
    const page = await openPage(browser);
    const show = harness.showOf(vendor, { title: 'Keynote' });
    await board.signIn(page, 'operator');
    await harness.env.showcaller.start(show.plan);
    await page.locator(`[data-event="${show.eventId}"] a`).click();
    const detail = page.getByRole('article', { name: 'Event' });
    await detail.locator('.badge', { hasText: 'Waiting for the encoder' }).waitFor();
    const encoder = await show.airs(6_000);
    await detail.locator('.badge', { hasText: 'Live' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('all was said');
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await detail.getByText('✓ proved').waitFor();
    await detail.getByText('stopped-by-operator').waitFor();
    await page.getByRole('button', { name: 'Play recording' }).click();
    await holds(page, `document.querySelector('video')?.currentTime > 1`);
    expect(await page.evaluate(`document.querySelector('video').readyState`)).toBeGreaterThanOrEqual(2);
    expect(await page.evaluate(`document.querySelector('video').videoWidth`)).toBeGreaterThan(0);
    await encoder.drop();
  });
});
