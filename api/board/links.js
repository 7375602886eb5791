import { h, isWebAddress } from './dom.js';

/** @typedef {import('./conditions.js').Condition} Condition */

/** Where the operators' runbook says what to do. @type {Record<Condition['name'], string>} */
const sections = {
  stale: 'nothing-is-green-that-was-not-just-seen',
  failing: 'a-step-that-does-not-succeed',
  overdue: 'when-workers-stop',
  slow: 'a-step-that-does-not-succeed',
  'encoder-missing': 'viewers-get-nothing',
  'still-billed': 'a-clean-up-that-cannot-succeed',
};

/** @param {string} href @param {string} text */
const outside = (href, text) => h('a', { href, target: '_blank', rel: 'noreferrer noopener' }, text);

/** @param {string | undefined} runbooks where the folder `docs` is @param {Condition['name']} name */
export function runbookLink(runbooks, name) {
  const section = sections[name];
  if (runbooks === undefined || section === undefined) return undefined;
  return outside(`${runbooks}docs/operations.md#${section}`, 'What to do');
}

/**
 * The runs of an event in the Temporal UI: with its tenant's name space before its id, or without.
 *
 * @param {string | undefined} workflows the UI's list of workflows
 * @param {import('./api.js').EventName} event
 */
export function temporalLink(workflows, { eventId, tenant }) {
  if (workflows === undefined || !isWebAddress(workflows)) return [];
  const names = [eventId, ...(tenant === undefined ? [] : [`${nameSpaceOf(tenant)}/${eventId}`])];
  const query = names.map((name) => `WorkflowId = 'live-event/${name}'`).join(' OR ');
  return [
    h(
      'p',
      { class: 'note' },
      outside(`${workflows}?query=${encodeURIComponent(query)}`, 'Its runs in the Temporal UI'),
    ),
  ];
}

/** As domain/ids.ts writes it. @param {string} tenant */
export const nameSpaceOf = (tenant) =>
  encodeURIComponent(tenant)
    .replace(/^\.|[_!~*'()]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%', '_');
