import { ApiError, send } from './api.js';
import { refusal } from './dialog.js';
import { fill, h, toast } from './dom.js';
import { clockWithDay, inLocalTime, localInput, now } from './now.js';
import { findings } from './records.js';

const minute = 60_000;

/**
 * @typedef {object} CreateOptions
 * @property {import('./api.js').Me} me
 * @property {() => string[]} vendors Those that the reader's events are on.
 * @property {(event: import('./api.js').EventName) => void} made
 * @property {() => void} scheduled
 */

/** The button that opens the form; nothing for readers who may make nothing. @param {CreateOptions} options */
export function createButton(options) {
  if (!options.me.permissions.includes('operator')) return undefined;
  return h('button', { type: 'button', class: 'primary', onclick: () => openForm(options) }, 'New event');
}

/** A form for an event or a recurring show. What is wrong with it the API says, all at once. @param {CreateOptions} options */
function openForm({ me, vendors, made, scheduled }) {
  const start = Math.ceil((now() + 60 * minute) / (15 * minute)) * 15 * minute;
  const field = (/** @type {string} */ id, /** @type {Record<string, string | number | boolean>} */ more = {}) =>
    h('input', { id: `new-${id}`, name: id, autocomplete: 'off', ...more });
  const title = field('title', { maxlength: 200 });
  const id = field('id', { required: true, spellcheck: 'false' });
  const vendor = field('vendor', { list: 'new-vendors', required: true, spellcheck: 'false' });
  const account = field('account', { placeholder: 'default', spellcheck: 'false' });
  const startsAt = field('startsAt', { type: 'datetime-local', value: localInput(start), required: true });
  const minutes = field('minutes', { type: 'number', min: 1, value: 60, required: true });
  const recurs = field('recurs', { type: 'checkbox' });
  const cron = field('cron', { placeholder: '0 20 * * mon-fri', spellcheck: 'false' });
  const zone = field('zone', { value: Intl.DateTimeFormat().resolvedOptions().timeZone, spellcheck: 'false' });
  const overlap = h(
    'select',
    { id: 'new-overlap' },
    ['skip', 'buffer-one', 'allow-all'].map((value) => h('option', { value }, value)),
  );
  const more = h('textarea', { id: 'new-more', rows: 3, spellcheck: 'false', placeholder: '{ "notify": ["ops"] }' });
  const problem = h('div', { class: 'problem', role: 'alert' });
  const answer = h('div', { class: 'note', role: 'status' });
  const ofOne = h('div', {}, labelled('Start, your local time', startsAt));
  const ofMany = h(
    'div',
    { hidden: true },
    labelled('Calendar: minute hour day month weekday', cron),
    labelled('Time zone', zone),
    labelled('When the show before is not over', overlap),
  );
  const follow = () => {
    ofOne.hidden = recurs.checked;
    ofMany.hidden = !recurs.checked;
    startsAt.required = !recurs.checked;
    cron.required = recurs.checked;
    check.hidden = recurs.checked;
  };
  recurs.addEventListener('change', follow);

  /** The plan as the API takes it, and nothing that was left empty. */
  function plan() {
    const extra = more.value.trim() === '' ? {} : parsed(more.value);
    const given = { title: title.value.trim(), vendor: vendor.value.trim(), account: account.value.trim() };
    const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
    return { ...filled, duration: `${minutes.value}m`, ...extra };
  }
  const event = () => ({ eventId: id.value.trim(), startsAt: new Date(startsAt.value).toISOString(), ...plan() });
  const schedule = () => ({
    scheduleId: id.value.trim(),
    plan: plan(),
    spec: { cron: cron.value.trim(), timeZone: zone.value.trim() },
    overlap: overlap.value,
  });

  async function make() {
    if (recurs.checked) {
      const { title: name, shows } = await send('v1/schedules', schedule());
      toast(`${name} is made; the next show: ${shows[0] ? clockWithDay(Date.parse(shows[0].startsAt)) : 'none'}`);
      scheduled();
    } else {
      const body = event();
      const answered = await send('v1/events', body);
      const { eventId } = answered;
      toast(madeText(answered));
      made({ eventId, tenant: me.tenant === undefined ? /** @type {any} */ (body).tenant : undefined });
    }
    dialog.close();
  }

  async function checkOnly() {
    const { allocatesAt, preflight } = await send('v1/plans/check', event());
    const head = `The plan is right; its channel would be made ${clockWithDay(allocatesAt)}.`;
    fill(answer, h('p', {}, head), findings({ preflight }));
  }

  const busy = (/** @type {() => Promise<void>} */ work) => async () => {
    if (dialog.getAttribute('aria-busy') === 'true') return;
    dialog.setAttribute('aria-busy', 'true');
    fill(problem);
    fill(answer);
    try {
      await work();
    } catch (error) {
      fill(problem, error instanceof SyntaxError ? h('p', {}, `more of the plan: ${error.message}`) : refusal(error));
      pointOut(error);
    } finally {
      dialog.removeAttribute('aria-busy');
    }
  };

  /** Which fields the problems are about. @param {unknown} error */
  function pointOut(error) {
    const paths = error instanceof ApiError ? (error.problem.problems ?? []).map(({ path }) => path) : [];
    const about = /** @type {const} */ ([
      [id, /^(eventId|scheduleId)/],
      [title, /title/],
      [vendor, /vendor$/],
      [account, /account$/],
      [startsAt, /startsAt$/],
      [minutes, /duration$/],
      [cron, /cron/],
      [zone, /timeZone/],
    ]);
    for (const [input, pattern] of about)
      input.setAttribute('aria-invalid', String(paths.some((path) => pattern.test(path))));
  }

  const onCheck = () => {
    if (form.reportValidity()) void busy(checkOnly)();
  };
  const check = h('button', { type: 'button', onclick: onCheck }, 'Check');
  const back = () => {
    dialog.close();
  };
  const submit = (/** @type {SubmitEvent} */ given) => {
    given.preventDefault();
    void busy(make)();
  };
  const form = h(
    'form',
    { class: 'dialog-form', onsubmit: submit },
    h('h2', { id: 'new-title-of-form', class: 'dialog-title' }, 'New event'),
    labelled('Title', title),
    labelled('Id, which names it for ever', id),
    labelled('Vendor', vendor),
    h(
      'datalist',
      { id: 'new-vendors' },
      vendors().map((value) => h('option', { value })),
    ),
    labelled('Account', account),
    // Only an admin makes schedules.
    me.permissions.includes('admin') && h('label', { class: 'choice' }, recurs, 'It recurs'),
    ofOne,
    ofMany,
    labelled('Length, minutes', minutes),
    labelled('More of the plan, as JSON', more),
    problem,
    answer,
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', onclick: back }, 'Back'),
      check,
      h('button', { class: 'primary' }, 'Make it'),
    ),
  );
  const dialog = h('dialog', { 'aria-labelledby': 'new-title-of-form' }, form);
  dialog.addEventListener('close', () => dialog.remove());
  follow();
  document.body.append(dialog);
  dialog.showModal();
  title.focus();
}

/** @typedef {{ use: string, eventId?: string, from: string, to: string }} Conflict */

/** What came of it: an event that was there before is not made again. @param {{ eventId: string, started: boolean, found?: string, conflicts?: Conflict[] }} answered */
export function madeText({ eventId, started, found, conflicts = [] }) {
  if (!started) {
    const state = found === 'RUNNING' ? 'it runs' : found === 'PAUSED' ? 'its run is paused' : 'it is over';
    return `nothing was made: ${eventId} is there already, by the same plan, and ${state}`;
  }
  const held = conflicts.map(
    ({ use, eventId: other, from, to }) =>
      `${use} is held by ${other ?? "another tenant's event"} from ${from} to ${to}`,
  );
  return inLocalTime(
    [`${eventId} is made`, ...(held.length > 0 ? ['in spite of a conflict'] : []), ...held].join('; '),
  );
}

/** @param {string} text @param {HTMLElement} input */
const labelled = (text, input) => h('div', {}, h('label', { for: input.id }, text), input);

/** @param {string} text */
function parsed(text) {
  const value = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('must be an object');
  return value;
}
