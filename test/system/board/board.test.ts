import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NoWorkerError } from '../../../client/errors.ts';
import type { Plan } from '../../../domain/plan.ts';
import { startBrowser } from '../../../scripts/chromium.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type BoardHarness, boardHarness, holds, noBrowser, openPage } from './board-harness.ts';

const { vendor, activities } = fakeVendor();
let environment: TestEnvironment;
let board: BoardHarness;
let browser: Browser;

const far = { startsAt: '2031-01-01T18:00:00Z', duration: '1h' };

async function start(overrides: Partial<Plan> = {}): Promise<string> {
  const plan = planFor({ waits: { firstConnect: '10m', encoderLost: '10m' }, duration: '20m', ...overrides });
  await environment.showcaller.start(plan);
  return plan.eventId;
}

const rowOf = (page: Page, eventId: string) => page.locator(`[data-event="${eventId}"]`);
const detailOf = (page: Page) => page.getByRole('article', { name: 'Event' });
const badgeOf = (place: Locator, text: string) => place.locator('.badge', { hasText: text }).first();
const reaches = (eventId: string, phase: string) =>
  until(async () => (await environment.showcaller.status(eventId).catch(() => undefined))?.phase === phase);
const live = async (overrides: Partial<Plan> = {}): Promise<string> => {
  const eventId = await start(overrides);
  await reaches(eventId, 'waiting-for-encoder');
  vendor.connect(`sc-${eventId}`);
  await reaches(eventId, 'live');
  return eventId;
};

describe.skipIf(noBrowser)('the event board', () => {
  beforeAll(async () => {
    environment = await testEnvironment({ server: 'own' });
    await environment.work(activities);
    board = await boardHarness(environment, {
      budgetOf: () => ({ minutes: 100, onLimit: 'warn' }),
      ingest: async () => [{ protocol: 'rtmp', url: 'rtmp://in/app/k-1', server: 'rtmp://in/app', streamKey: 'k-1' }],
    });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await board?.stopApi();
    await environment?.close();
  });

  it('asks for a token, refuses one that is not known, and keeps one that is for this tab', async () => {
    const page = await openPage(browser);
    await page.goto(board.url);
    await page.getByLabel('Token').fill('sc_nobody');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('the token is not known').waitFor();
    await page.getByLabel('Token').fill(board.token('viewer'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('up to date').waitFor();
    await page.reload();
    await page.getByText('up to date').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('shows an event come up and go live without a reload, and counts down to its end', async () => {
    const page = await openPage(browser);
    await board.signIn(page, 'viewer');
    const eventId = await start({ title: 'Town hall' });
    await badgeOf(rowOf(page, eventId), 'Waiting for the encoder').waitFor();
    vendor.connect(`sc-${eventId}`);
    await badgeOf(rowOf(page, eventId), 'Live').waitFor();
    await badgeOf(rowOf(page, eventId), 'encoder connected').waitFor();
    await rowOf(page, eventId).locator('.extent.window').waitFor();
    const count = rowOf(page, eventId).locator('time');
    const before = await count.textContent();
    await until(async () => (await count.textContent()) !== before);
    vendor.disconnect(`sc-${eventId}`);
    await badgeOf(rowOf(page, eventId), 'Encoder lost').waitFor();
    expect(await page.title()).toContain('lost');
    await environment.showcaller.cancel(eventId);
    await page.getByRole('list', { name: 'Over' }).locator(`[data-event="${eventId}"]`).waitFor();
  });

  it('stops a show with a reason that stands in its report', async () => {
    const eventId = await live({ title: 'Concert' });
    const page = await openPage(browser);
    await board.signIn(page, 'operator', `#/events/${eventId}`);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('the singer is ill');
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await detailOf(page).getByText('stopped-by-operator').waitFor();
    await detailOf(page).getByText('the singer is ill', { exact: true }).waitFor();
    const { endReason, audit } = await environment.showcaller.result(eventId);
    expect(endReason).toBe('stopped-by-operator');
    expect(audit).toEqual([expect.objectContaining({ by: 'operator', reason: 'the singer is ill' })]);
    expect(await page.getByRole('button', { name: 'Stop' }).getAttribute('aria-disabled')).toBe('true');
  });

  it('shows why the run refuses, and keeps what was filled in', async () => {
    const eventId = await live({ waits: { maxDuration: '30m', firstConnect: '10m' } });
    const page = await openPage(browser);
    await board.signIn(page, 'operator', `#/events/${eventId}`);
    await page.getByRole('button', { name: 'Extend' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('encore');
    await dialog.getByRole('button', { name: '+60 min' }).click();
    await dialog.getByRole('button', { name: 'Extend' }).click();
    await dialog.getByRole('alert').getByText('no run goes on past').waitFor();
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('encore');
    await dialog.getByRole('button', { name: '+5 min' }).click();
    await dialog.getByRole('button', { name: 'Extend' }).click();
    await dialog.waitFor({ state: 'detached' });
    await detailOf(page).getByText('encore').waitFor();
    await environment.showcaller.cancel(eventId);
  });

  it('offers a viewer nothing to press, an operator no abandoning, and ingest endpoints only to whom they are given', async () => {
    const eventId = await live();
    const [viewer, operator, admin] = await Promise.all(
      ['viewer', 'operator', 'admin'].map(async (name) => {
        const page = await openPage(browser);
        await board.signIn(page, name, `#/events/${eventId}`);
        await badgeOf(detailOf(page), 'Live').waitFor();
        return page;
      }),
    );
    if (!viewer || !operator || !admin) throw new Error('three pages were opened');
    // To watch is what a viewer may do.
    expect(
      await detailOf(viewer)
        .getByRole('button', { name: /^(?!▶ Play)/ })
        .count(),
    ).toBe(0);
    expect(await operator.getByRole('button', { name: 'Stop' }).count()).toBe(1);
    expect(await operator.getByRole('button', { name: /Abandon clean-up|encoder sends/ }).count()).toBe(0);
    expect(await admin.getByRole('button', { name: 'Abandon clean-up' }).getAttribute('aria-disabled')).toBe('true');
    await admin.getByRole('button', { name: 'Show where the encoder sends' }).click();
    await admin.getByText('rtmp://in/app', { exact: true }).waitFor();
    expect(await admin.content()).not.toContain('k-1');
    await admin.getByRole('button', { name: 'Show the stream key' }).click();
    await admin.getByText('k-1', { exact: true }).waitFor();
    await environment.showcaller.cancel(eventId);
  });

  it('shows a title that is HTML as text', async () => {
    const title = '<img src=x onerror="document.title=1">&lt;b&gt;';
    const eventId = await start({ ...far, title });
    const page = await openPage(browser);
    await board.signIn(page, 'viewer', `#/events/${eventId}`);
    await page.getByRole('heading', { name: title }).waitFor();
    await rowOf(page, eventId).getByText(title).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    await environment.showcaller.cancel(eventId);
  });

  it('runs no script but its own, should one get into the page all the same', async () => {
    const page = await openPage(browser);
    await page.goto(board.url);
    await page
      .evaluate(
        `document.body.append(Object.assign(document.createElement('script'), { src: 'data:text/javascript,window.pwned=1' }))`,
      )
      .catch(() => undefined);
    const made = await page.evaluate(
      `(() => { try { document.body.innerHTML = '<b>x</b>'; return 'made'; } catch { return 'refused'; } })()`,
    );
    expect(made).toBe('refused');
    expect(await page.evaluate('typeof window.pwned')).toBe('undefined');
  });

  it('says since when it is not connected, and comes back by itself', async () => {
    const eventId = await start({ ...far, title: 'Before' });
    const page = await openPage(browser);
    await board.signIn(page, 'viewer');
    await rowOf(page, eventId).getByText('Before').waitFor();
    await board.stopApi();
    await page.getByText(/not connected since \d/).waitFor();
    expect(await rowOf(page, eventId).count()).toBe(1);
    const later = await start({ ...far, title: 'Meanwhile' });
    await board.startApi();
    await page.getByText('● up to date').waitFor();
    await rowOf(page, later).getByText('Meanwhile').waitFor();
    await Promise.all([eventId, later].map((id) => environment.showcaller.cancel(id)));
  });

  it('says since when it is not up to date, and why, until it is again', async () => {
    const page = await openPage(browser);
    await board.signIn(page, 'viewer');
    const { showcaller } = environment;
    const ask = showcaller.page;
    showcaller.page = () => Promise.reject(new NoWorkerError('board-test'));
    await page.getByText(/not up to date since .*: .*worker/).waitFor();
    showcaller.page = ask;
    await page.getByText('● up to date').waitFor();
  });

  it('shows what is chosen, and has the choice in its address', async () => {
    const tenant = `t-${Date.now()}`;
    const [mine, other] = await Promise.all([start({ ...far, tenant }), start({ ...far, tenant: `${tenant}-b` })]);
    const page = await openPage(browser);
    await board.signIn(page, 'viewer');
    await rowOf(page, other).waitFor();
    await page.getByLabel('Tenant').selectOption(tenant);
    await rowOf(page, other).waitFor({ state: 'detached' });
    await rowOf(page, mine).getByRole('link').click();
    await page.waitForURL(`**/#/events/${tenant}/${mine}?tenant=${tenant}`);
    await page.reload();
    await detailOf(page).getByRole('heading', { name: mine }).waitFor();
    await rowOf(page, mine).waitFor();
    expect(await rowOf(page, other).count()).toBe(0);
    await Promise.all([mine, other].map((id) => environment.showcaller.cancel(id)));
  });

  it('fits a phone without being scrolled sideways, and is worked by keyboard', async () => {
    const eventId = await live({ title: 'A rather long title that has to be broken somewhere', tenant: 'acme' });
    const page = await openPage(browser, { viewport: { width: 320, height: 640 }, hasTouch: true });
    await board.signIn(page, 'operator');
    const tooWide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    await rowOf(page, eventId).waitFor();
    expect(await page.evaluate(tooWide)).toBe(0);
    const cutOff = `(() => {
      const line = document.createElement('span');
      line.className = 'alerts alert-line';
      line.textContent = 'The encoder has sent nothing since 8:14 PM, and the show goes on without it';
      document.querySelector('[data-event="${eventId}"] .row-text').append(line);
      return line.scrollWidth - line.clientWidth;
    })()`;
    expect(await page.evaluate(cutOff)).toBe(0);
    await rowOf(page, eventId).getByRole('link').focus();
    await page.keyboard.press('Enter');
    await badgeOf(detailOf(page), 'Live').waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H2');
    expect(await page.evaluate(tooWide)).toBe(0);
    await detailOf(page).getByText('Billed until now').focus();
    await page.keyboard.press('Enter');
    await detailOf(page).getByRole('cell', { name: 'live channel, input' }).waitFor();
    expect(await page.evaluate(tooWide)).toBe(0);
    await page.getByRole('button', { name: 'Reset encoder' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('reason');
    expect(await page.evaluate(tooWide)).toBe(0);
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Reset encoder');
    await page.getByRole('link', { name: 'All events' }).click();
    await holds(page, `document.activeElement.closest('[data-event="${eventId}"]') !== null`);
    await page.getByText('Billed this month').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /acme alibaba-oss: live channel, input [\d.]+ min/ }).waitFor();
    await page.getByRole('row', { name: /acme [\d.]+ of 100 min \d+ %/ }).waitFor();
    expect(await page.evaluate(tooWide)).toBe(0);
    await environment.showcaller.cancel(eventId);
  });
});
