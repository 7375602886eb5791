import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Stack, startStack } from '../cli/stack.ts';
import type { Plan } from '../domain/plan.ts';
import type { EventStatus } from '../domain/report.ts';
import { ingestEndpoints } from '../vendors/ingest.ts';
import { type Browser, startBrowser } from './browser.ts';
import { root } from './command.ts';

// Takes the pictures of docs/temporal-ui.md: `npm run screenshots`. Needs Chromium.

const folder = join(root, 'docs/images');
const width = 1280;
const columns = ['Status', 'Workflow ID', 'ShowcallerVendor', 'ShowcallerPhase', 'ShowcallerEndReason'];

const show = (eventId: string, title: string, vendor: string, plan: Partial<Plan> = {}): Plan => ({
  eventId,
  title,
  vendor,
  tenant: 'acme',
  startsAfter: '2s',
  duration: '15m',
  warmUp: '1s',
  startLead: '1s',
  waits: { encoderLost: '5m' },
  ...plan,
});

async function take(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const stack = await startStack({ timeScale: 0.2, proofGraceMs: 60_000 });
  try {
    const browser = await startBrowser();
    try {
      await pictures(stack, browser);
    } finally {
      await browser.close();
    }
  } finally {
    await stack.stop();
  }
}

async function pictures(stack: Stack, browser: Browser): Promise<void> {
  const { client } = stack;
  await fault(stack, { vendor: 'aws-ivs', operation: 'CreateChannel', kind: 'unavailable', times: 10_000 });
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
  await browser.goTo(workflows);
  await browser.until(`document.body.innerText.includes('live-event/')`);
  const wanted = JSON.stringify({ [namespace]: columns.map((label) => ({ label })) });
  await browser.evaluate(`localStorage.setItem('namespace-workflow-table-columns', ${JSON.stringify(wanted)})`);

  await browser.goTo(`${workflows}?query=${encodeURIComponent('WorkflowType = "liveEvent"')}`);
  await shows(browser, 'encoder-never-connected');
  await keep(browser, 'list', 470);

  await openRun(browser, workflows, 'keynote', 'user-metadata');
  await shows(browser, 'channel');
  await keep(browser, 'live', 840);

  await openRun(browser, workflows, 'match', 'history');
  await shows(browser, 'release everything billed');
  await keep(browser, 'finished', 1150);

  await openRun(browser, workflows, 'town-hall', 'pending-activities');
  await shows(browser, 'InternalServerException');
  // What the reason is, without where the code lies on this machine.
  await keep(browser, 'stuck', await browser.evaluate<number>(`Math.round(${topOf('Stack Trace')} - 8)`));
}

const shows = (browser: Browser, words: string): Promise<void> =>
  browser.until(`document.body.innerText.includes('${words}')`);

const topOf = (words: string): string =>
  `[...document.querySelectorAll('*')].find((e) => e.childElementCount === 0 && e.textContent.trim() === '${words}')` +
  '.getBoundingClientRect().top';

/** The page of an event's run; the UI fills in which run. */
async function openRun(browser: Browser, workflows: string, eventId: string, tab: string): Promise<void> {
  const run = `${workflows}/${encodeURIComponent(`live-event/${eventId}`)}`;
  await browser.goTo(run);
  await browser.until(`location.pathname.endsWith('/history') && location.href.startsWith('${run}')`);
  const withRun = await browser.evaluate<string>('location.href');
  await browser.goTo(withRun.replace(/\/history$/, `/${tab}`));
}

/** A worker is named after its process and host, which must not be shown. */
const neutral = `for (const e of document.querySelectorAll('*'))
  if (e.childElementCount === 0 && /^\\d+@/.test(e.textContent)) e.textContent = 'worker-1';`;

async function keep(browser: Browser, name: string, height: number): Promise<void> {
  await browser.evaluate(neutral);
  await writeFile(join(folder, `${name}.png`), await browser.picture({ width, height }));
}

const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

async function untilStatus(stack: Stack, eventId: string, holds: (status: EventStatus) => boolean): Promise<void> {
  while (!holds(await stack.client.status(eventId))) await pause(300);
}

async function untilStuck(stack: Stack, eventId: string): Promise<void> {
  for (;;) {
    const [step] = await stack.client.pending(eventId);
    if (step?.reason && step.attempt > 4) return;
    await pause(300);
  }
}

/** Puts an encoder on the event's channel once that is open. */
async function encoderOf(stack: Stack, eventId: string): Promise<void> {
  await untilStatus(stack, eventId, ({ phase }) => phase === 'waiting-for-encoder');
  const { channel } = await stack.client.status(eventId);
  if (!channel) throw new Error(`${eventId} waits for an encoder without a channel`);
  const [endpoint] = await ingestEndpoints(stack.drivers, channel);
  await control(stack, 'encoders', { url: endpoint?.url });
}

const fault = (stack: Stack, what: object): Promise<void> => control(stack, 'faults', what);

async function control(stack: Stack, noun: string, body: object): Promise<void> {
  const answer = await fetch(`${stack.simulators.controlUrl}/${noun}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`the simulators refused ${noun}: ${await answer.text()}`);
}

await take();
