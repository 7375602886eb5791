import { read, send } from './api.js';
import { openDialog } from './dialog.js';
import { fill, h, toast } from './dom.js';
import { clockWithDay, inLocalTime } from './now.js';

/** @typedef {import('../../client/schedules/view.ts').ScheduleReport} Schedule */

const everyMs = 60_000;
const mostShown = 200;

/** What an operator does with a recurring show. */
const actions = /** @type {const} */ ([
  { name: 'trigger', label: 'Begin now', explains: 'Begins a show now.', when: () => true },
  {
    name: 'pause',
    label: 'Pause',
    explains: 'No show begins until it is resumed. Shows that go on are not touched.',
    when: (/** @type {Schedule} */ { paused }) => !paused,
  },
  {
    name: 'resume',
    label: 'Resume',
    explains: 'Shows begin again; those in between are not made up for.',
    when: (/** @type {Schedule} */ { paused }) => paused,
  },
]);

/** What came of an action; of a show that is to begin now, whether one began. @param {{ outcome?: 'started' | 'skipped' | 'buffered' | 'requested', eventId?: string }} answered */
export function doneText({ outcome, eventId }) {
  if (outcome === undefined) return 'done';
  if (outcome === 'started') return `${eventId} has begun`;
  if (outcome === 'skipped') return 'no show began: the one before is not over';
  if (outcome === 'buffered') return 'a show begins when the one before is over';
  return 'Temporal has the request, and has not said yet what came of it';
}

/** What the list does not show. A page that holds nothing is not the end. @param {{ schedules: Schedule[], unreadable?: { key: string, reason: string }[], cursor?: string }} page */
export function noteOf({ schedules, unreadable = [], cursor }) {
  const unread = unreadable.map(({ key, reason }) => `${key} cannot be read: ${reason}.`);
  const more =
    cursor === undefined ? [] : ['There may be more recurring shows; `showcaller schedule list` shows them.'];
  if (schedules.length === 0 && unread.length === 0 && more.length === 0) return 'Nothing recurs.';
  return [...unread, ...more].join(' ');
}

/**
 * The recurring shows and their next dates, in the reader's time zone.
 *
 * @param {{ me: import('./api.js').Me, passes: (schedule: Schedule) => boolean, changed: () => void }} options
 */
export function createSchedules({ me, passes, changed }) {
  const count = h('span', { class: 'count' });
  const list = h('ul', { class: 'rows schedules', 'aria-labelledby': 'group-recurring' });
  const note = h('p', { class: 'empty' }, 'Not read yet.');
  const element = h('section', { class: 'group' }, h('h2', { id: 'group-recurring' }, 'Recurring ', count), list, note);
  /** @type {Schedule[]} */
  let known = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let isReading = false;

  function show() {
    const shown = known.filter(passes);
    count.textContent = String(shown.length);
    fill(list, ...shown.map(rowOf));
  }

  /** @param {Schedule} schedule */
  function rowOf(schedule) {
    const { title, scheduleId, vendor, plan, timeZone, paused, shows, warnings, note: why } = schedule;
    const names = [scheduleId, vendor, me.tenant === undefined && plan.tenant, timeZone].filter(Boolean).join(' · ');
    const may = me.permissions.includes('operator');
    return h(
      'li',
      { class: 'schedule', 'data-schedule': scheduleId },
      h('p', { class: 'schedule-title' }, h('strong', {}, title), paused && ' — paused', ` ${names}`),
      paused && why !== undefined && h('p', { class: 'note' }, why),
      shows.length > 0
        ? h(
            'ol',
            { class: 'dates', 'aria-label': `Next dates of ${title}` },
            shows.map(({ startsAt, local }) =>
              h('li', {}, h('time', { datetime: startsAt, title: local }, clockWithDay(Date.parse(startsAt)))),
            ),
          )
        : h('p', { class: 'note' }, 'No show comes.'),
      warnings.map((warning) => h('p', { class: 'note' }, inLocalTime(warning))),
      may &&
        h(
          'div',
          { class: 'buttons' },
          actions.filter(({ when }) => when(schedule)).map((action) => button(schedule, action)),
        ),
    );
  }

  /** @param {Schedule} schedule @param {(typeof actions)[number]} action */
  function button({ title, scheduleId, plan: { tenant } }, { name, label, explains }) {
    const of = me.tenant === undefined && tenant !== undefined ? `?tenant=${encodeURIComponent(tenant)}` : '';
    const path = `v1/schedules/${encodeURIComponent(scheduleId)}/actions/${name}${of}`;
    const open = () =>
      openDialog({
        ...{ title: `${label}: ${title}`, explains, label, fields: [] },
        submit: async (body) => {
          toast(`${title}: ${doneText(await send(path, body))}`);
          await look();
        },
      });
    return h('button', { type: 'button', 'aria-label': `${label}: ${title}`, onclick: open }, label);
  }

  async function look() {
    isReading = true;
    readAt = Date.now();
    try {
      const page = await read(`v1/schedules?limit=${mostShown}`);
      known = page.schedules;
      note.textContent = noteOf(page);
    } catch (error) {
      // What is shown may be over, and the reader has to know.
      note.textContent = `Not up to date: ${error instanceof Error ? error.message : error}`;
    } finally {
      isReading = false;
      show();
      changed();
    }
  }

  return {
    element,
    show,
    look,
    /** The next shows of each that is not paused. @returns {import('./calendar.js').Coming[]} */
    coming: () =>
      known
        .filter((schedule) => !schedule.paused && passes(schedule))
        .flatMap(({ title, plan: { tenant }, shows }) =>
          shows.map(({ startsAt, eventId }) => ({ title, startsAt: Date.parse(startsAt), eventId, tenant })),
        ),
    tick() {
      if (!document.hidden && !isReading && Math.abs(Date.now() - readAt) >= everyMs) void look();
    },
  };
}
