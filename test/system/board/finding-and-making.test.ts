import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScheduleReport } from '../../../client/schedules/view.ts';
import { startBrowser } from '../../../scripts/chromium.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type BoardHarness, boardHarness, noBrowser, openPage, violations } from './board-harness.ts';

const zone = { timezoneId: 'Asia/Tokyo', locale: 'en-GB' };
const phone = { viewport: { width: 390, height: 844 } };
let environment: TestEnvironment;
let board: BoardHarness;
let browser: Browser;

const rows = (page: Page) =>
  page.locator('[data-event]').evaluateAll((found) => found.map((one) => one.getAttribute('data-event')));
const problemsIn = (page: Page) => page.locator('dialog .problem li').allTextContents();

/** What the API itself says is wrong with this body. */
async function problemsOf(path: string, body: object): Promise<string[]> {
  const headers = { authorization: `Bearer ${board.token('admin')}`, 'content-type': 'application/json' };
  const answer = await fetch(new URL(path, board.url), { method: 'POST', headers, body: JSON.stringify(body) });
  const { problems } = (await answer.json()) as { problems: { path: string; message: string }[] };
  return problems.map(({ path: at, message }) => `${at}: ${message}`);
}

describe.skipIf(noBrowser)('on the event board', () => {
  beforeAll(async () => {
    environment = await testEnvironment({ server: 'own' });
    await environment.work(fakeVendor().activities);
    board = await boardHarness(environment);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await board?.stopApi();
    await environment?.close();
  });

  it('events are found by title and id, and the search is part of the address', async () => {
    const [one, other] = [
      planFor({ title: 'Town hall of March', startsAt: '2031-03-01T10:00:00Z' }),
      planFor({ title: 'Cup final', startsAt: '2031-04-01T10:00:00Z' }),
    ];
    for (const plan of [one, other]) await environment.showcaller.start(plan);
    const page = await openPage(browser);
    await board.signIn(page, 'viewer');
    const search = page.getByRole('searchbox', { name: 'Search' });
    await until(async () => (await rows(page)).length === 2);
    await search.fill('town HALL');
    await until(async () => (await rows(page)).join() === one.eventId);
    expect(page.url()).toContain('q=town');
    await page.reload();
    await until(async () => (await rows(page)).join() === one.eventId);
    expect(await search.inputValue()).toBe('town HALL');
    await search.fill(other.eventId);
    await until(async () => (await rows(page)).join() === other.eventId);
    await search.fill('');
    await until(async () => (await rows(page)).length === 2);
  });

  it('an event is made by a form, which shows all that the API finds wrong with it', async () => {
    const page = await openPage(browser, zone);
    await board.signIn(page, 'operator');
    await page.getByRole('button', { name: 'New event' }).click();
    const form = page.getByRole('dialog', { name: 'New event' });
    await form.getByLabel('Title').fill('Press conference');
    await form.getByLabel('Id').fill('not an id');
    await form.getByLabel('Vendor').fill('nobody');
    await form.getByLabel('Start').fill('2031-05-01T20:00');
    await form.getByLabel('More of the plan').fill('{ "waits": { "firstConnect": "soon" } }');
    await form.getByRole('button', { name: 'Make it' }).click();
    await form.locator('.problem li').first().waitFor();
    const wrong = { eventId: 'not an id', title: 'Press conference', vendor: 'nobody', duration: '60m' };
    const all = await problemsOf('v1/events', {
      ...{ ...wrong, startsAt: '2031-05-01T11:00:00.000Z', waits: { firstConnect: 'soon' } },
    });
    expect(all.length).toBeGreaterThanOrEqual(3);
    expect(await problemsIn(page)).toEqual(all);
    expect(await form.getByLabel('Id').getAttribute('aria-invalid')).toBe('true');
    expect(await form.getByLabel('Title').getAttribute('aria-invalid')).toBe('false');
    await form.getByLabel('Id').fill('press-conference');
    await form.getByLabel('Vendor').fill('alibaba-oss');
    await form.getByLabel('More of the plan').fill('');
    await form.getByRole('button', { name: 'Check' }).click();
    await form.getByText('The plan is right').waitFor();
    await expect(environment.showcaller.summary('press-conference')).rejects.toThrow('there is no event');
    await form.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('article', { name: 'Event' }).getByRole('heading', { name: 'Press conference' }).waitFor();
    // Eight in the evening where the reader is.
    const { startsAt } = await environment.showcaller.status('press-conference');
    expect(new Date(startsAt).toISOString()).toBe('2031-05-01T11:00:00.000Z');
  });

  it('recurring shows are made, shown with their next dates in the zone of the reader, paused and resumed', async () => {
    const page = await openPage(browser, zone);
    await board.signIn(page, 'admin');
    await page.getByText('Nothing recurs.').waitFor();
    await page.getByRole('button', { name: 'New event' }).click();
    const form = page.getByRole('dialog', { name: 'New event' });
    await form.getByLabel('Title').fill('Evening news');
    await form.getByLabel('Id').fill('evening-news');
    await form.getByLabel('Vendor').fill('alibaba-oss');
    await form.getByLabel('It recurs').check();
    await form.getByLabel('Calendar').fill('every evening');
    await form.getByLabel('Time zone').fill('Europe/Nowhere');
    await form.getByRole('button', { name: 'Make it' }).click();
    await form.locator('.problem li').first().waitFor();
    expect(await problemsIn(page)).toEqual(
      await problemsOf('v1/schedules', {
        ...{ scheduleId: 'evening-news', overlap: 'skip', spec: { cron: 'every evening', timeZone: 'Europe/Nowhere' } },
        plan: { title: 'Evening news', vendor: 'alibaba-oss', duration: '60m' },
      }),
    );
    await form.getByLabel('Calendar').fill('0 20 * * *');
    await form.getByLabel('Time zone').fill('Europe/Berlin');
    await form.getByRole('button', { name: 'Make it' }).click();
    const row = page.locator('[data-schedule="evening-news"]');
    await row.locator('time').first().waitFor();
    const headers = { authorization: `Bearer ${board.token('viewer')}` };
    const read = await fetch(new URL('v1/schedules/evening-news', board.url), { headers });
    const { shows } = (await read.json()) as ScheduleReport;
    const dates = await row.locator('time').evaluateAll((all) => all.map((one) => one.getAttribute('datetime')));
    expect(dates).toEqual(shows.map(({ startsAt }) => startsAt));
    expect(dates).toHaveLength(5);
    const hours = await row.locator('time').allTextContents();
    const inTokyo = (at: string) =>
      new Intl.DateTimeFormat('en-GB', { timeZone: zone.timezoneId, hour: '2-digit', minute: '2-digit' }).format(
        Date.parse(at),
      );
    shows.forEach(({ startsAt }, at) => {
      expect(hours[at]).toContain(inTokyo(startsAt));
    });
    await row.getByRole('button', { name: 'Pause' }).click();
    await page.getByLabel('Reason').fill('summer');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await row.getByText('paused').first().waitFor();
    await row.getByText('admin: summer').waitFor();
    await row.getByRole('button', { name: 'Resume' }).waitFor();
  });

  it('readers who may make nothing are offered nothing', async () => {
    const page = await openPage(browser);
    await board.signIn(page, 'viewer');
    await page.locator('[data-schedule]').first().waitFor();
    expect(await page.getByRole('button', { name: /New event|Pause|Resume|Begin now/ }).count()).toBe(0);
  });

  it.each([
    ['on a desk', {}],
    ['on a phone', phone],
  ])('axe-core finds nothing wrong with the list, an event and the form, %s', async (_where, options) => {
    const page = await openPage(browser, { ...options, ...zone });
    await board.signIn(page, 'admin');
    await page.locator('[data-event]').first().waitFor();
    await page.locator('[data-schedule]').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'New event' }).click();
    await page.getByRole('dialog').getByLabel('It recurs').check();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.locator('[data-event] a').first().click();
    await page.getByRole('article', { name: 'Event' }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    // And it does look.
    await page.evaluate("document.querySelector('main').append(document.createElement('input'))");
    expect(await violations(page)).toEqual([expect.stringMatching(/^label: /)]);
  });
});
