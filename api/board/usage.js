import { eventPath, read } from './api.js';
import { h } from './dom.js';

/** @typedef {import('./dom.js').Child} Child */
/** @typedef {import('zod').infer<typeof import('../schemas/usage.ts').usageSchema>} Usage */
/** @typedef {import('zod').infer<typeof import('../schemas/usage.ts').eventUsageSchema>} EventUsage */

const mostUnknown = 5;
const minutes = (/** @type {number} */ count) => `${count.toFixed(1)} min`;

/**
 * What is read when a reader opens it, and again each time: it takes a question to every event of the month.
 *
 * @param {string} title @param {() => Promise<Child[]>} load
 */
function readWhenOpened(title, load) {
  const body = h('div', {});
  const details = h('details', { class: 'billed' }, h('summary', {}, title), body);
  details.addEventListener('toggle', async () => {
    if (!details.open) return;
    body.replaceChildren(h('p', { class: 'note' }, 'Reading …'));
    const shown = await load().catch((error) => [h('p', { class: 'problem' }, error.problem?.detail ?? error.message)]);
    body.replaceChildren(...h('div', {}, shown).childNodes);
  });
  return details;
}

/** What the vendor billed of one event until now. @param {import('./api.js').EventName} event */
export const createEventUsage = (event) =>
  readWhenOpened('Billed until now', async () => {
    /** @type {EventUsage} */
    const { spans, unknown } = await read(eventPath(event, '/usage'));
    /** @type {Map<string, { ms: number, goesOn: boolean }>} */
    const sums = new Map();
    for (const { resource, state, from, to, goesOn = false } of spans) {
      const key = `${resource}, ${state}`;
      const before = sums.get(key);
      sums.set(key, { ms: (before?.ms ?? 0) + to - from, goesOn: goesOn || before?.goesOn === true });
    }
    const lines = [...sums].map(([key, { ms, goesOn }]) => [
      key,
      `${minutes(ms / 60_000)}${goesOn ? ', goes on' : ''}`,
    ]);
    return [tableOf(['Billed', 'Time'], lines), ...unknownOf(unknown)];
  });

/** What the vendors billed in this month of UTC, and the budgets of the tenants. */
export const createMonthUsage = () =>
  readWhenOpened('Billed this month', async () => {
    /** @type {Usage} */
    const { from, rows, currency, budgets = [], unknown } = await read('v1/usage?by=tenant');
    const lines = rows.map(({ key, vendor, resource, state, minutes: count, money }) => [
      key || '(no tenant)',
      `${vendor}: ${resource}, ${state}`,
      minutes(count),
      money === undefined ? '' : `${money.toFixed(2)} ${currency ?? ''}`,
    ]);
    const limits = budgets.map(({ tenant, unit, limit, used, currency: of }) => [
      tenant,
      `${used.toFixed(1)} of ${limit} ${unit === 'money' ? (of ?? '') : 'min'}`,
      `${Math.round((100 * used) / limit)} %${used >= limit ? ': spent' : used >= 0.8 * limit ? ': near' : ''}`,
    ]);
    return [
      h('p', { class: 'note' }, `From ${from.slice(0, 10)} (UTC) until now.`),
      tableOf(['Tenant', 'Billed', 'Time', 'Money'], lines),
      ...(limits.length > 0 ? [tableOf(['Tenant', 'Budget', 'Used'], limits)] : []),
      ...unknownOf(unknown),
    ];
  });

/** @param {string[]} names @param {string[][]} lines */
function tableOf(names, lines) {
  if (lines.length === 0) return h('p', { class: 'note' }, 'Nothing was billed.');
  const head = h(
    'tr',
    {},
    names.map((name) => h('th', { scope: 'col' }, name)),
  );
  const rows = lines.map((line) =>
    h(
      'tr',
      {},
      line.map((cell) => h('td', {}, cell)),
    ),
  );
  const table = h('table', {}, h('thead', {}, head), h('tbody', {}, rows));
  // A scrolled region must be reached with the keyboard.
  return h('div', { class: 'scrolled', tabindex: '0', role: 'region', 'aria-label': names.join(', ') }, table);
}

/** @param {string[]} unknown @returns {Child[]} */
function unknownOf(unknown) {
  if (unknown.length === 0) return [];
  const more = unknown.length - mostUnknown;
  return [
    h('p', { class: 'note' }, 'Not known:'),
    h(
      'ul',
      { class: 'plain note' },
      [...unknown.slice(0, mostUnknown), ...(more > 0 ? [`and ${more} more`] : [])].map((why) => h('li', {}, why)),
    ),
  ];
}
