import { h } from './dom.js';
import { runbookLink } from './links.js';
import { clock, countdown, inLocalTime } from './now.js';

/** @typedef {import('../../domain/conditions/condition.ts').Condition} Condition */
/** @typedef {import('../../client/cards.ts').SystemCard} System */
/** @typedef {import('./dom.js').Child} Child */

/** @type {Record<Condition['name'], { text: string, grave: boolean }>} */
const words = {
  stale: { text: 'not seen', grave: false },
  failing: { text: 'failing', grave: true },
  overdue: { text: 'overdue', grave: true },
  slow: { text: 'slow', grave: false },
  'encoder-missing': { text: 'no encoder', grave: true },
  'still-billed': { text: 'still billed', grave: true },
};
const wordOf = (/** @type {Condition} */ { name }) => words[name] ?? { text: name, grave: false };

/** One line for each condition, for the list. @param {readonly Condition[]} conditions @returns {Child[]} */
export const conditionLines = (conditions) =>
  conditions.map((one) => {
    const { text, grave } = wordOf(one);
    const since = one.name === 'overdue' ? '' : ` since ${clock(one.since)}`;
    return h(
      'span',
      { class: `alert-line ${grave ? 'grave' : ''}`, title: inLocalTime(one.message) },
      `${grave ? '✕' : '▲'} ${text}${since}: ${inLocalTime(one.message)}`,
    );
  });

/** On the page of one event. @param {readonly Condition[] | undefined} conditions undefined where it is not looked at @param {string | undefined} [runbooks] @returns {Child[]} */
export function conditionSection(conditions, runbooks) {
  if (!conditions) {
    const text =
      'Whether something is wrong is not looked at: more events run than the board shows. `showcaller status` looks.';
    return [h('h3', {}, 'Now'), h('p', { class: 'note' }, text)];
  }
  if (conditions.length === 0) return [];
  const line = (/** @type {Condition} */ one) => {
    const { text, grave } = wordOf(one);
    return h(
      'li',
      { class: grave ? 'trouble' : 'warning' },
      h('span', { class: 'kind' }, `${grave ? '✕' : '▲'} ${text}`),
      ` since ${clock(one.since)} (`,
      countdown(one.since),
      ')',
      h('p', {}, inLocalTime(one.message)),
      runbookLink(runbooks, one.name),
    );
  };
  return [h('h3', {}, 'Now'), h('ul', { class: 'records conditions' }, conditions.map(line))];
}

/** When the vendor was last seen to answer for an account. @param {System | undefined} system @param {{ vendor: string, account: string }} of */
export function encoderSeen(system, { vendor, account }) {
  const seenAt = system?.pollers.find((one) => one.vendor === vendor && one.account === account)?.seenAt;
  return seenAt === undefined ? undefined : h('p', { class: 'note' }, 'The encoder was looked at ', countdown(seenAt));
}

/** Whether anything looks at the events. @param {System} system @returns {{ well: boolean, text: string }} */
export function systemText({ workers, unanswered, pollers, notShown = [] }) {
  if (workers.count === 0) return { well: false, text: '▲ no worker: nothing looks at the events' };
  if (unanswered) return { well: false, text: `▲ no worker answers since ${clock(unanswered.since)}` };
  const stale = pollers.filter(({ isStale }) => isStale);
  const names = stale.map(({ vendor, account, seenAt, failing }) => {
    const since = seenAt ?? failing?.since;
    return `${vendor} / ${account}${since === undefined ? '' : ` since ${clock(since)}`}`;
  });
  if (stale.length > 0) return { well: false, text: `▲ not seen: ${names.join(', ')}` };
  const many = (/** @type {number} */ count, /** @type {string} */ what) => `${count} ${what}${count === 1 ? '' : 's'}`;
  const following = pollers.length > 0 ? `, ${many(pollers.length, 'account')} looked at` : '';
  const text = `${many(workers.count, 'worker')}${following}`;
  if (notShown.includes('running'))
    return { well: false, text: `▲ ${text}; more events run than are shown here and looked at` };
  return { well: true, text: `● ${text}` };
}
