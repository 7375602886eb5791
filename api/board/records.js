import { h, isWebAddress } from './dom.js';
import { clock, countdown, inLocalTime, length } from './now.js';
import { actionNames, isConnected } from './phases.js';
import { createPlayer } from './player.js';
import { outageNow, spanText, windowsSoFar } from './timeline.js';
import { phaseWord } from './words.js';

/** @typedef {import('../../domain/report.ts').EventStatus} Status */
/** @typedef {import('../../domain/report.ts').ProvedAsset} Asset */
/** @typedef {import('./dom.js').Child} Child */

/** @param {number} at */
const time = (at) => h('time', { datetime: new Date(at).toISOString() }, clock(at));

/** @param {[name: string, value: Child][]} facts */
const factList = (facts) =>
  h(
    'dl',
    { class: 'facts' },
    facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );

/** @param {Record<string, unknown>} facts @returns {[string, string][]} */
const plainFacts = (facts) =>
  Object.entries(facts).map(([name, value]) => [
    name,
    typeof value === 'string' ? inLocalTime(value) : JSON.stringify(value),
  ]);

/** @param {Status & { staleSince?: number }} status */
export function timesOf(status) {
  const { createdBy, startsAt, endsAt, hardEndsAt, missedMs, stoppedAt, gaps, staleSince } = status;
  const windows = windowsSoFar(status);
  const outage = outageNow(status);
  return factList([
    ['Planned', spanText({ from: startsAt, to: endsAt })],
    ['At the latest until', clock(hardEndsAt)],
    ...pair(createdBy !== undefined, 'Created by', createdBy ?? ''),
    ...pair(missedMs !== undefined, 'Began late by', length(missedMs ?? 0)),
    ...pair(stoppedAt !== undefined, 'Stopped', clock(stoppedAt ?? 0)),
    ...pair(windows.length > 0, 'Encoder connected', spans(windows, { goesOn: isConnected(status), staleSince })),
    ...pair(
      gaps.length > 0 || outage !== undefined,
      'Gaps',
      spans([...gaps, ...(outage ? [outage] : [])], { goesOn: outage !== undefined, staleSince }),
    ),
  ]);
}

/** @param {boolean} there @param {string} name @param {Child} value @returns {[string, Child][]} */
const pair = (there, name, value) => (there ? [[name, value]] : []);

/** @param {{ from: number, to: number }[]} list @param {{ goesOn: boolean, staleSince: number | undefined }} last */
const spans = (list, { goesOn, staleSince }) =>
  h(
    'ul',
    { class: 'plain' },
    list.map((span, index) =>
      h(
        'li',
        {},
        goesOn && index === list.length - 1
          ? ['since ', clock(span.from), staleSince !== undefined && `, last seen ${clock(span.to)}`]
          : `${spanText(span)} (${length(span.to - span.from)})`,
      ),
    ),
  );

/** @typedef {{ preflight?: Status['preflight'] | undefined }} Looked */

/** What the look at the account of the event, or of each leg, found and could not see. @param {Looked & { legs?: readonly { name: string, status?: Looked | undefined }[] | undefined }} status @returns {Child[]} */
export function findings({ preflight, legs = [] }) {
  const looks = [
    ...(preflight ? [{ leg: '', ...preflight }] : []),
    ...legs.flatMap(({ name, status }) => (status?.preflight ? [{ leg: `leg ${name}: `, ...status.preflight }] : [])),
  ];
  const found = looks.flatMap(({ leg, findings: all }) =>
    all.map(({ check, message, advice }) =>
      h(
        'li',
        { class: 'warning' },
        h('span', { class: 'kind' }, `▲ ${check}`),
        h('p', {}, leg + message),
        h('p', { class: 'note' }, advice),
      ),
    ),
  );
  const unseen = looks.flatMap(({ leg, unseen: all }) =>
    all.map(({ check, reason }) =>
      h('li', {}, h('span', { class: 'kind' }, `? ${check}, not looked at`), h('p', {}, leg + reason)),
    ),
  );
  if (found.length === 0 && unseen.length === 0) return [];
  return [
    h('h3', {}, 'Preflight'),
    h('p', { class: 'note' }, 'Looked at ', time(Math.max(...looks.map(({ at }) => at)))),
    h('ul', { class: 'records' }, found, unseen),
  ];
}

/** Without those that are warnings too: these say when it was over. @template {{ message: string }} Trouble @param {readonly Trouble[]} troubles @param {readonly { message: string }[]} warnings */
const troublesAlone = (troubles, warnings) =>
  troubles.filter(({ message }) => !warnings.some((warning) => warning.message === message));

/** Newest first. @param {Pick<Status, 'warnings' | 'warningsDropped' | 'troubles'>} status @returns {Child[]} */
export function alerts({ warnings = [], warningsDropped = 0, troubles }) {
  const all = [
    ...warnings.map(({ at, warning, message, endedAt, ended }) => ({
      ...{
        at,
        kind: warning,
        message,
        grave: endedAt === undefined && troubles.some((one) => one.message === message),
      },
      over: endedAt === undefined ? '' : `over since ${clock(endedAt)}: ${ended}`,
    })),
    ...troublesAlone(troubles, warnings).map(({ at, kind, message, phase }) => ({
      at,
      kind: `${kind}, ${phaseWord(phase).text.toLowerCase()}`,
      message,
      grave: true,
      over: '',
    })),
  ].sort((a, b) => b.at - a.at);
  if (all.length === 0) return [];
  const line = (/** @type {typeof all[number]} */ { at, kind, message, grave, over }) =>
    h(
      'li',
      { class: grave ? 'trouble' : over ? '' : 'warning' },
      h('span', { class: 'kind' }, `${grave ? '✕' : over ? '✓' : '▲'} ${kind}`),
      ' ',
      time(at),
      h('p', {}, inLocalTime(message)),
      over && h('p', { class: 'note' }, inLocalTime(over)),
    );
  const dropped = warningsDropped > 0 && h('li', {}, `${warningsDropped} earlier warnings are not kept`);
  return [h('h3', {}, 'Warnings and troubles'), h('ul', { class: 'records' }, all.map(line), dropped)];
}

/** The steps that were tried before. @param {{ name: string, attempt: number, reason?: string, nextAttemptAt?: number }[]} all @returns {Child[]} */
export function pendingSteps(all) {
  const steps = all.filter(({ reason }) => reason);
  if (steps.length === 0) return [];
  return [
    h('h3', {}, 'Steps in progress'),
    h(
      'ul',
      { class: 'records' },
      steps.map(({ name, attempt, reason, nextAttemptAt }) =>
        h(
          'li',
          {},
          h('span', { class: 'kind' }, name),
          ` attempt ${attempt}`,
          nextAttemptAt !== undefined && [', next ', countdown(nextAttemptAt)],
          h('p', {}, inLocalTime(reason ?? '')),
        ),
      ),
    ),
  ];
}

/** @param {Error & { problem?: import('./api.js').Problem }} error @returns {Child[]} */
export const unreadSteps = (error) => [
  h('h3', {}, 'Steps in progress'),
  h('p', { class: 'note' }, `not read: ${error.problem?.detail ?? error.message}`),
];

/** @param {Asset[]} vod @returns {Child[]} */
export function recordings(vod) {
  if (vod.length === 0) return [];
  return [
    h('h3', {}, 'Recording'),
    ...vod.map((asset, index) => recording(asset, vod.length > 1 ? ` ${index + 1}` : '')),
  ];
}

/** @param {Asset} asset @param {string} number */
function recording({ url, proof, finality }, number) {
  const { proved, durationMs, expectedMs, segments, checks } = proof;
  const playable = isWebAddress(url);
  return h(
    'div',
    { class: 'recording' },
    h(
      'p',
      {},
      h('span', { class: `badge ${proved ? 'good' : 'bad'}` }, proved ? '✓ proved' : '✕ not proved'),
      ` ${length(durationMs)} of ${length(expectedMs)} in ${segments} segments`,
    ),
    playable && createPlayer(url, `recording${number}`),
    h('p', { class: 'address' }, playable ? h('a', { href: url, rel: 'noreferrer noopener' }, url) : url),
    h(
      'details',
      {},
      h('summary', {}, `Proof: ${checks.filter(({ ok }) => ok).length} of ${checks.length} checks`),
      h(
        'ul',
        { class: 'plain' },
        checks.map(({ name, ok, detail }) => h('li', {}, `${ok ? '✓' : '✕'} ${name}${detail ? `: ${detail}` : ''}`)),
      ),
      h('p', { class: 'note' }, finality),
    ),
  );
}

/** @param {Pick<Status, 'vendorState' | 'evidence' | 'hints' | 'vendorEventsDropped' | 'sessions' | 'connections'>} status @returns {Child[]} */
export function vendorDetails({
  vendorState,
  evidence = {},
  hints = [],
  vendorEventsDropped = 0,
  sessions,
  connections,
}) {
  const facts = plainFacts(evidence);
  if (vendorState === undefined && facts.length === 0 && hints.length === 0) return [];
  return [
    h('h3', {}, 'Encoder details from the vendor'),
    factList([...pair(vendorState !== undefined, 'State', vendorState), ...facts]),
    sessions.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, `Sessions: ${newestOf(sessions.length, connections)}`),
        h(
          'ul',
          { class: 'plain' },
          sessions.map(({ startedAt, endedAt, id }) =>
            h('li', {}, `${clock(startedAt)} – ${endedAt === undefined ? '' : clock(endedAt)} ${id ?? ''}`),
          ),
        ),
      ),
    hints.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, `Vendor events: ${newestOf(hints.length, hints.length + vendorEventsDropped)}`),
        h(
          'ul',
          { class: 'records' },
          hints
            .toReversed()
            .map(({ at, type, source, facts }) =>
              h('li', {}, h('span', { class: 'kind' }, type), ' ', time(at), ` ${source}`, factList(plainFacts(facts))),
            ),
        ),
      ),
  ];
}

/** How many are shown, and of how many where not all are kept. @param {number} shown @param {number} [all] */
const newestOf = (shown, all = shown) => (all > shown ? `the newest ${shown} of ${all}` : `${shown}`);

/** The legs that did not do what others did. @param {unknown} refused @param {unknown} unanswered */
const otherLegs = (refused, unanswered) => [
  .../** @type {{ leg: string, why: string }[]} */ (Array.isArray(refused) ? refused : []).map(
    ({ leg, why }) => `refused by ${leg}: ${why}`,
  ),
  .../** @type {string[]} */ (Array.isArray(unanswered) ? unanswered : []).map((leg) => `not answered by ${leg} yet`),
];

/** @param {Status['audit']} audit @returns {Child[]} */
export function auditTrail(audit) {
  if (audit.length === 0) return [];
  const line = (/** @type {Status['audit'][number]} */ { at, action, by, reason, details = {} }) => {
    const { refused, unanswered, ...facts } = details;
    return h(
      'li',
      {},
      h('span', { class: 'kind' }, actionNames[action] ?? action),
      ' ',
      time(at),
      ` by ${by}`,
      h('p', {}, reason),
      Object.keys(facts).length > 0 &&
        h(
          'p',
          { class: 'note' },
          plainFacts(facts)
            .map(([name, value]) => `${name} ${value}`)
            .join(', '),
        ),
      ...otherLegs(refused, unanswered).map((text) => h('p', { class: 'note' }, inLocalTime(text))),
    );
  };
  return [h('h3', {}, 'Actions'), h('ul', { class: 'records' }, audit.toReversed().map(line))];
}

/** @param {Status['entered']} entered @returns {Child[]} */
export function phasesEntered(entered) {
  const seen = /** @type {[import('./words.js').Phase, number][]} */ (Object.entries(entered)).sort(
    ([, a], [, b]) => a - b,
  );
  if (seen.length === 0) return [];
  return [
    h(
      'details',
      {},
      h('summary', {}, 'When each phase was first entered'),
      factList(seen.map(([phase, at]) => [phaseWord(phase).text, clock(at)])),
    ),
  ];
}
