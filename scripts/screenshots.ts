import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { type Stack, startStack } from '../cli/stack.ts';
import { startBrowser } from './chromium.ts';
import { control, encoderOf, inMinutes, picturesFolder, show, untilStatus } from './pictures.ts';

// Takes the pictures of docs/temporal-ui.md: `npm run screenshots`. Needs Chromium.

const width = 1280;
const columns = ['Status', 'Workflow ID', 'ShowcallerVendor', 'ShowcallerPhase', 'ShowcallerEndReason'];

async function take(): Promise<void> {
  await mkdir(picturesFolder, { recursive: true });
  const stack = await startStack({ timeScale: 0.2, proofGraceMs: 60_000 });
  try {
    const browser = await startBrowser();
    try {
      await pictures(stack, await browser.newPage({ viewport: { width, height: 800 }, bypassCSP: true }));
    } finally {
      await browser.close();
    }
  } finally {
    await stack.stop();
  }
}

async function pictures(stack: Stack, page: Page): Promise<void> {
  const { client } = stack;
  await control(stack, 'faults', { vendor: 'aws-ivs', operation: 'CreateChannel', kind: 'unavailable', times: 10_000 });
  await client.start(show('keynote', 'Keynote', 'azure-media-services'));
  await client.start(show('match', 'Cup final', 'alibaba-oss', { duration: '25s' }));
  await client.start(show('town-hall', 'Town hall', 'aws-ivs'));
  await client.start(show('line-check', 'Line check', 'volcengine-live', { waits: { firstConnect: '5s' } }));
  await client.start(show('next-week', 'Next week', 'alibaba-oss', { startsAfter: '7d' }));

  await Promise.all([encoderOf(stack, 'keynote'), encoderOf(stack, 'match')]);
  await untilStatus(stack, 'keynote', ({ phase }) => phase === 'live');
  await client.extend('keynote', { by: 'ada', reason: 'more questions', endsAt: inMinutes(45) });
  await untilStatus(stack, 'match', ({ phase }) => phase === 'completed');
  await untilStatus(stack, 'line-check', ({ phase }) => phase === 'failed');
  await untilStuck(stack, 'town-hall');

  const { uiUrl = '', namespace } = stack.temporal;
  const workflows = `${uiUrl}/namespaces/${namespace}/workflows`;
  await page.goto(workflows);
  await shows(page, 'live-event/');
  const wanted = JSON.stringify({ [namespace]: columns.map((label) => ({ label })) });
  await page.evaluate(`localStorage.setItem('namespace-workflow-table-columns', ${JSON.stringify(wanted)})`);

  await page.goto(`${workflows}?query=${encodeURIComponent('WorkflowType = "liveEvent"')}`);
  await shows(page, 'encoder-never-connected');
  await keep(page, 'list', 470);

  await openRun(page, workflows, 'keynote', 'user-metadata');
  await shows(page, 'channel');
  await keep(page, 'live', 840);

  await openRun(page, workflows, 'match', 'history');
  await shows(page, 'release everything billed');
  await keep(page, 'finished', 1150);

  await openRun(page, workflows, 'town-hall', 'pending-activities');
  await shows(page, 'InternalServerException');
  // What the reason is, without where the code lies on this machine.
  await keep(page, 'stuck', await page.evaluate<number>(`Math.round(${topOf('Stack Trace')} - 8)`));
}

const shows = (page: Page, words: string): Promise<unknown> =>
  page.waitForFunction(`document.body.innerText.includes('${words}')`);

const topOf = (words: string): string =>
  `[...document.querySelectorAll('*')].find((e) => e.childElementCount === 0 && e.textContent.trim() === '${words}')` +
  '.getBoundingClientRect().top';

/** The page of an event's run; the UI fills in which run. */
async function openRun(page: Page, workflows: string, eventId: string, tab: string): Promise<void> {
  const run = `${workflows}/${encodeURIComponent(`live-event/${eventId}`)}`;
  await page.goto(run);
  await page.waitForURL(({ href, pathname }) => pathname.endsWith('/history') && href.startsWith(run));
  await page.goto(page.url().replace(/\/history$/, `/${tab}`));
}

/** A worker is named after its process and host, which must not be shown. */
const neutral = `for (const e of document.querySelectorAll('*'))
  if (e.childElementCount === 0 && /^\\d+@/.test(e.textContent)) e.textContent = 'worker-1';`;

async function keep(page: Page, name: string, height: number): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.evaluate(neutral);
  await page.screenshot({ path: join(picturesFolder, `${name}.png`) });
}

async function untilStuck(stack: Stack, eventId: string): Promise<void> {
  for (;;) {
    const [step] = await stack.client.pending(eventId);
    if (step?.reason && step.attempt > 4) return;
    await pause(300);
  }
}

await take();
