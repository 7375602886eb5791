/** @typedef {Node | string | number | false | null | undefined} Child */
/** @typedef {string | number | boolean | undefined | ((event: any) => unknown)} Attribute */

/**
 * An element. Text children become text nodes: no data is ever parsed as HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Attribute>} [attributes] `onclick` and the like are listeners; true is an empty attribute.
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice('on'.length), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  append(element, ...children);
  return element;
}

/**
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function append(parent, ...children) {
  for (const child of children.flat()) {
    if (child === undefined || child === null || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/**
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, ...children);
}

/** An element of the page itself. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** More at once is not listened to. */
const mostAnnounced = 5;
/** @type {string[]} */
const unsaid = [];

/** Announces a change to screen readers alone. What changes at one moment is said together: a later text would take its place. @param {string} text */
export function announce(text) {
  if (unsaid.push(text) === 1) queueMicrotask(sayAll);
}

function sayAll() {
  const all = unsaid.splice(0);
  const more = all.length > mostAnnounced ? [`${all.length - mostAnnounced} more changes`] : [];
  byId('announcer').textContent = [...all.slice(0, mostAnnounced), ...more].join('; ');
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let toastTimer;
const toastMs = 8_000;

/** Shows for a moment what was done. @param {string} text */
export function toast(text) {
  const place = byId('toast');
  place.textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.replaceChildren(), toastMs);
}

/** An address that may be a link; others stay text. @param {string} url */
export const isWebAddress = (url) => /^https?:\/\//i.test(url);
