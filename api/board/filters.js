import { h } from './dom.js';
import { lengths } from './timeline.js';
import { phaseWord } from './words.js';

/** @typedef {import('../../client/cards.ts').EventCard} Card */

const names = /** @type {const} */ (['vendor', 'phase', 'tenant']);
const defaultLength = '2h';
const views = /** @type {const} */ ([
  ['list', 'List'],
  ['week', 'Week'],
]);
/** What an address leaves out. @type {Record<string, string>} */
const usual = { span: defaultLength, view: 'list' };

/**
 * Filters, kept in the address so that a view can be bookmarked and shared.
 *
 * @param {{ query: () => URLSearchParams, change: (query: URLSearchParams, how: { replaces: boolean }) => void, withTenant: boolean }} options
 */
export function createFilters({ query, change, withTenant }) {
  const offered = names.filter((name) => name !== 'tenant' || withTenant);
  const selects = new Map(offered.map((name) => [name, select(name, 'all')]));
  const search = h('input', {
    ...{ type: 'search', name: 'q', placeholder: 'title, id', autocomplete: 'off', spellcheck: 'false' },
    oninput: () => {
      set('q', search.value, search.value.trim() === '');
    },
  });
  const length = select('span', '');
  length.append(...lengths.map(([value, text]) => h('option', { value }, text)));
  const view = select('view', '');
  view.append(...views.map(([value, text]) => h('option', { value }, text)));
  const labels = { vendor: 'Vendor', phase: 'Phase', tenant: 'Tenant' };
  const element = h(
    'form',
    {
      class: 'filters',
      'aria-label': 'What is shown',
      onsubmit: (/** @type {Event} */ event) => event.preventDefault(),
    },
    h('label', {}, 'Search', search),
    [...selects].map(([name, field]) => h('label', {}, labels[name], field)),
    h('label', {}, 'View', view),
    h('label', {}, 'Time shown', length),
  );

  /** @param {string} name @param {string} value @param {boolean} isUsual */
  function set(name, value, isUsual) {
    const wanted = new URLSearchParams(query());
    if (isUsual) wanted.delete(name);
    else wanted.set(name, value);
    // Each sign that is typed is no step back.
    change(wanted, { replaces: name === 'q' });
  }

  /** Whether the search is in one of these. @param {(string | undefined)[]} texts */
  function isFound(...texts) {
    const wanted = (query().get('q') ?? '').trim().toLowerCase();
    return texts.some((text) => text?.toLowerCase().includes(wanted));
  }

  /** @param {string} name @param {string} all */
  function select(name, all) {
    const field = h('select', {
      name,
      onchange: () => {
        set(name, field.value, field.value === '' || field.value === usual[name]);
      },
    });
    if (all) field.append(h('option', { value: '' }, all));
    return field;
  }

  return {
    element,
    /** What is shown of the time, milliseconds. */
    lengthMs: () => (lengths.find(([name]) => name === (query().get('span') ?? defaultLength)) ?? lengths[1])?.[2] ?? 0,
    /** @param {Pick<Card, 'vendor' | 'phase' | 'tenant' | 'title' | 'eventId'>} card */
    passes: (card) =>
      offered.every((name) => [null, card[name] ?? ''].includes(query().get(name))) &&
      isFound(card.title, card.eventId, card.tenant),
    /** @param {import('./schedules.js').Schedule} schedule */
    passesSchedule: ({ title, scheduleId, vendor, plan: { tenant } }) =>
      [null, vendor].includes(query().get('vendor')) &&
      [null, tenant ?? ''].includes(query().get('tenant')) &&
      isFound(title, scheduleId, tenant),
    /** Offers the values of these cards, and the chosen one. @param {Card[]} cards */
    offer(cards) {
      for (const [name, field] of selects) {
        const chosen = query().get(name) ?? '';
        const found = new Set(cards.map((card) => card[name] ?? '').filter(Boolean));
        if (chosen) found.add(chosen);
        const values = ['', ...[...found].sort()];
        if (values.join('\n') !== [...field.options].map(({ value }) => value).join('\n'))
          field.replaceChildren(...values.map((value) => h('option', { value }, textOf(name, value))));
        field.value = chosen;
      }
      length.value = query().get('span') ?? defaultLength;
      view.value = query().get('view') ?? 'list';
      const searched = query().get('q') ?? '';
      if (search.value !== searched) search.value = searched;
    },
  };
}

/** @param {string} name @param {string} value */
function textOf(name, value) {
  if (value === '') return 'all';
  return name === 'phase' ? phaseWord(/** @type {import('./words.js').Phase} */ (value)).text : value;
}
