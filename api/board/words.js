import { h } from './dom.js';
import { clock, countdown, inLocalTime } from './now.js';
import { acceptsEncoder, cueTexts } from './phases.js';

/** @typedef {import('../../domain/phases.ts').Phase} Phase */
/** @typedef {import('../../domain/phases.ts').EncoderState} EncoderState */
/** @typedef {{ text: string, icon: string, tone: 'idle' | 'busy' | 'good' | 'warn' | 'bad' | 'done' }} Word */

/** @type {Record<Phase, Word>} */
const phaseWords = {
  scheduled: { text: 'Scheduled', icon: '◷', tone: 'idle' },
  allocating: { text: 'Making the channel', icon: '◔', tone: 'busy' },
  starting: { text: 'Opening the channel', icon: '◑', tone: 'busy' },
  'creating-output': { text: 'Preparing the recording', icon: '◕', tone: 'busy' },
  'waiting-for-encoder': { text: 'Waiting for the encoder', icon: '◌', tone: 'busy' },
  live: { text: 'Live', icon: '●', tone: 'good' },
  'encoder-lost': { text: 'Encoder lost', icon: '▲', tone: 'bad' },
  stopping: { text: 'Stopping', icon: '■', tone: 'busy' },
  'publishing-vod': { text: 'Proving the recording', icon: '◍', tone: 'busy' },
  'cleaning-up': { text: 'Cleaning up', icon: '◓', tone: 'busy' },
  completed: { text: 'Completed', icon: '✓', tone: 'done' },
  failed: { text: 'Failed', icon: '✕', tone: 'bad' },
  cancelled: { text: 'Cancelled', icon: '⊘', tone: 'idle' },
};

/** @type {Record<EncoderState, Word>} */
const encoderWords = {
  waiting: { text: 'not seen yet', icon: '○', tone: 'idle' },
  connected: { text: 'connected', icon: '●', tone: 'good' },
  starved: { text: 'connected, sends nothing', icon: '◐', tone: 'warn' },
  lost: { text: 'lost', icon: '▲', tone: 'bad' },
};

/** @type {Record<import('../../domain/on-air.ts').OnAirState, Word>} */
const onAirWords = {
  dark: { text: 'viewers: dark', icon: '○', tone: 'warn' },
  'on-air': { text: 'viewers: on air', icon: '●', tone: 'good' },
  frozen: { text: 'viewers: frozen', icon: '❄', tone: 'bad' },
  gone: { text: 'viewers: gone', icon: '✕', tone: 'bad' },
  unknown: { text: 'viewers: unknown', icon: '?', tone: 'warn' },
};

/** @typedef {Pick<import('../../domain/on-air.ts').OnAir, 'state' | 'reason'>} OnAir */

/** @param {OnAir | undefined} onAir @param {Phase | undefined} phase @returns {Word | undefined} nothing before it was looked, and after the show */
function onAirWord(onAir, phase) {
  if (!onAir || !acceptsEncoder(phase)) return undefined;
  return onAirWords[onAir.state] ?? { text: `viewers: ${onAir.state}`, icon: '?', tone: 'idle' };
}

/** What viewers get. @param {OnAir | undefined} onAir @param {Phase | undefined} phase @param {number} [seenAt] since when it is not seen any more */
export function onAirBadge(onAir, phase, seenAt) {
  const word = onAirWord(onAir, phase);
  return word && badge({ ...lastSeen(word, seenAt), strong: true });
}

/** Why viewers get what they get, and what is known of before while it cannot be looked. @param {Pick<import('../../domain/report.ts').EventStatus, 'onAir' | 'viewed' | 'phase'>} status */
export function onAirNote({ onAir, viewed, phase }) {
  if (!onAir || !acceptsEncoder(phase)) return '';
  const reason = inLocalTime(onAir.reason ?? '');
  if (onAir.state !== 'unknown') return reason;
  const last = viewed?.at(-1);
  const before =
    onAir.lostAt !== undefined
      ? `viewers got nothing new since ${clock(onAir.lostAt)}`
      : last && `viewers got the picture until ${clock(last.to)}`;
  return [reason, before].filter(Boolean).join('; ');
}

/** @param {OnAir | undefined} onAir @param {Phase | undefined} phase */
export const onAirText = (onAir, phase) => onAirWord(onAir, phase)?.text;

/** How well viewers are. @param {OnAir | undefined} onAir @param {Phase | undefined} phase */
export const onAirTone = (onAir, phase) => onAirWord(onAir, phase)?.tone;

/** A phase that this page does not know is shown by its name. @param {Phase | undefined} phase @returns {Word} */
export const phaseWord = (phase) =>
  (phase && phaseWords[phase]) ?? { text: phase ?? 'unknown', icon: '?', tone: 'idle' };

/** Colour, icon and text together, for readers who see only one of them. @param {Word & { strong?: boolean }} word */
const badge = ({ text, icon, tone, strong = false }) =>
  h(
    'span',
    { class: `badge ${tone}${strong ? ' strong' : ''}` },
    h('span', { 'aria-hidden': 'true', class: 'icon' }, icon),
    text,
  );

/** What was so when it was last seen is in amber, and says since when it is not seen. @param {Word} word @param {number | undefined} seenAt */
const lastSeen = (word, seenAt) =>
  seenAt === undefined
    ? word
    : { ...word, text: `${word.text}, last seen ${clock(seenAt)}`, icon: '▲', tone: /** @type {const} */ ('warn') };

/** @param {Phase | undefined} phase @param {number} [seenAt] since when it is not seen any more */
export const phaseBadge = (phase, seenAt) => badge(lastSeen(phaseWord(phase), seenAt));

/**
 * No badge where the phase says the same.
 *
 * @param {EncoderState} encoder @param {Phase | undefined} phase @param {number} [seenAt] since when it is not seen any more
 */
export function encoderBadge(encoder, phase, seenAt) {
  const said =
    (phase === 'waiting-for-encoder' && encoder === 'waiting') || (phase === 'encoder-lost' && encoder === 'lost');
  if (said || !(acceptsEncoder(phase) || phase === 'stopping')) return undefined;
  const { text, icon, tone } = encoderWords[encoder] ?? { text: encoder, icon: '?', tone: 'idle' };
  return badge(lastSeen({ text: `encoder ${text}`, icon, tone }, seenAt));
}

/** What happens next, counting down. @param {import('../../domain/timeline.ts').Cue} cue */
export function cueSentence({ what, at }) {
  const [before = '', after = ''] = (cueTexts[what] ?? `${what} {when}`).split('{when}');
  return [before, countdown(at), after];
}
