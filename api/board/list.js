import { identityOf } from './api.js';
import { conditionLines } from './conditions.js';
import { fill, h } from './dom.js';
import { inLocalTime } from './now.js';
import { acceptsEncoder, goesOn, isOver, staleSince } from './phases.js';
import { createStills } from './stills.js';
import { aroundNow, bars, drawAxis, drawNow } from './timeline.js';
import { cueSentence, encoderBadge, onAirBadge, onAirTone, phaseBadge } from './words.js';

/** @typedef {import('../../client/cards.ts').EventCard} Card */
/** @typedef {{ element: HTMLElement, show: (card: Card) => void, draw: (span: import('./timeline.js').Span) => void }} Row */

const groups = /** @type {const} */ ([
  ['on', 'On now', 'Nothing is on.'],
  ['coming', 'Coming', 'Nothing is planned.'],
  ['over', 'Over', 'Nothing is over.'],
]);
/** Redraws of the time axis while it moves by its own length. */
const drawsPerSpan = 1_200;

/** @param {(card: Card) => string} addressOf @param {{ nameOf: (card: Card) => import('./api.js').EventName, showsStills: boolean }} options */
export function createList(addressOf, { nameOf, showsStills }) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  const axis = h('div', { class: 'axis', 'aria-hidden': 'true' });
  const places = groups.map(([name, title, empty]) => {
    const count = h('span', { class: 'count' });
    const list = h('ul', { class: 'rows', 'aria-labelledby': `group-${name}` });
    const nothing = h('p', { class: 'empty' }, empty);
    const heading = h('h2', { id: `group-${name}` }, title, ' ', count);
    return { name, count, list, nothing, element: h('section', { class: 'group' }, heading, list, nothing) };
  });
  const element = h(
    'div',
    { class: 'list' },
    axis,
    places.map((group) => group.element),
  );
  /** @type {Card[]} */
  let onAir = [];
  const isSeen = (/** @type {Card} */ card) => {
    const { top = 0, bottom = 0 } = rows.get(identityOf(card))?.element.getBoundingClientRect() ?? {};
    return bottom > 0 && top < innerHeight;
  };
  const stills = showsStills ? createStills(() => onAir.filter(isSeen).map(nameOf)) : undefined;
  let drawnAt = 0;
  let lengthMs = 0;

  function draw() {
    const span = aroundNow(lengthMs);
    drawnAt = Date.now();
    drawAxis(axis, span);
    drawNow(element, span);
    for (const row of rows.values()) row.draw(span);
  }

  return {
    element,
    /** @param {Card[]} cards @param {number} shownMs @param {string | undefined} selected */
    show(cards, shownMs, selected) {
      lengthMs = shownMs;
      onAir = cards.filter((card) => card.onAir?.state === 'on-air' && acceptsEncoder(card.phase));
      const wanted = new Set(cards.map(identityOf));
      for (const [identity, { element: row }] of rows) {
        if (wanted.has(identity)) continue;
        row.remove();
        rows.delete(identity);
      }
      for (const { name, list, count, nothing } of places) {
        const here = sorted(
          name,
          cards.filter((card) => groupOf(card) === name),
        );
        here.forEach((card, index) => {
          const row = rows.get(identityOf(card)) ?? createRow(card.eventId, stills?.elementOf(nameOf(card)));
          rows.set(identityOf(card), row);
          row.show(card);
          const link = row.element.firstElementChild;
          link?.setAttribute('href', addressOf(card));
          if (identityOf(card) === selected) link?.setAttribute('aria-current', 'true');
          else link?.removeAttribute('aria-current');
          putAt(list, row.element, index);
        });
        count.textContent = here.length > 0 ? String(here.length) : '';
        nothing.hidden = here.length > 0;
      }
      draw();
    },
    /** @param {string} identity */
    focus(identity) {
      const link = rows.get(identity)?.element.firstElementChild;
      if (link instanceof HTMLElement) link.focus();
    },
    tick() {
      void stills?.tick();
      if (Date.now() - drawnAt >= lengthMs / drawsPerSpan) draw();
    },
  };
}

/** @param {Card} card */
function groupOf({ phase, workflowStatus }) {
  if (isOver(phase) || !goesOn(workflowStatus)) return 'over';
  return phase === 'scheduled' || phase === undefined ? 'coming' : 'on';
}

/** Soonest first; ended events latest first. @param {string} group @param {Card[]} cards */
function sorted(group, cards) {
  const direction = group === 'over' ? -1 : 1;
  const key = (/** @type {Card} */ card) => card.startsAt ?? 0;
  return cards.sort((a, b) => (key(a) - key(b) || a.eventId.localeCompare(b.eventId)) * direction);
}

/** Moves a row only when it is elsewhere, and keeps its focus. @param {Element} list @param {HTMLElement} row @param {number} index */
function putAt(list, row, index) {
  if (list.children[index] === row) return;
  const focused = document.activeElement;
  list.insertBefore(row, list.children[index] ?? null);
  if (focused instanceof HTMLElement && row.contains(focused)) focused.focus();
}

/** @param {string} eventId @param {HTMLElement | undefined} still @returns {Row} */
function createRow(eventId, still) {
  const text = h('span', { class: 'row-text' });
  const head = h('span', { class: 'row-head' }, still, text);
  const track = h('span', { class: 'track', 'aria-hidden': 'true' });
  const element = h('li', { class: 'row', 'data-event': eventId }, h('a', {}, head, track));
  let shown = '';
  /** @type {Card | undefined} */
  let latest;
  return {
    element,
    show(card) {
      latest = card;
      const { windows, gaps, vendorState, ...words } = card;
      const viewers = staleSince(card.conditions) === undefined ? onAirTone(card.onAir, card.phase) : 'warn';
      if (viewers) element.dataset.viewers = viewers;
      else delete element.dataset.viewers;
      if (shown === JSON.stringify(words)) return;
      shown = JSON.stringify(words);
      fill(text, textOf(card));
    },
    draw(span) {
      if (latest) fill(track, bars({ ...latest, staleSince: staleSince(latest.conditions) }, span));
    },
  };
}

/** @param {Card} card */
function textOf({
  eventId,
  title,
  vendor,
  tenant,
  phase,
  encoder,
  onAir,
  nextCue,
  endReason,
  alerts,
  conditions = [],
  ...card
}) {
  const over = isOver(phase) || !goesOn(card.workflowStatus);
  const cutOff = over && !isOver(phase);
  const seenAt = staleSince(conditions);
  const viewers = !over && onAirBadge(onAir, phase, seenAt);
  const newest = !over && alerts ? `▲ ${alerts > 1 ? `${alerts}: ` : ''}${inLocalTime(card.latestAlert ?? '')}` : '';
  return [
    viewers && h('span', { class: 'on-air' }, viewers),
    h('strong', { class: 'title' }, title ?? eventId),
    h('span', { class: 'about' }, [title !== eventId && eventId, vendor, tenant].filter(Boolean).join(' · ')),
    h(
      'span',
      { class: 'states' },
      phaseBadge(phase, seenAt),
      cutOff && h('span', { class: 'badge bad' }, card.workflowStatus.toLowerCase()),
      !over && encoder && encoderBadge(encoder, phase, seenAt),
    ),
    h(
      'span',
      { class: 'next' },
      over ? endReason && words(endReason) : undefined,
      !over && nextCue ? cueSentence(nextCue) : undefined,
    ),
    (conditions.length > 0 || newest !== '') &&
      h('span', { class: 'alerts' }, conditionLines(conditions), newest && h('span', { class: 'alert-line' }, newest)),
  ].flat();
}

/** @param {string} name */
const words = (name) => name.replaceAll('-', ' ');
