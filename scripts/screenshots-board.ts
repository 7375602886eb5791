import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { type Stack, startStack } from '../cli/stack.ts';
import { startBrowser } from './chromium.ts';
import { control, encoderOf, inMinutes, picturesFolder, show, untilStatus } from './pictures.ts';

// Takes the pictures of docs/board.md. Needs Chromium.

async function take(): Promise<void> {
  const stack = await startStack({ timeScale: 0.2, proofGraceMs: 60_000, apiPort: 0, ui: false });
  const browser = await startBrowser();
  try {
    await playShows(stack);
    await pictures(stack, browser);
  } finally {
    await browser.close();
    await stack.stop();
  }
}

/** Some of everything: live, lost, waiting, stuck, planned, over. */
async function playShows(stack: Stack): Promise<void> {
  const { client } = stack;
  await control(stack, 'faults', { vendor: 'aws-ivs', operation: 'CreateChannel', kind: 'unavailable', times: 10_000 });
  await client.start(show('match', 'Cup final', 'alibaba-oss', { duration: '25s' }));
  await client.start(show('keynote', 'Keynote', 'azure-media-services'));
  await client.start(show('derby', 'Derby', 'volcengine-live', { tenant: 'initech' }));
  await client.start(show('all-hands', 'All hands', 'alibaba-oss', { waits: { firstConnect: '20m' } }));
  await client.start(show('town-hall', 'Town hall', 'aws-ivs'));
  await client.start(show('line-check', 'Line check', 'volcengine-live', { waits: { firstConnect: '5s' } }));
  await client.start(
    show('evening', 'Evening concert', 'azure-media-services', { startsAfter: '50m', duration: '30m' }),
  );
  await client.start(
    show('next-week', 'Shareholders’ meeting', 'alibaba-oss', { startsAfter: '7d', tenant: 'initech' }),
  );
  const [, derby] = await Promise.all(['keynote', 'derby', 'match'].map((id) => encoderOf(stack, id)));
  await Promise.all(['keynote', 'derby'].map((id) => untilStatus(stack, id, ({ phase }) => phase === 'live')));
  await client.extend('keynote', { by: 'ada', reason: 'more questions', endsAt: inMinutes(60) });
  await untilStatus(stack, 'match', ({ phase }) => phase === 'completed');
  await untilStatus(stack, 'line-check', ({ phase }) => phase === 'failed');
  await control(stack, `encoders/${derby}?drop=1`);
  await untilStatus(stack, 'derby', ({ phase }) => phase === 'encoder-lost');
}

async function pictures({ api }: Stack, browser: Browser): Promise<void> {
  if (!api) throw new Error('the stack has no API');
  const picture = async (name: string, hash: string, width: number, height: number, dark = false) => {
    const colorScheme = dark ? 'dark' : 'light';
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, deviceScaleFactor: 1 });
    const page = await context.newPage();
    await page.goto(`${api.url}/${hash}`);
    await page.getByLabel('Token').fill(api.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('[data-event="keynote"]').waitFor({ state: 'attached' });
    if (hash.includes('match')) {
      await page.getByRole('button', { name: 'Play recording' }).click();
      while (!(await page.evaluate(`document.querySelector('video')?.currentTime > 2`))) await pause(200);
      await page.evaluate(`document.querySelector('video').pause()`);
    } else if (hash.includes('events')) await page.locator('.detail .actions').waitFor();
    if (name === 'board-dialog') await page.getByRole('button', { name: 'Extend' }).click();
    await page.screenshot({ path: join(picturesFolder, `${name}.png`) });
    await context.close();
  };
  await picture('board', '#/', 1280, 860);
  await picture('board-event', '#/events/keynote', 1440, 900, true);
  await picture('board-phone', '#/events/derby', 375, 760);
  if (!process.env.PICTURES) return;
  await picture('board-phone-list', '#/', 320, 700, true);
  await picture('board-recording', '#/events/match', 1280, 900);
  await picture('board-dialog', '#/events/keynote', 1280, 900);
  await picture('board-stuck', '#/events/town-hall', 1280, 900);
}

await take();
