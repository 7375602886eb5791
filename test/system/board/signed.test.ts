import { generateKeyPairSync } from 'node:crypto';
import { ImportPlaybackKeyPairCommand, IvsClient } from '@aws-sdk/client-ivs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../../../scripts/chromium.ts';
import { forViewers } from '../../../vendors/viewers.ts';
import { driverContext } from '../../support/accounts.ts';
import { ShowHarness } from '../../support/show-harness.ts';
import { type BoardHarness, boardHarness, holds, noBrowser, openPage } from './board-harness.ts';

const vendor = 'aws-ivs';
const pair = generateKeyPairSync('ec', {
  namedCurve: 'secp384r1',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
let harness: ShowHarness;
let board: BoardHarness;
let browser: Browser;

describe.skipIf(noBrowser)('a stream that needs a viewer token, on the board', () => {
  beforeAll(async () => {
    harness = await ShowHarness.open({
      vendors: [vendor],
      settings: () => ({ AWS_IVS_PLAYBACK_KEY: pair.privateKey }),
    });
    await harness.work();
    const {
      endpoint = '',
      region = '',
      accessKeyId = '',
      secretAccessKey = '',
    } = harness.simulators.running.find((one) => one.vendor === vendor)?.client ?? {};
    const client = new IvsClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
    await client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial: pair.publicKey }));
    client.destroy();
    board = await boardHarness(harness.env, {
      watch: { mode: 'token', secrets: [Buffer.alloc(32, 7)] },
      forViewers: forViewers(harness.drivers, harness.accounts, driverContext.http),
    });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await board?.stopApi();
    await harness?.close();
  });

  it('plays for an operator, through the one address, and is not offered to a viewer', async () => {
    const show = await harness.show(vendor, { vendorOptions: { authorized: true } });
    await show.reaches('waiting-for-encoder');
    await show.connect();
    await show.reaches('live');
    const page = await openPage(browser);
    await board.signIn(page, 'operator', `#/events/${show.eventId}`);
    await page.getByText('It needs a viewer token.').waitFor();
    await page.getByRole('button', { name: '▶ Play the live picture' }).click();
    await holds(page, `(document.querySelector('video')?.videoWidth ?? 0) > 0`);
    expect(await page.evaluate(`document.body.textContent.includes('token=')`)).toBe(false);

    const another = await openPage(browser);
    await board.signIn(another, 'viewer', `#/events/${show.eventId}`);
    await another.getByText('It needs a viewer token.').waitFor();
    expect(await another.getByRole('button', { name: '▶ Play the live picture' }).count()).toBe(0);
    await show.stopNow();
    await show.result();
  });
});
