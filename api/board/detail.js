import { createActions } from './actions.js';
import { eventPath, read } from './api.js';
import { conditionSection, encoderSeen } from './conditions.js';
import { append, fill, h } from './dom.js';
import { createIngest } from './ingest.js';
import { legSections } from './legs.js';
import { temporalLink } from './links.js';
import { clock, inLocalTime, now } from './now.js';
import { acceptsEncoder, isOver, staleSince } from './phases.js';
import {
  alerts,
  auditTrail,
  findings,
  pendingSteps,
  phasesEntered,
  recordings,
  timesOf,
  unreadSteps,
  vendorDetails,
} from './records.js';
import { openStream, troubleText } from './stream.js';
import { bars, drawAxis, drawNow, outageNow, unseenNow, windowsSoFar, withRoom } from './timeline.js';
import { createEventUsage } from './usage.js';
import { watching } from './watch.js';
import { cueSentence, encoderBadge, onAirBadge, onAirNote, phaseBadge } from './words.js';

/** @typedef {import('../../domain/report.ts').EventStatus} Status */
/** @typedef {import('./dom.js').Child} Child */
/** @typedef {Status & { staleSince?: number }} Shown With since when it is not seen any more. */
/** @typedef {{ element: HTMLElement, update: (status: Shown) => void }} Part */

const pendingEveryMs = 5_000;

/**
 * One event, live until it is closed.
 *
 * @param {{ event: import('./api.js').EventName, me: import('./api.js').Me, back: () => string, lost: () => void }} options
 */
export function createDetail({ event, me, back, lost }) {
  const heading = h('h2', { tabindex: '-1' }, event.eventId);
  const trouble = h('p', { class: 'problem', role: 'alert' });
  const actions = createActions(me);
  const track = h('div', { class: 'track large', 'aria-hidden': 'true' });
  const axis = h('div', { class: 'axis', 'aria-hidden': 'true' });
  const pending = h('section', { hidden: true });
  const wrong = h('section', { hidden: true });
  const looked = h('section', { hidden: true });
  const parts = partsOf(event, me);
  const { top, rest } = parts;
  const body = h(
    'div',
    { hidden: true },
    top[0]?.element,
    looked,
    wrong,
    top.slice(1).map(({ element }) => element),
    actions.element,
    h('div', { class: 'own-line' }, axis, track),
    rest[0]?.element,
    pending,
    rest.slice(1).map(({ element }) => element),
  );
  const element = h(
    'article',
    { class: 'detail', 'aria-label': 'Event' },
    h('p', { class: 'back' }, h('a', { href: back() }, '← All events')),
    heading,
    trouble,
    body,
  );
  /** @type {Status | undefined} */
  let latest;
  /** @type {readonly import('./conditions.js').Condition[]} */
  let conditions = [];
  let shownConditions = '';
  let askedAt = 0;
  /** @type {number | undefined} */
  let troubledSince;

  function draw() {
    if (!latest) return;
    const { startsAt, endsAt, entered } = latest;
    const shown = { ...latest, staleSince: staleSince(conditions) };
    const spans = [...windowsSoFar(shown), outageNow(shown), unseenNow(shown)];
    const instants = [
      startsAt,
      endsAt,
      ...Object.values(entered),
      ...spans.flatMap((one) => (one ? [one.from, one.to] : [])),
    ];
    // An instant long before or after the show would squeeze the bar; the text below has it.
    const nearby = instants.filter((at) => at >= startsAt - (endsAt - startsAt) && at <= endsAt + (endsAt - startsAt));
    const span = withRoom({ from: Math.min(...nearby), to: Math.max(...nearby) });
    drawAxis(axis, span);
    fill(track, bars(shown, span));
    drawNow(track, span);
  }

  function updateAll() {
    if (!latest) return;
    const shown = { ...latest, staleSince: staleSince(conditions) };
    for (const part of [...top, ...rest]) part.update(shown);
  }

  async function askPending() {
    if (!latest || isOver(latest.phase) || Date.now() - askedAt < pendingEveryMs) return;
    askedAt = Date.now();
    const shown = await read(eventPath(event, '/pending')).then(({ steps }) => pendingSteps(steps), unreadSteps);
    showIn(pending, isOver(latest.phase) ? [] : shown);
  }

  const close = openStream(eventPath(event, '/stream'), {
    onMessage(name, data) {
      if (name !== 'status') return;
      const status = /** @type {Status} */ (data);
      latest = status;
      body.hidden = false;
      heading.textContent = status.title;
      actions.update(status);
      updateAll();
      if (isOver(status.phase)) showIn(pending, []);
      draw();
      void askPending();
    },
    onState(state) {
      const { connected, problem } = state;
      if (problem?.status === 401) return lost();
      troubledSince = connected && !problem ? undefined : (troubledSince ?? state.since ?? now());
      const text = troubledSince === undefined ? '' : troubleText(state, troubledSince);
      // A text that is set again would be read out again.
      if (trouble.textContent !== text) trouble.textContent = text;
    },
  });

  return {
    element,
    focus: () => heading.focus(),
    /** What is wrong with it as it was last seen; undefined where it is not among the events that the board looks at. @param {readonly import('./conditions.js').Condition[] | undefined} now @param {import('./conditions.js').System | undefined} system */
    seen(now, system) {
      const seenAt = latest && acceptsEncoder(latest.phase) && !latest.legs && encoderSeen(system, latest);
      showIn(looked, seenAt ? [seenAt] : []);
      // What is over, or not known yet, has nothing that could be missed.
      const known = now ?? (latest && !isOver(latest.phase) && system?.notShown?.includes('running') ? undefined : []);
      const shown = JSON.stringify(known ?? null);
      if (shown === shownConditions) return;
      shownConditions = shown;
      conditions = known ?? [];
      showIn(wrong, conditionSection(known, me.runbooks));
      updateAll();
    },
    tick() {
      if (latest && !isOver(latest.phase)) draw();
      void askPending();
    },
    close,
  };
}

const shownOnTop = /** @type {const} */ ([
  ...['phase', 'encoder', 'onAir', 'viewed', 'endReason', 'endDetail', 'released'],
  ...['vendor', 'account', 'tenant', 'left', 'staleSince'],
]);

/** These fields alone. @template {keyof Shown} Name @param {Shown} status @param {readonly Name[]} names @returns {Pick<Shown, Name>} */
const only = (status, names) =>
  /** @type {Pick<Shown, Name>} */ (Object.fromEntries(names.map((name) => [name, status[name]])));

/** @param {import('./api.js').EventName} event @param {import('./api.js').Me} me @returns {{ top: Part[], rest: Part[] }} */
function partsOf(event, me) {
  return {
    top: [
      part(
        // Compared with what was shown: what is left out here is not drawn anew.
        (status) => only(status, shownOnTop),
        stateOf(event.eventId),
      ),
      part(
        ({ nextCue, phase }) => ({ nextCue, over: isOver(phase) }),
        ({ nextCue, over }) =>
          nextCue && !over
            ? [
                h(
                  'p',
                  { class: 'cue' },
                  h('span', { class: 'what' }, 'Next: ', ...cueSentence(nextCue)),
                  h('span', { class: 'note' }, ` (${clock(nextCue.at)})`),
                ),
              ]
            : [],
      ),
    ],
    rest: [
      part(({ legs, legsOnAir }) => ({ legs, legsOnAir }), legSections),
      part(({ warnings, warningsDropped, troubles }) => ({ warnings, warningsDropped, troubles }), alerts),
      part(
        ({ preflight, legs }) => ({
          preflight,
          legs: legs?.map(({ name, status }) => ({ name, status: { preflight: status?.preflight } })),
        }),
        findings,
      ),
      part(
        ({ playback, phase }) => ({ playback, over: isOver(phase) }),
        watching(event, me.permissions.includes('operator')),
      ),
      part(({ vod }) => vod, recordings),
      part(
        (status) => status,
        (status) => [h('h3', {}, 'Times'), timesOf(status)],
      ),
      ...(me.tellsIngest
        ? [
            part(
              ({ channel, legs, phase }) =>
                (channel !== undefined || legs?.some(({ status }) => status?.channel)) && !isOver(phase),
              (open) => (open ? [h('h3', {}, 'Ingest'), createIngest(event)] : []),
            ),
          ]
        : []),
      part(
        (status) =>
          only(status, ['vendorState', 'evidence', 'hints', 'vendorEventsDropped', 'sessions', 'connections']),
        vendorDetails,
      ),
      part(({ audit }) => audit, auditTrail),
      part(
        ({ eventId, tenant }) => ({ eventId, tenant }),
        (name) => temporalLink(me.temporalUi, name),
      ),
      part(({ entered }) => entered, phasesEntered),
      part(
        ({ channel, legs }) => channel !== undefined || legs !== undefined,
        (isMade) => (isMade ? [createEventUsage(event)] : []),
      ),
    ],
  };
}

/** @param {string} eventId @returns {(status: Pick<Shown, typeof shownOnTop[number]>) => Child[]} */
const stateOf =
  (eventId) =>
  ({ phase, encoder, onAir, viewed, endReason, endDetail, released, vendor, account, tenant, left, staleSince }) => [
    onAirBadge(onAir, phase) &&
      h(
        'p',
        { class: 'on-air' },
        onAirBadge(onAir, phase, staleSince),
        h('span', { class: 'note' }, ` ${onAirNote({ onAir, viewed, phase })}`),
      ),
    h('p', { class: 'about' }, [eventId, vendor, account !== 'default' && account, tenant].filter(Boolean).join(' · ')),
    h(
      'p',
      { class: 'states' },
      phaseBadge(phase, staleSince),
      ' ',
      !isOver(phase) && encoderBadge(encoder, phase, staleSince),
      isOver(phase) && !released && h('span', { class: 'badge warn' }, '▲ resources may still be billed'),
    ),
    endReason &&
      h('p', { class: 'end-reason' }, h('strong', {}, endReason), endDetail && ` – ${inLocalTime(endDetail)}`),
    left && h('p', { class: 'problem' }, `Still at the vendor, to be deleted by hand: ${left.name}`),
  ];

/**
 * A part of the page that is rendered again only when its data has changed, so that a player goes on playing.
 *
 * @template T
 * @param {(status: Shown) => T} pick
 * @param {(picked: T) => Child[]} render
 * @returns {Part}
 */
function part(pick, render) {
  const element = h('section', { hidden: true });
  let shown = '';
  return {
    element,
    update(status) {
      const picked = pick(status);
      const key = JSON.stringify(picked);
      if (key === shown) return;
      shown = key;
      showIn(element, render(picked));
    },
  };
}

/** Opened details stay open. @param {HTMLElement} section @param {Child[]} children */
function showIn(section, children) {
  const open = [...section.querySelectorAll('details')].map((details) => details.open);
  section.replaceChildren();
  append(section, children);
  section.querySelectorAll('details').forEach((details, index) => {
    details.open = open[index] ?? false;
  });
  section.hidden = children.length === 0;
}
