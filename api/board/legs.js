import { h } from './dom.js';
import { clock, inLocalTime } from './now.js';
import { encoderBadge, onAirBadge, onAirNote, phaseBadge } from './words.js';

/** @typedef {import('../../domain/report.ts').EventStatus} Status */
/** @typedef {import('../../domain/report.ts').LegStatus} Leg */
/** @typedef {import('./dom.js').Child} Child */

/** A section for each leg, and which was on air when. @param {Pick<Status, 'legs' | 'legsOnAir'>} status @returns {Child[]} */
export function legSections({ legs = [], legsOnAir = [] }) {
  if (legs.length === 0) return [];
  const current = legsOnAir.find(({ to }) => to === undefined)?.leg;
  return [
    h('h3', {}, 'Legs'),
    h(
      'ul',
      { class: 'records' },
      legs.map((leg) => legLine(leg, leg.name === current)),
    ),
    legsOnAir.length > 0 &&
      h(
        'ul',
        { class: 'plain' },
        legsOnAir.map(({ leg, from, to, why }) =>
          h('li', {}, clock(from), to === undefined ? ' → now' : ` → ${clock(to)}`, ` ${leg}: ${inLocalTime(why)}`),
        ),
      ),
  ];
}

/** @param {Leg} leg @param {boolean} isOnAir */
function legLine({ name, vendor, account, begunAt, failed, lost, status }, isOnAir) {
  const trouble = failed?.reason ?? lost;
  return h(
    'li',
    { class: trouble === undefined ? '' : 'trouble' },
    h('span', { class: 'kind' }, `${name} on ${vendor} / ${account}`),
    isOnAir && ' · viewers are sent to it',
    begunAt === undefined && ' · held back until another leg fails',
    status &&
      h(
        'p',
        { class: 'states' },
        onAirBadge(status.onAir, status.phase),
        ' ',
        phaseBadge(status.phase),
        ' ',
        encoderBadge(status.encoder, status.phase),
      ),
    status && onAirNote(status) !== '' && h('p', { class: 'note' }, onAirNote(status)),
    trouble !== undefined && h('p', {}, inLocalTime(trouble)),
  );
}
