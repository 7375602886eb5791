import { eventPath, send } from './api.js';
import { openDialog } from './dialog.js';
import { h, toast } from './dom.js';
import { inLocalTime } from './now.js';
import { acceptsEncoder, isBeforeStop, isClosingDown, isOver } from './phases.js';
import { phaseWord } from './words.js';

/** @typedef {import('../../domain/report.ts').EventStatus} Status */
/** @typedef {import('./dialog.js').Field} Field */
/**
 * @typedef {object} Action
 * @property {string} name As in the address.
 * @property {string} label
 * @property {string} explains What will happen.
 * @property {'operator' | 'admin'} permission
 * @property {(status: Status) => boolean} sensible The API decides; this only disables a button that it would refuse.
 * @property {boolean} [grave]
 * @property {(status: Status) => Field[]} [fields]
 */

const minute = 60_000;
const beforeStop = (/** @type {Status} */ { phase }) => isBeforeStop(phase);

/** @type {readonly Action[]} */
const actions = [
  {
    name: 'extend',
    label: 'Extend',
    explains: 'Moves the end of the show.',
    permission: 'operator',
    sensible: beforeStop,
    fields: ({ endsAt }) => [
      { kind: 'instant', name: 'endsAt', label: 'New end', value: endsAt + 15 * minute, from: endsAt },
    ],
  },
  {
    name: 'reschedule',
    label: 'Reschedule',
    explains: 'Moves the show. Possible until its channel is made.',
    permission: 'operator',
    sensible: ({ phase }) => phase === 'scheduled',
    fields: ({ startsAt, endsAt }) => [
      { kind: 'instant', name: 'startsAt', label: 'New start', value: startsAt },
      { kind: 'instant', name: 'endsAt', label: 'New end', value: endsAt },
    ],
  },
  {
    name: 'skip-wait',
    label: 'Skip wait',
    explains: 'The run counts the show as live although it has seen no encoder.',
    permission: 'operator',
    sensible: ({ phase }) => phase === 'waiting-for-encoder',
  },
  {
    name: 'reset',
    label: 'Reset encoder',
    explains: "Drops the encoder's connection, so that it reconnects.",
    permission: 'operator',
    sensible: ({ phase }) => acceptsEncoder(phase),
  },
  {
    name: 'retry-vod',
    label: 'Retry recording',
    explains: 'Publishes and proves the recording again.',
    permission: 'operator',
    sensible: ({ phase, windows, vod }) =>
      phase === 'publishing-vod' ||
      (isOver(phase) && windows.length > 0 && !(vod.length > 0 && vod.every(({ proof }) => proof.proved))),
  },
  {
    name: 'abandon-cleanup',
    label: 'Abandon clean-up',
    explains:
      'Ends the run though the clean-up has not succeeded. The vendor bills what is left until it is deleted by hand.',
    permission: 'admin',
    grave: true,
    sensible: ({ phase, released }) => isClosingDown(phase) && !released,
  },
  {
    name: 'stop',
    label: 'Stop',
    explains: 'Ends the show now, publishes its recording and cleans up.',
    permission: 'operator',
    grave: true,
    sensible: beforeStop,
    fields: () => [{ kind: 'choice', name: 'keepRecording', label: 'Publish the recording', value: true }],
  },
  {
    name: 'cancel',
    label: 'Cancel event',
    explains:
      'Ends the show now and cleans up. Nothing is published. The reason is kept in the report, or in the log alone where no worker answers.',
    permission: 'operator',
    grave: true,
    sensible: ({ phase }) => !isOver(phase),
  },
];

/**
 * Buttons for the actions that the reader may take; no element when there are none.
 *
 * @param {import('./api.js').Me} me
 */
export function createActions(me) {
  const allowed = actions.filter(({ permission }) => me.permissions.includes(permission));
  /** @type {Status | undefined} */
  let latest;
  const buttons = allowed.map((action) => ({ action, button: buttonOf(action, () => latest) }));
  return {
    element:
      allowed.length > 0
        ? h(
            'div',
            { class: 'actions', role: 'group', 'aria-label': 'Actions' },
            buttons.map(({ button }) => button),
          )
        : undefined,
    /** @param {Status} status */
    update(status) {
      latest = status;
      for (const { action, button } of buttons) {
        const sensible = action.sensible(status);
        // Not `disabled`: a disabled button loses the focus.
        button.setAttribute('aria-disabled', String(!sensible));
        button.title = sensible ? action.explains : refusalOf(action, status);
      }
    },
  };
}

/** @param {Action} action @param {Status} status */
const refusalOf = ({ label }, { phase }) => `${label}: not in this phase (${phaseWord(phase).text.toLowerCase()})`;

/** @param {Action} action @param {() => Status | undefined} latest */
function buttonOf(action, latest) {
  const { name, label, explains, grave, fields } = action;
  const act = () => {
    const status = latest();
    if (!status) return;
    if (!action.sensible(status)) return toast(refusalOf(action, status));
    openDialog({
      title: `${label}: ${status.title}`,
      explains,
      label,
      grave,
      fields: fields?.(status) ?? [],
      submit: async (body) => {
        const { effect } = await send(eventPath(status, `/actions/${name}`), body);
        toast(`${label}: ${inLocalTime(effect)}`);
      },
    });
  };
  return h('button', { type: 'button', class: grave ? 'grave' : '', onclick: act }, label);
}
