import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShowcallerClient } from '../../../client/client.ts';
import { RefusedError } from '../../../client/errors.ts';
import { startBrowser } from '../../../scripts/chromium.ts';
import type { FaultKind } from '../../../simulators/kit/types.ts';
import { type Connected, connect } from '../../../temporal/connection.ts';
import { showcaller, type WorkerProcess, workerProcess } from '../../support/processes.ts';
import { type Show, ShowHarness } from '../../support/show-harness.ts';
import { type TcpFront, tcpFront } from '../../support/tcp-front.ts';
import { until } from '../../support/until.ts';
import { type BoardHarness, boardHarness, noBrowser, openPage } from './board-harness.ts';

/** One vendor lists its live channels, the other answers for one at a time. */
const vendors = ['aws-ivs', 'alibaba-oss'] as const;
let harness: ShowHarness;
let worker: WorkerProcess;
let front: TcpFront;
let connected: Connected;
let board: BoardHarness;
let browser: Browser;
const shows = new Map<string, Show>();

const showOf = (vendor: string): Show => {
  const show = shows.get(vendor);
  if (!show) throw new Error(`no show on ${vendor}`);
  return show;
};
const work = () => workerProcess(harness, ['--pace', '1']);

async function signedIn(): Promise<Page> {
  const page = await openPage(browser);
  await board.signIn(page, 'viewer');
  await rowIs(page, 'aws-ivs', { stale: false });
  return page;
}

/** What the list of the board says of the vendor's event. */
const rowText = (page: Page, vendor: string) =>
  page
    .locator(`[data-event="${showOf(vendor).eventId}"]`)
    .textContent()
    .then((text) => text ?? '');
const headerText = (page: Page) =>
  page
    .locator('#system')
    .textContent()
    .then((text) => text ?? '');

const rowIs = (page: Page, vendor: string, { stale }: { stale: boolean }) =>
  until(async () => (await rowText(page, vendor)).includes('not seen since') === stale);

/** `showcaller list` until it says this, as a person would type it again. */
const listIs = (vendor: string, isSo: (line: string, all: string) => boolean) =>
  until(async () => {
    const { env } = harness;
    const flags = ['--address', `127.0.0.1:${front.port}`, '--namespace', env.namespace, '--task-queue', env.taskQueue];
    const { stdout, stderr } = await showcaller(['list', '--running', ...flags]);
    const { eventId } = showOf(vendor);
    const line = stdout.split('\n').find((one) => one.startsWith(eventId)) ?? '';
    return isSo(line, `${stdout}${stderr}`) && { line, all: `${stdout}${stderr}` };
  });

describe.skipIf(noBrowser)('nothing is green that was not just seen', () => {
  beforeAll(async () => {
    harness = await ShowHarness.open({ vendors, server: 'own' });
    front = await tcpFront(Number(harness.env.address.split(':')[1]));
    connected = await connect({ address: `127.0.0.1:${front.port}`, namespace: harness.env.namespace });
    const client = new ShowcallerClient(connected.client, { taskQueue: harness.env.taskQueue });
    board = await boardHarness(harness.env, { client });
    [browser, worker] = await Promise.all([startBrowser(), work()]);
    const waits = { firstConnect: '30m', encoderLost: '30m' };
    for (const vendor of vendors) shows.set(vendor, await harness.show(vendor, { duration: '1h', waits }));
    await Promise.all([...shows.values()].map((show) => show.reaches('waiting-for-encoder')));
    await showOf('aws-ivs').connect();
    await showOf('aws-ivs').reaches('live');
  });
  afterAll(async () => {
    await browser?.close();
    harness?.simulators.kit.faults.clear();
    for (const show of shows.values()) {
      await harness.env.showcaller.cancel(show.eventId).catch((error: unknown) => {
        if (!(error instanceof RefusedError)) throw error;
      });
      await show.result();
    }
    await board?.stopApi();
    await connected?.connection.close();
    await worker?.stop();
    await front?.close();
    await harness?.close();
  });

  it('of a worker that is killed', async () => {
    const page = await signedIn();
    // The accounts may not have been looked at yet.
    await until(async () => /^● 1 worker/.test(await headerText(page)));
    await worker.kill();
    await rowIs(page, 'aws-ivs', { stale: true });
    expect(await rowText(page, 'aws-ivs')).toMatch(/Live, last seen/);
    await until(async () => (await headerText(page)).startsWith('▲ no worker'));
    const { all } = await listIs('aws-ivs', (line) => line.includes('stale since'));
    expect(all).toContain('no worker');
    worker = await work();
    await rowIs(page, 'aws-ivs', { stale: false });
    await until(async () => /^● \d worker/.test(await headerText(page)));
    await listIs('aws-ivs', (line) => line.includes('live') && !line.includes('stale'));
  });

  it.each<[string, FaultKind, (typeof vendors)[number], RegExp]>([
    ['throttles every call', 'throttle', 'aws-ivs', /throttl/i],
    ['throttles every call', 'throttle', 'alibaba-oss', /throttl|QPS|SlowDown/i],
    ['refuses credentials that were revoked', 'unauthorized', 'aws-ivs', /unauthorized/],
    ['answers nothing any more', 'hang', 'alibaba-oss', /not seen since|has not answered/],
  ])('of a vendor that %s: %s on %s', async (_, kind, vendor, words) => {
    const page = await signedIn();
    harness.simulators.kit.faults.add(vendor, { operation: '*', kind, times: 100_000 });
    await rowIs(page, vendor, { stale: true });
    await until(async () => words.test(await rowText(page, vendor)));
    await until(async () => (await headerText(page)).startsWith(`▲ not seen: ${vendor} / default`));
    const [other] = vendors.filter((one) => one !== vendor);
    if (other) expect(await rowText(page, other)).not.toContain('not seen since');
    await listIs(vendor, (line) => line.includes('stale since'));
    harness.simulators.kit.faults.clear(vendor);
    await rowIs(page, vendor, { stale: false });
    await until(async () => /^● 1 worker, 2 accounts/.test(await headerText(page)));
    await listIs(vendor, (line) => line !== '' && !line.includes('stale'));
  });

  it('of a Temporal that is cut off', async () => {
    const page = await signedIn();
    const { port } = front;
    await front.close();
    await page.locator('#connection', { hasText: 'not up to date since' }).waitFor();
    await listIs('aws-ivs', (_, all) => all.includes('could not be reached'));
    front = await tcpFront(Number(harness.env.address.split(':')[1]), { port });
    await page.locator('#connection', { hasText: '● up to date' }).waitFor();
    await listIs('aws-ivs', (line) => line.includes('live'));
  });

  it('of a step that fails, with the words of the vendor, and of what is billed meanwhile', async () => {
    const page = await signedIn();
    const vendor = 'aws-ivs';
    harness.simulators.kit.faults.add(vendor, { operation: '*', kind: 'unauthorized', times: 100_000 });
    await showOf(vendor).stopNow();
    await until(async () => /failing since .*unauthorized/.test(await rowText(page, vendor)));
    await until(async () => /still billed since .*arn:aws:ivs/.test(await rowText(page, vendor)));
    await listIs(vendor, (line) => /failing since .*unauthorized/.test(line));
    harness.simulators.kit.faults.clear(vendor);
    await showOf(vendor).reaches('completed', 'failed');
    await until(async () => !(await rowText(page, vendor)).includes('billed'));
  });
});
