import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingestEndpoints } from '../../../vendors/ingest.ts';
import { patiently, Stage } from '../../support/show-harness.ts';
import { type BoardStage, boardStage, holds, noBrowser, openPage, startBrowser } from './board-harness.ts';

const vendor = 'azure-media-services';
let stage: Stage;
let board: BoardStage;
let browser: Browser;

describe.skipIf(noBrowser)('a show on the board, with a vendor on the wire', () => {
  beforeAll(async () => {
    stage = await Stage.open({ vendors: [vendor] });
    await stage.work();
    board = await boardStage(stage.env, { ingest: (channel) => ingestEndpoints(stage.drivers, channel) });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await board?.stopApi();
    await stage?.close();
  });

  it('is seen to come, is stopped, and its proved recording plays', patiently, async () => {
    const page = await openPage(browser);
    const show = stage.showOf(vendor, { title: 'Keynote' });
    await board.signIn(page, 'operator');
    await stage.env.showcaller.start(show.plan);
    await page.locator(`[data-event="${show.eventId}"] a`).click();
    const detail = page.getByRole('article', { name: 'Event' });
    await detail.locator('.badge', { hasText: 'Waiting for the encoder' }).waitFor();
    const encoder = await show.airs(6_000);
    await detail.locator('.badge', { hasText: 'Live' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('all was said');
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await detail.getByText('✓ proved').waitFor({ timeout: 120_000 });
    await detail.getByText('stopped-by-operator').waitFor({ timeout: 120_000 });
    await page.getByRole('button', { name: 'Play recording' }).click();
    await holds(page, `document.querySelector('video')?.currentTime > 1`);
    expect(await page.evaluate(`document.querySelector('video').readyState`)).toBeGreaterThanOrEqual(2);
    expect(await page.evaluate(`document.querySelector('video').videoWidth`)).toBeGreaterThan(0);
    await encoder.drop();
  });
});
