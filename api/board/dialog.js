import { ApiError } from './api.js';
import { fill, h } from './dom.js';
import { inLocalTime, localInput, now } from './now.js';

/**
 * @typedef {{ kind: 'instant', name: string, label: string, value: number, from?: number }
 *   | { kind: 'choice', name: string, label: string, value: boolean }} Field
 */
/**
 * @typedef {object} DialogOptions
 * @property {string} title
 * @property {string} explains
 * @property {string} label Of the button that does it.
 * @property {boolean} [grave]
 * @property {Field[]} fields
 * @property {(body: Record<string, string | boolean>) => Promise<void>} submit
 */

const minute = 60_000;
const maxReason = 500;

/** Asks for the reason and the fields of an action; stays open with the API's answer when the API refuses. @param {DialogOptions} options */
export function openDialog({ title, explains, label, grave, fields, submit }) {
  const problem = h('div', { class: 'problem', role: 'alert' });
  const reason = h('textarea', { id: 'reason', rows: 2, required: true, maxlength: maxReason });
  const onBehalfOf = h('input', { id: 'on-behalf-of', maxlength: 200, autocomplete: 'name' });
  const button = h('button', { class: grave ? 'grave' : 'primary' }, label);
  const inputs = fields.map((field) => ({ field, input: inputOf(field) }));
  const dialog = h('dialog', { 'aria-labelledby': 'dialog-title' });
  dialog.addEventListener('close', () => dialog.remove());

  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    problem.replaceChildren();
    try {
      const given = inputs.map(({ field, input }) => [field.name, givenIn(field, input)]);
      const forWhom = onBehalfOf.value.trim();
      await submit({
        // Reports and logs keep the reason in one line.
        reason: reason.value.trim().replace(/\s+/g, ' '),
        ...(forWhom && { onBehalfOf: forWhom }),
        ...Object.fromEntries(given),
      });
      dialog.close();
    } catch (error) {
      fill(problem, refusal(error));
    } finally {
      button.removeAttribute('aria-busy');
    }
  };

  dialog.append(
    h(
      'form',
      { class: 'dialog-form', onsubmit: send },
      h('h2', { id: 'dialog-title', class: 'dialog-title' }, title),
      h('p', { class: 'note' }, explains),
      inputs.map(({ field, input }) => fieldOf(field, input)),
      h('label', { for: 'reason' }, 'Reason, kept in the report'),
      reason,
      h('label', { for: 'on-behalf-of' }, 'On behalf of (if not for yourself)'),
      onBehalfOf,
      problem,
      h('div', { class: 'buttons' }, h('button', { type: 'button', onclick: () => dialog.close() }, 'Back'), button),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  reason.focus();
}

/** @param {Field} field */
const inputOf = (field) =>
  field.kind === 'choice'
    ? h('input', { type: 'checkbox', id: field.name, checked: field.value })
    : h('input', {
        ...{ type: 'datetime-local', id: field.name, step: 1, required: true },
        value: localInput(field.value),
      });

/** @param {Field} field @param {HTMLInputElement} input @returns {string | boolean} */
const givenIn = (field, input) => (field.kind === 'choice' ? input.checked : new Date(input.value).toISOString());

/** @param {Field} field @param {HTMLInputElement} input */
function fieldOf(field, input) {
  if (field.kind === 'choice') return h('label', { class: 'choice' }, input, field.label);
  const { from } = field;
  const later = from === undefined ? [] : [5, 15, 30, 60].map((minutes) => laterButton(from, minutes, input));
  return h(
    'div',
    {},
    h('label', { for: field.name }, `${field.label}, your local time`),
    input,
    later.length > 0 && h('div', { class: 'later' }, later),
  );
}

/** @param {number} from @param {number} minutes @param {HTMLInputElement} input */
const laterButton = (from, minutes, input) =>
  h(
    'button',
    {
      type: 'button',
      onclick: () => {
        input.value = localInput(Math.max(from, now()) + minutes * minute);
      },
    },
    `+${minutes} min`,
  );

/** What the API answered, with everything that is wrong. @param {unknown} error */
export function refusal(error) {
  if (!(error instanceof ApiError)) return h('p', {}, String(error));
  const { detail, problems = [] } = error.problem;
  return h(
    'div',
    {},
    h('p', {}, inLocalTime(detail)),
    problems.length > 0 &&
      h(
        'ul',
        {},
        problems.map(({ path, message }) => h('li', {}, `${path}: ${message}`)),
      ),
  );
}
