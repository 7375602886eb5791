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
          await send(path, body);
          toast(`${title}: done`);
          await look();
        },
      });
    return h('button', { type: 'button', 'aria-label': `${label}: ${title}`, onclick: open }, label);
  }

  async function look() {
    isReading = true;
    readAt = performance.now();
    try {
      const { schedules } = await read(`v1/schedules?limit=${mostShown}`);
      known = schedules;
      note.textContent = known.length === 0 ? 'Nothing recurs.' : '';
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
      if (!document.hidden && !isReading && performance.now() - readAt >= everyMs) void look();
    },
  };
}
