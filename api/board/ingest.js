import { ApiError, eventPath, read } from './api.js';
import { fill, h, toast } from './dom.js';
import { clock, inLocalTime } from './now.js';

/** @typedef {{ protocol: string, url: string, server: string, streamKey: string, expiresAt?: number, leg?: string, opensAt?: number, closesAt: number }} Endpoint */

/** The ingest endpoint: fetched on a click, masked until it is shown. @param {import('./api.js').EventName} event */
export function createIngest(event) {
  const place = h('div', { class: 'ingest' });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const button = h('button', { type: 'button', onclick: () => void show() }, 'Show where the encoder sends');
  fill(place, button, problem);
  return place;

  async function show() {
    problem.textContent = '';
    try {
      const answer = await read(eventPath(event, '/ingest'));
      fill(
        place,
        addresses(answer),
        h('button', { type: 'button', onclick: () => fill(place, button, problem) }, 'Hide'),
      );
    } catch (error) {
      problem.textContent = inLocalTime(error instanceof ApiError ? error.message : String(error));
    }
  }
}

/** @param {{ endpoints: Endpoint[], missing?: { leg?: string, reason: string }[] }} answer @returns {import('./dom.js').Child[]} */
export const addresses = ({ endpoints, missing = [] }) => [
  ...endpoints.map(endpoint),
  missing.length > 0 &&
    h(
      'ul',
      { class: 'records' },
      missing.map(({ leg, reason }) =>
        h('li', { class: 'warning' }, inLocalTime(`No address${leg === undefined ? '' : ` of leg ${leg}`}: ${reason}`)),
      ),
    ),
];

/** @param {Endpoint} given */
const endpoint = ({ leg, protocol, server, streamKey, url, expiresAt, opensAt, closesAt }) =>
  h(
    'dl',
    { class: 'facts' },
    leg !== undefined && [h('dt', {}, 'Leg'), h('dd', {}, leg)],
    h('dt', {}, `${protocol} server`),
    h('dd', {}, h('code', {}, server), ' ', copyButton(server, 'server')),
    h('dt', {}, 'Stream key'),
    h('dd', {}, masked(streamKey, 'stream key')),
    h('dt', {}, 'Full URL'),
    h('dd', {}, masked(url, 'address')),
    h('dt', {}, 'Open'),
    h('dd', {}, `${opensAt === undefined ? '' : `from ${clock(opensAt)} `}to ${clock(closesAt)}`),
    expiresAt !== undefined && [h('dt', {}, 'Good until'), h('dd', {}, clock(expiresAt))],
  );

const mask = '••••••••';

/** @param {string} secret @param {string} what */
function masked(secret, what) {
  const text = h('code', {}, mask);
  const toggle = h(
    'button',
    {
      type: 'button',
      'aria-label': `Show the ${what}`,
      'aria-pressed': 'false',
      onclick: () => {
        const isShown = toggle.getAttribute('aria-pressed') === 'true';
        toggle.setAttribute('aria-pressed', String(!isShown));
        text.textContent = isShown ? mask : secret;
      },
    },
    'Show',
  );
  return h('span', {}, text, ' ', toggle, ' ', copyButton(secret, what));
}

/** @param {string} text @param {string} what */
const copyButton = (text, what) =>
  h(
    'button',
    {
      type: 'button',
      'aria-label': `Copy the ${what}`,
      onclick: async () => {
        try {
          // Browsers have a clipboard on https and on loopback only.
          await navigator.clipboard.writeText(text);
          toast(`The ${what} is copied.`);
        } catch {
          toast(`The browser does not let this page copy: show the ${what} and copy it by hand.`);
        }
      },
    },
    'Copy',
  );
