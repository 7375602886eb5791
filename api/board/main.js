import { identityOf } from './api.js';
import { createCalendar } from './calendar.js';
import { systemText } from './conditions.js';
import { keepStream, showConnection } from './connection.js';
import { createButton } from './create.js';
import { createDetail } from './detail.js';
import { announce, byId, fill, h } from './dom.js';
import { createFilters } from './filters.js';
import { createList } from './list.js';
import { countOn, everySecond, now } from './now.js';
import { createSchedules } from './schedules.js';
import { dropToken, token } from './session.js';
import { answerOfProvider, signIn, whoAmI } from './sign-in.js';
import { createMonthUsage } from './usage.js';
import { onAirText, onAirTone, phaseWord } from './words.js';

/** @typedef {import('../../client/cards.ts').EventCard} Card */
/** @typedef {import('./api.js').EventName} EventName */

const main = byId('main');

/** `#/events/<id>?vendor=…`, with the tenant before the id for readers of all tenants. */
function route() {
  const [path = '', query = ''] = location.hash.slice(1).split('?');
  const [, tenant, eventId] =
    /^\/events\/(?:([^/]+)\/)?([^/]+)$/.exec(path)?.map((part) => part && decodeURIComponent(part)) ?? [];
  return { event: eventId === undefined ? undefined : { eventId, tenant }, query: new URLSearchParams(query) };
}

/** @param {EventName | undefined} event @param {URLSearchParams} query */
function addressOf(event, query) {
  const text = query.toString();
  const parts = event ? ['events', ...(event.tenant === undefined ? [] : [event.tenant]), event.eventId] : [];
  return `#/${parts.map(encodeURIComponent).join('/')}${text && `?${text}`}`;
}

/** Shows the board until its reader signs out or the token is refused. @param {import('./api.js').Me} me @returns {Promise<string>} why */
function showBoard(me) {
  return new Promise((resolve) => {
    /** @type {Map<string, Card>} */
    const cards = new Map();
    /** The tenant of a reader of one tenant goes without saying. @param {EventName} event */
    const nameOf = ({ eventId, tenant }) => ({ eventId, tenant: me.tenant === undefined ? tenant : undefined });
    const list = createList((card) => addressOf(nameOf(card), route().query), { nameOf, showsStills: me.showsStills });
    const filters = createFilters({
      query: () => route().query,
      change: (query, { replaces }) => {
        const address = addressOf(route().event, query);
        if (replaces) location.replace(address);
        else location.hash = address;
      },
      withTenant: me.tenant === undefined,
    });
    const schedules = createSchedules({ me, passes: filters.passesSchedule, changed: () => showSoon() });
    const calendar = createCalendar({
      query: () => route().query,
      go: (query) => {
        location.hash = addressOf(route().event, query);
      },
      passes: filters.passes,
      addressOf: (event) => addressOf(nameOf(event), route().query),
      coming: schedules.coming,
    });
    const vendors = () => [...new Set([...cards.values()].flatMap(({ vendor }) => vendor ?? []))].sort();
    const making = createButton({
      ...{ me, vendors, scheduled: () => void schedules.look() },
      made: (event) => {
        location.hash = addressOf(event, route().query);
      },
    });
    const shows = h('div', { class: 'shows' }, h('div', { class: 'listed' }, list.element), calendar.element);
    const overview = h(
      'div',
      { class: 'overview' },
      filters.element,
      making,
      shows,
      schedules.element,
      createMonthUsage(),
    );
    const side = h('div', { class: 'side' });
    fill(main, overview, side);
    /** @type {{ event: EventName, detail: ReturnType<typeof createDetail> } | undefined} */
    let open;
    /** @type {import('../../client/cards.ts').SystemCard | undefined} */
    let system;

    function show() {
      const all = [...cards.values()];
      filters.offer(all);
      schedules.show();
      calendar.show(all);
      shows.classList.toggle('with-week', calendar.isOpen());
      list.show(all.filter(filters.passes), filters.lengthMs(), open && identityIn(open.event));
      const card = open && cards.get(identityIn(open.event));
      if (open) open.detail.seen(card && (card.conditions ?? []), system);
      document.title = titleOf(all);
    }

    /** Cards always name their tenant; the address of a reader of one tenant does not. @param {EventName} event */
    const identityIn = ({ eventId, tenant }) => identityOf({ eventId, tenant: me.tenant ?? tenant });

    let isDue = false;
    /** Once for all messages that arrived together. */
    function showSoon() {
      if (isDue) return;
      isDue = true;
      queueMicrotask(() => {
        isDue = false;
        show();
      });
    }

    function follow() {
      const { event } = route();
      const before = open;
      if (addressOf(before?.event, route().query) !== addressOf(event, route().query)) {
        before?.detail.close();
        open = undefined;
        fill(side);
        if (event) {
          const back = () => addressOf(undefined, route().query);
          const detail = createDetail({ event, me, back, lost: () => end('the token is not known any more') });
          open = { event, detail };
          fill(side, detail.element);
        }
      }
      main.classList.toggle('with-detail', open !== undefined);
      show();
      if (open === before) return;
      // On a phone the other half is hidden, and the focus with it.
      if (open) open.detail.focus();
      else if (before) list.focus(identityIn(before.event));
    }

    const stream = keepStream({
      onMessage(event, data) {
        if (event === 'snapshot') {
          cards.clear();
          for (const card of data.events) cards.set(identityOf(card), card);
        } else if (event === 'gone') cards.delete(identityOf(data));
        else if (event === 'event') {
          announceChange(cards.get(identityOf(data)), data);
          cards.set(identityOf(data), data);
        } else if (event === 'system') {
          system = data;
          showSystem(data);
        }
        showSoon();
      },
      onEnd: (why) => end(why),
    });
    const stopTicking = everySecond(() => {
      list.tick();
      calendar.tick();
      schedules.tick();
      open?.detail.tick();
    });
    const signOut = h('button', { type: 'button', onclick: () => end('') }, 'Sign out');
    fill(byId('reader'), h('span', {}, me.name, me.tenant && ` · ${me.tenant}`), token() !== null && signOut);
    window.addEventListener('hashchange', follow);
    follow();

    /** @param {string} why */
    function end(why) {
      window.removeEventListener('hashchange', follow);
      stopTicking();
      stream.close();
      open?.detail.close();
      dropToken();
      for (const id of ['reader', 'connection', 'system']) fill(byId(id));
      main.classList.remove('with-detail');
      resolve(why);
    }
  });
}

/** @param {Card[]} cards */
function titleOf(cards) {
  const lost = cards.filter(({ phase }) => phase === 'encoder-lost').length;
  const wrong = cards.filter(({ conditions }) => conditions && conditions.length > 0).length;
  const off = cards.filter(({ onAir, phase }) => onAirTone(onAir, phase) === 'bad').length;
  const parts = [
    off > 0 && `${off} without picture`,
    lost > 0 && `${lost} lost`,
    wrong > 0 && `${wrong} to look at`,
  ].filter(Boolean);
  return parts.length > 0 ? `▲ ${parts.join(', ')} – Event board` : 'Event board';
}

/** Announces a new phase, and a change of what viewers get, to screen readers. @param {Card | undefined} before @param {Card} card */
function announceChange(before, card) {
  const name = card.title ?? card.eventId;
  if (before?.phase !== card.phase) announce(`${name}: ${phaseWord(card.phase).text}`);
  for (const { name: condition, message } of card.conditions ?? [])
    if (!before?.conditions?.some((one) => one.name === condition)) announce(`${name}: ${message}`);
  const viewers = onAirText(card.onAir, card.phase);
  if (viewers && viewers !== onAirText(before?.onAir, before?.phase)) announce(`${name}: ${viewers}`);
}

/** Whether workers and pollers look at the events. @param {import('../../client/cards.ts').SystemCard} system */
function showSystem(system) {
  const element = byId('system');
  const { well, text } = systemText(system);
  element.classList.toggle('unwell', !well);
  if (element.textContent !== text) element.textContent = text;
}

everySecond(() => {
  byId('clock').textContent = new Date(now()).toLocaleTimeString();
  countOn();
});

let why = await answerOfProvider();
for (;;) {
  try {
    const me = (await whoAmI()) ?? (await signIn(main, why));
    why = await showBoard(me);
  } catch (error) {
    showConnection(false, now(), error instanceof Error ? error.message : String(error));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
}
