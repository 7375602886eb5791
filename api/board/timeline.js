import { h } from './dom.js';
import { clock, now, relative } from './now.js';
import { isConnected, isOver, windowsSeen } from './phases.js';

/** @typedef {{ from: number, to: number }} Span Epoch milliseconds. */
/**
 * @typedef {object} Show What is drawn of an event; only the start is known when its run did not answer.
 * @property {number} [startsAt]
 * @property {number} [endsAt]
 * @property {Span[]} [windows]
 * @property {Span[]} [gaps]
 * @property {import('./words.js').Phase} [phase]
 * @property {import('../../domain/phases.ts').EncoderState} [encoder]
 * @property {number} [stoppedAt]
 * @property {number} [staleSince] Since when it is not seen any more.
 */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** @type {readonly (readonly [name: string, text: string, ms: number])[]} */
export const lengths = [
  ['30m', '30 minutes', 30 * minute],
  ['2h', '2 hours', 2 * hour],
  ['12h', '12 hours', 12 * hour],
  ['2d', '2 days', 2 * day],
  ['2w', '2 weeks', 14 * day],
];

/** A quarter of the past, three of the future. @param {number} lengthMs @returns {Span} */
export const aroundNow = (lengthMs) => ({ from: now() - lengthMs / 4, to: now() + (lengthMs * 3) / 4 });

/** The span of one show, with some room on both sides. @param {Span} span @returns {Span} */
export function withRoom({ from, to }) {
  const room = Math.max((to - from) / 20, 1_000);
  return { from: from - room, to: to + room };
}

/** @param {number} at @param {Span} span @returns {number} percent */
const place = (at, { from, to }) => Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100));

/** @typedef {Pick<Show, 'windows' | 'phase' | 'encoder' | 'stoppedAt' | 'staleSince'>} Connection */

/** When the encoder was connected, as far as it was seen. @param {Connection} show @returns {Span[]} */
export const windowsSoFar = (show) => windowsSeen(show, show.staleSince ?? now());

/** The outage that goes on, since the encoder was lost, as far as it was seen. @param {Connection} show @returns {Span | undefined} */
export function outageNow({ windows = [], phase, staleSince }) {
  const lostAt = phase === 'encoder-lost' ? windows.at(-1)?.to : undefined;
  return lostAt === undefined ? undefined : { from: lostAt, to: Math.max(lostAt, staleSince ?? now()) };
}

/** Since the encoder was last seen, connected or lost; undefined while it is seen. @param {Connection} show @returns {Span | undefined} */
export function unseenNow(show) {
  const from = (outageNow(show) ?? (isConnected(show) ? windowsSoFar(show).at(-1) : undefined))?.to;
  return show.staleSince === undefined || from === undefined ? undefined : { from, to: Math.max(from, now()) };
}

/** @param {HTMLElement} track @param {Span} span */
export const drawNow = (track, span) =>
  track.style.setProperty('--now', now() < span.from || now() > span.to ? '-9px' : `${place(now(), span)}%`);

/** @param {Show} show @param {Span} span @returns {HTMLElement[]} */
export function bars(show, span) {
  const { startsAt, endsAt, gaps = [], phase } = show;
  const windows = windowsSoFar(show);
  if (startsAt === undefined) return [];
  const first = Math.min(startsAt, windows[0]?.from ?? startsAt);
  const outage = outageNow(show);
  const unseen = unseenNow(show);
  const drawnTo = (unseen ?? outage ?? windows.at(-1))?.to ?? startsAt;
  const last = Math.max(isOver(phase) ? 0 : (endsAt ?? startsAt), drawnTo);
  if (last < span.from) return [h('span', { class: 'beyond before' }, `◂ ${relative(last)}`)];
  if (first > span.to) return [h('span', { class: 'beyond after' }, `${relative(first)} ▸`)];
  return [
    bar('planned', { from: startsAt, to: endsAt ?? startsAt }, span),
    ...windows.map((window) => bar('window', window, span)),
    ...gaps.map((gap) => bar('gap', gap, span)),
    ...(outage ? [bar(unseen ? 'gap' : 'gap now', outage, span)] : []),
    ...(unseen ? [bar('not-seen', unseen, span)] : []),
  ];
}

/** @param {string} kind @param {Span} extent @param {Span} span */
function bar(kind, extent, span) {
  const element = h('span', { class: `extent ${kind}` });
  const left = place(extent.from, span);
  element.style.left = `${left}%`;
  element.style.width = `${place(extent.to, span) - left}%`;
  return element;
}

const steps = [
  ...[5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7].map((n) => n * day),
];
/** What one tick takes of the width, pixels. */
const tickWidth = 85;
const hourAndMinute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const withSeconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayOfMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** @param {number} step */
function formatFor(step) {
  if (step >= day) return dayOfMonth;
  return step < minute ? withSeconds : hourAndMinute;
}

/** Draws the ticks of a time axis, at full units of the reader's time zone. @param {HTMLElement} axis @param {Span} span */
export function drawAxis(axis, span) {
  const width = axis.clientWidth;
  const most = Math.max(1, Math.floor(width / tickWidth / 1.25));
  const step = steps.find((ms) => (span.to - span.from) / ms <= most);
  axis.replaceChildren();
  if (step === undefined) return;
  const zoneMs = new Date(span.from).getTimezoneOffset() * minute;
  for (let at = Math.ceil((span.from - zoneMs) / step) * step + zoneMs; at < span.to; at += step) {
    const left = place(at, span);
    // A label that the edge would cut is left out.
    if ((left / 100) * width + tickWidth > width) break;
    const tick = h('span', { class: 'tick' }, formatFor(step).format(at));
    tick.style.left = `${left}%`;
    axis.append(tick);
  }
}

/** A span in words. @param {Span} span */
export const spanText = ({ from, to }) => `${clock(from)} – ${clock(to)}`;
