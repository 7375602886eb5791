import { identityOf, read } from './api.js';
import { fill, h } from './dom.js';
import { now } from './now.js';
import { isOver } from './phases.js';
import { phaseWord } from './words.js';

/** @typedef {import('../../client/cards.ts').EventCard} Card */
/** @typedef {Pick<Card, 'eventId' | 'tenant' | 'vendor' | 'title' | 'startsAt' | 'endsAt' | 'phase' | 'conditions'>} Shown */
/** @typedef {{ title: string, startsAt: number, eventId: string, tenant: string | undefined }} Coming A show that a schedule will begin. */
/** @typedef {{ at: number, endsAt: number, link?: string, title: string, state: string, tone: string }} Entry */

const readEveryMs = 60_000;
const pageSize = 100;
const mostRead = 500;
const daysOfWeek = 7;

const dayName = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const wholeDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' });
const hourAndMinute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** Midnight, so many days later, where the reader is: a day may have 23 or 25 hours. @param {Date} day @param {number} days */
const later = (day, days) => new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);

/** The Monday of the week of an instant. @param {number} at */
function mondayOf(at) {
  const day = new Date(at);
  return later(day, -((day.getDay() + 6) % daysOfWeek));
}

/** `2026-11-23`, as an address has it. @param {Date} day */
const textOfDay = (day) =>
  [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((n) => String(n).padStart(2, '0')).join('-');

/** @param {string | null} text */
function mondayIn(text) {
  const [, year = 0, month = 0, day = 0] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? '')?.map(Number) ?? [];
  return mondayOf(year > 0 ? new Date(year, month - 1, day).getTime() : now());
}

/**
 * One week of the reader's calendar, with the shows of each day. The week is part of the address.
 *
 * @param {{ query: () => URLSearchParams, go: (query: URLSearchParams) => void, passes: (event: Shown) => boolean, addressOf: (event: Shown) => string, coming: () => Coming[] }} options
 */
export function createCalendar({ query, go, passes, addressOf, coming }) {
  const heading = h('h2', { id: 'week', 'aria-live': 'polite' });
  const note = h('p', { class: 'note', role: 'status' });
  const days = h('ol', { class: 'days', 'aria-labelledby': 'week' });
  const element = h(
    'section',
    { class: 'calendar', hidden: true },
    h(
      'div',
      { class: 'week-head' },
      heading,
      h(
        'div',
        { class: 'buttons' },
        h('button', { type: 'button', 'aria-label': 'Week before', onclick: () => move(-daysOfWeek) }, '‹'),
        h('button', { type: 'button', onclick: () => goTo(mondayOf(now())) }, 'This week'),
        h('button', { type: 'button', 'aria-label': 'Week after', onclick: () => move(daysOfWeek) }, '›'),
      ),
    ),
    note,
    days,
  );
  /** @type {readonly Card[]} */
  let cards = [];
  /** @type {{ week: string, events: Shown[], at: number, isReading: boolean }} */
  let known = { week: '', events: [], at: Number.NEGATIVE_INFINITY, isReading: false };
  let drawn = '';

  const isOpen = () => query().get('view') === 'week';
  const monday = () => mondayIn(query().get('week'));

  /** @param {Date} day */
  function goTo(day) {
    const wanted = new URLSearchParams(query());
    if (day.getTime() === mondayOf(now()).getTime()) wanted.delete('week');
    else wanted.set('week', textOfDay(day));
    go(wanted);
  }
  const move = (/** @type {number} */ by) => goTo(later(monday(), by));

  /** The events of the week that the list has not, because it has the newest alone. */
  async function readWeek() {
    const first = monday();
    const week = textOfDay(first);
    const mine = { week, events: known.week === week ? known.events : [], at: performance.now(), isReading: true };
    known = mine;
    const span = `from=${first.toISOString()}&to=${later(first, daysOfWeek).toISOString()}&limit=${pageSize}`;
    try {
      /** @type {Shown[]} */
      const events = [];
      let next = '';
      do {
        const page = await read(`v1/events?${span}${next && `&cursor=${encodeURIComponent(next)}`}`);
        for (const { startsAt, ...event } of page.events)
          events.push({ ...event, ...(startsAt && { startsAt: Date.parse(startsAt) }) });
        next = page.cursor ?? '';
        // A full page names a next one also where that is empty.
      } while (next !== '' && events.length <= mostRead);
      mine.events = events.slice(0, mostRead);
      note.textContent = events.length <= mostRead ? '' : `Only the newest ${mostRead} events of this week are shown.`;
    } catch (error) {
      note.textContent = `Not up to date: ${error instanceof Error ? error.message : error}`;
    } finally {
      mine.isReading = false;
      if (known === mine) draw();
    }
  }

  /** @returns {Entry[]} */
  function entries() {
    const all = new Map(known.events.map((event) => [identityOf(event), event]));
    for (const card of cards) all.set(identityOf(card), card);
    const events = [...all.values()].filter(passes).flatMap((event) => {
      const { eventId, title, startsAt, endsAt, phase, conditions = [] } = event;
      if (startsAt === undefined) return [];
      const { text, tone } = phaseWord(phase);
      const isWrong = conditions.length > 0;
      return [
        {
          ...{ at: startsAt, endsAt: endsAt ?? startsAt, link: addressOf(event), title: title ?? eventId },
          state: isWrong ? `▲ ${text}` : text,
          tone: isWrong ? 'warn' : isOver(phase) && phase !== 'failed' ? '' : tone,
        },
      ];
    });
    const ofSchedules = coming()
      .filter((show) => !all.has(identityOf(show)))
      .map(({ title, startsAt }) => ({ at: startsAt, endsAt: startsAt, title, state: '↻ recurring', tone: '' }));
    return [...events, ...ofSchedules].sort((a, b) => a.at - b.at);
  }

  function draw() {
    const first = monday();
    const all = entries();
    const today = textOfDay(new Date(now()));
    const shown = Array.from({ length: daysOfWeek }, (_, index) => {
      const [day, next] = [later(first, index), later(first, index + 1)];
      const ofDay = all.filter(({ at, endsAt }) => at < next.getTime() && Math.max(endsAt, at + 1) > day.getTime());
      return { day, isToday: textOfDay(day) === today, ofDay };
    });
    // Drawn anew only when it differs, so that the focus stays.
    const key = JSON.stringify(shown);
    if (key === drawn) return;
    drawn = key;
    heading.textContent = `${dayName.format(first)} – ${dayName.format(later(first, daysOfWeek - 1))} ${later(first, daysOfWeek - 1).getFullYear()}`;
    fill(
      days,
      shown.map(({ day, isToday, ofDay }) =>
        h(
          'li',
          { class: `day ${isToday ? 'today' : ''} ${ofDay.length === 0 ? 'free' : ''}`, 'data-day': textOfDay(day) },
          h('h3', { title: wholeDay.format(day) }, dayName.format(day), isToday && ' · today'),
          ofDay.length === 0
            ? h('p', { class: 'note' }, 'No shows')
            : h(
                'ul',
                { class: 'plain' },
                ofDay.map((entry) => h('li', {}, entryOf(entry, day))),
              ),
        ),
      ),
    );
  }

  return {
    element,
    isOpen,
    /** @param {readonly Card[]} all */
    show(all) {
      cards = all;
      element.hidden = !isOpen();
      if (!isOpen()) return;
      if (known.week !== textOfDay(monday())) void readWeek();
      draw();
    },
    tick() {
      if (isOpen() && !document.hidden && !known.isReading && performance.now() - known.at >= readEveryMs)
        void readWeek();
    },
  };
}

/** @param {Entry} entry @param {Date} day */
function entryOf({ at, endsAt, link, title, state, tone }, day) {
  const begins = at < day.getTime() ? '…' : hourAndMinute.format(at);
  const ends = endsAt > at ? `–${endsAt > later(day, 1).getTime() ? '…' : hourAndMinute.format(endsAt)}` : '';
  const inside = [
    h('time', { datetime: new Date(at).toISOString() }, `${begins}${ends}`),
    h('strong', { class: 'title' }, title),
    h('span', { class: `entry-state ${tone}` }, state),
  ];
  return link === undefined
    ? h('span', { class: 'entry coming' }, inside)
    : h('a', { class: 'entry', href: link }, inside);
}
