import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../../../scripts/chromium.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type BoardHarness, boardHarness, noBrowser, openPage, violations } from './board-harness.ts';

const zone = { timezoneId: 'Asia/Tokyo', locale: 'en-GB' };
const links = {
  temporalUi: 'https://temporal.example/namespaces/default/workflows',
  runbooks: 'https://docs.example/blob/main/',
};
let environment: TestEnvironment;
let board: BoardHarness;
let browser: Browser;
let vendor: ReturnType<typeof fakeVendor>['vendor'];

describe.skipIf(noBrowser)('the event board', () => {
  beforeAll(async () => {
    environment = await testEnvironment({ server: 'own' });
    const fake = fakeVendor();
    vendor = fake.vendor;
    await environment.work(fake.activities);
    board = await boardHarness(environment, { links });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await board?.stopApi();
    await environment?.close();
  });

  it('shows a week of the calendar, beside the list or on a phone in its place, in the zone of the reader', async () => {
    // Late in the evening of Monday where Temporal is, and on Tuesday in Tokyo.
    const late = planFor({ title: 'Night of music', startsAt: '2031-03-03T20:00:00Z', duration: '2h' });
    // Over midnight there: on both days.
    const long = planFor({ title: 'Long talk', startsAt: '2031-03-06T13:00:00Z', duration: '4h' });
    for (const plan of [late, long]) await environment.showcaller.start(plan);
    for (const [viewport, isBeside] of [
      [{ width: 1920, height: 1080 }, true],
      [{ width: 1280, height: 800 }, true],
      [{ width: 390, height: 844 }, false],
    ] as const) {
      const page = await openPage(browser, { ...zone, viewport });
      await board.signIn(page, 'viewer', '#/?view=week&week=2031-03-05');
      const day = (name: string) => page.locator(`[data-day="${name}"]`);
      await day('2031-03-04').getByText('Night of music').waitFor();
      expect(await page.locator('[data-day]').count()).toBe(7);
      expect(await day('2031-03-03').textContent()).toContain('No shows');
      expect(await day('2031-03-04').locator('time').textContent()).toBe('05:00–07:00');
      expect(await day('2031-03-06').locator('time').textContent()).toBe('22:00–…');
      expect(await day('2031-03-07').locator('time').textContent()).toBe('…–02:00');
      const [list, week] = [page.locator('.list'), page.locator('.calendar')];
      // The list comes by itself, beside the week or hidden below it.
      await page
        .locator('[data-event]')
        .first()
        .waitFor({ state: isBeside ? 'visible' : 'hidden' });
      if (isBeside) {
        const [left, right] = await Promise.all([list.boundingBox(), week.boundingBox()]);
        expect((left?.x ?? 0) + (left?.width ?? 0)).toBeLessThan(right?.x ?? 0);
        expect(right?.y).toBe(left?.y);
      }
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await page.getByRole('button', { name: 'Week after' }).focus();
      await page.keyboard.press('Enter');
      await until(() => page.url().includes('week=2031-03-10'));
      await day('2031-03-10').waitFor();
      expect(await page.getByText('Night of music').and(page.locator('.calendar *')).count()).toBe(0);
      await page.getByRole('button', { name: 'Week before' }).click();
      await day('2031-03-04').getByRole('link').click();
      await page.getByRole('article', { name: 'Event' }).getByRole('heading', { name: 'Night of music' }).waitFor();
    }
  });

  it('draws an outage while it lasts, and links to the runbook and to the Temporal UI', async () => {
    const waits = { firstConnect: '30m', encoderLost: '30m' };
    const plan = planFor({ title: 'Outage', duration: '1h', waits });
    const { eventId } = plan;
    await environment.showcaller.start(plan);
    const reaches = (phase: string) =>
      until(async () => (await environment.showcaller.status(eventId)).phase === phase);
    await reaches('waiting-for-encoder');
    vendor.connect(`sc-${eventId}`);
    await reaches('live');
    vendor.disconnect(`sc-${eventId}`);
    await reaches('encoder-lost');
    const page = await openPage(browser, zone);
    await board.signIn(page, 'viewer', `#/events/${eventId}`);
    await page.locator(`[data-event="${eventId}"] .extent.gap.now`).waitFor();
    const width = async () => {
      const style = await page.locator('.track.large .extent.gap.now').getAttribute('style');
      return Number(/width: ([\d.]+)%/.exec(style ?? '')?.[1]);
    };
    const before = await width();
    await until(async () => (await width()) > before);
    await page
      .getByText(/^since /)
      .first()
      .waitFor();
    const link = await page.getByRole('link', { name: 'Its runs in the Temporal UI' }).getAttribute('href');
    expect(decodeURIComponent(link ?? '')).toBe(`${links.temporalUi}?query=WorkflowId = 'live-event/${eventId}'`);
    vendor.connect(`sc-${eventId}`);
    await reaches('live');
    await until(async () => (await page.locator('.extent.gap.now').count()) === 0);
    vendor.fail('stop', 'unavailable', 1_000);
    await environment.showcaller.stopNow(eventId, { by: 'test', reason: 'enough', keepRecording: false });
    const runbook = page.getByRole('link', { name: 'What to do' }).first();
    await runbook.waitFor();
    expect(await runbook.getAttribute('href')).toMatch(/^https:\/\/docs\.example\/blob\/main\/docs\/operations\.md#/);
    expect(await violations(page)).toEqual([]);
    vendor.recover();
    await environment.showcaller.result(eventId);
  });
});
