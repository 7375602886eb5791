// The server's clock: a browser whose own clock is wrong still counts down to the right instant.

const worthCorrectingMs = 2_000;
let aheadMs = 0;

/** @param {Response} response */
export function learnClock(response) {
  const serverNow = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(serverNow)) return;
  const off = serverNow - Date.now();
  aheadMs = Math.abs(off) < worthCorrectingMs ? 0 : off;
}

/** Epoch milliseconds. */
export const now = () => Date.now() + aheadMs;

/** @type {Set<() => void>} */
const ticks = new Set();

/** Calls `tick` at once and every second, until the returned function is called. @param {() => void} tick @returns {() => void} */
export function everySecond(tick) {
  ticks.add(tick);
  tick();
  return () => ticks.delete(tick);
}

setInterval(() => {
  for (const tick of ticks) tick();
}, 1_000);

const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
const dayMs = 86_400_000;

/** `4:32`, `1:02:03`, `6 d 23 h`. @param {number} ms */
export function length(ms) {
  const seconds = Math.floor(Math.abs(ms) / 1_000);
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3_600)];
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** `in 4:32` or `1:02 ago`. @param {number} at */
export const relative = (at) => (at >= now() ? `in ${length(at - now() + 999)}` : `${length(now() - at)} ago`);

const timeOnly = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayAndTime = new Intl.DateTimeFormat(undefined, {
  ...{ weekday: 'short', day: 'numeric', month: 'short' },
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
});

/** In the reader's own time zone and manner, with its day. @param {number} at */
export const clockWithDay = (at) => dayAndTime.format(at);

const isSameDay = (/** @type {number} */ at, /** @type {number} */ other) =>
  new Date(at).toDateString() === new Date(other).toDateString();

/** In the reader's own time zone and manner; with the day unless it is near, and within six hours where it is another. @param {number} at */
export function clock(at) {
  const near = isSameDay(at, now()) ? dayMs / 2 : dayMs / 4;
  return (Math.abs(at - now()) < near ? timeOnly : dayAndTime).format(at);
}

const instantPattern = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** The text with its instants in the reader's time zone and format. @param {string} text */
export const inLocalTime = (text) => text.replace(instantPattern, (instant) => clock(Date.parse(instant)));

/** What `<input type="datetime-local">` takes. @param {number} at */
export function localInput(at) {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A text that counts down. @param {number} at */
export function countdown(at) {
  const element = document.createElement('time');
  element.dateTime = new Date(at).toISOString();
  element.title = clock(at);
  element.dataset.at = String(at);
  element.textContent = relative(at);
  return element;
}

/** Brings every countdown of the page up to now. */
export function countOn() {
  for (const element of document.querySelectorAll('time[data-at]')) {
    const text = relative(Number(/** @type {HTMLElement} */ (element).dataset.at));
    if (element.textContent !== text) element.textContent = text;
  }
}
