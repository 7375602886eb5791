import type { EventStatus } from '../report.ts';
import type { Warning, WarningName } from './webhook.ts';

const maxWarnings = 50;

type Warned = Pick<EventStatus, 'warnings' | 'warningsDropped'>;

/** The warnings of the status with one more; the oldest go when there are too many, and are counted. */
export function withWarning({ warnings = [], warningsDropped = 0 }: Warned, one: Warning, most = maxWarnings): Warned {
  const dropped = warningsDropped + Math.max(0, warnings.length + 1 - most);
  return { warnings: [...warnings, one].slice(-most), ...(dropped > 0 && { warningsDropped: dropped }) };
}

/** `warnings`, in which those of these names that go on are ended; of one leg, where that is named. */
export const withEnded = (
  warnings: Warning[] | undefined,
  names: readonly WarningName[],
  end: { endedAt: number; ended: string },
  leg?: string,
): Warning[] | undefined => {
  const isOver = ({ warning, message, endedAt }: Warning): boolean =>
    endedAt === undefined && names.includes(warning) && (leg === undefined || message.startsWith(ofLeg(leg)));
  return warnings?.map((one) => (isOver(one) ? { ...one, ...end } : one));
};

/** How the message of a warning about one leg begins. */
export const ofLeg = (leg: string): string => `leg ${leg} (`;

/** What ends when an encoder connects. */
export const endedByEncoder: readonly WarningName[] = ['encoder-lost', 'encoder-missing', 'encoder-unseen'];
/** What ends when viewers get pictures. */
export const endedByViewers: readonly WarningName[] = [
  'viewers-dark',
  'viewers-frozen',
  'viewers-gone',
  'viewers-blank',
];
/** What ends with what is billed. */
export const endedByRelease: readonly WarningName[] = ['budget-near', 'budget-spent'];
/** What ends with the show, whatever happened. */
export const endedByStop: readonly WarningName[] = [...endedByEncoder, ...endedByViewers, ...endedByRelease];
