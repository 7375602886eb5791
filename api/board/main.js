import { dropToken, token } from './api.js';
import { createDetail } from './detail.js';
import { announce, byId, fill, h } from './dom.js';
import { createFilters } from './filters.js';
import { createList } from './list.js';
import { clock, countOn, everySecond, now } from './now.js';
import { signIn, whoAmI } from './sign-in.js';
import { openStream } from './stream.js';
import { phaseWord } from './words.js';

/** @typedef {import('../streams/cards.ts').EventCard} Card */

const main = byId('main');
const connection = byId('connection');
/** A hidden page closes its connections, because a browser has few. */
const hiddenForMs = 60_000;

/** `#/events/<id>?vendor=…` */
function route() {
  const [path = '', query = ''] = location.hash.slice(1).split('?');
  const found = /^\/events\/([^/]+)$/.exec(path)?.[1];
  return { eventId: found === undefined ? undefined : decodeURIComponent(found), query: new URLSearchParams(query) };
}

/** @param {string | undefined} eventId @param {URLSearchParams} query */
function addressOf(eventId, query) {
  const text = query.toString();
  return `#/${eventId === undefined ? '' : `events/${encodeURIComponent(eventId)}`}${text && `?${text}`}`;
}

/** Shows the board until its reader signs out or the token is refused. @param {import('./api.js').Me} me @returns {Promise<string>} why */
function showBoard(me) {
  return new Promise((resolve) => {
    /** @type {Map<string, Card>} */
    const cards = new Map();
    const list = createList((eventId) => addressOf(eventId, route().query));
    const filters = createFilters({
      query: () => route().query,
      change: (query) => {
        location.hash = addressOf(route().eventId, query);
      },
      withTenant: me.tenant === undefined,
    });
    const overview = h('div', { class: 'overview' }, filters.element, list.element);
    const side = h('div', { class: 'side' });
    fill(main, overview, side);
    /** @type {{ eventId: string, detail: ReturnType<typeof createDetail> } | undefined} */
    let open;

    function show() {
      const all = [...cards.values()];
      filters.offer(all);
      list.show(all.filter(filters.passes), filters.lengthMs(), open?.eventId);
      const lost = all.filter(({ phase }) => phase === 'encoder-lost').length;
      document.title = lost > 0 ? `▲ ${lost} lost – Event board` : 'Event board';
    }

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
      const { eventId } = route();
      const before = open;
      if (before?.eventId !== eventId) {
        before?.detail.close();
        open = undefined;
        fill(side);
        if (eventId !== undefined) {
          const back = () => addressOf(undefined, route().query);
          const detail = createDetail({ eventId, me, back, lost: () => end('the token is not known any more') });
          open = { eventId, detail };
          fill(side, detail.element);
        }
      }
      main.classList.toggle('with-detail', open !== undefined);
      show();
      if (open === before) return;
      // On a phone the other half is hidden, and the focus with it.
      if (open) open.detail.focus();
      else if (before) rowOf(before.eventId)?.focus();
    }

    const stream = keepStream({
      onMessage(event, data) {
        if (event === 'snapshot') {
          cards.clear();
          for (const card of data.events) cards.set(card.eventId, card);
        } else if (event === 'gone') cards.delete(data.eventId);
        else if (event === 'event') {
          announceChange(cards.get(data.eventId), data);
          cards.set(data.eventId, data);
        }
        showSoon();
      },
      onEnd: (why) => end(why),
    });
    const stopTicking = everySecond(() => {
      list.tick();
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
      for (const id of ['reader', 'connection']) fill(byId(id));
      main.classList.remove('with-detail');
      resolve(why);
    }
  });
}

/** @param {string} eventId @returns {HTMLElement | null} */
const rowOf = (eventId) => document.querySelector(`[data-event="${CSS.escape(eventId)}"] a`);

/** Announces a new phase to screen readers. @param {Card | undefined} before @param {Card} card */
function announceChange(before, card) {
  if (before?.phase !== card.phase) announce(`${card.title ?? card.eventId}: ${phaseWord(card.phase).text}`);
}

/** The stream of all events, while the page is looked at. @param {{ onMessage: (event: string, data: any) => void, onEnd: (why: string) => void }} listener */
function keepStream({ onMessage, onEnd }) {
  /** @type {number | undefined} */
  let downSince;
  /** @type {(() => void) | undefined} */
  let close;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let hiding;
  const start = () => {
    close = openStream('v1/stream', {
      onMessage,
      onState({ connected, problem }) {
        if (problem && [401, 403].includes(problem.status)) return onEnd(problem.detail);
        const well = connected && !problem;
        downSince = well ? undefined : (downSince ?? now());
        showConnection(well, downSince, connected ? problem?.detail : undefined);
      },
    });
  };
  const followVisibility = () => {
    clearTimeout(hiding);
    if (!document.hidden) return close ?? start();
    hiding = setTimeout(() => {
      close?.();
      close = undefined;
      downSince = now();
    }, hiddenForMs);
  };
  document.addEventListener('visibilitychange', followVisibility);
  start();
  return {
    close() {
      document.removeEventListener('visibilitychange', followVisibility);
      clearTimeout(hiding);
      close?.();
    },
  };
}

/** @param {boolean} well @param {number | undefined} since @param {string | undefined} why */
function showConnection(well, since, why) {
  document.body.classList.toggle('stale', !well);
  const text = well
    ? '● up to date'
    : `▲ not ${why ? 'up to date' : 'connected'} since ${clock(since ?? now())}${why ? `: ${why}` : ''}`;
  if (connection.textContent !== text) connection.textContent = text;
}

everySecond(() => {
  byId('clock').textContent = new Date(now()).toLocaleTimeString();
  countOn();
});

/** @type {string} */
let why = '';
for (;;) {
  try {
    const me = (await whoAmI()) ?? (await signIn(main, why));
    why = await showBoard(me);
  } catch (error) {
    showConnection(false, now(), error instanceof Error ? error.message : String(error));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
}
