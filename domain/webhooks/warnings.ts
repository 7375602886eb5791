import type { Warning, WarningName } from './webhook.ts';

const maxWarnings = 50;

/** The warnings with one more; the oldest go when there are too many. */
export const withWarning = (warnings: readonly Warning[] = [], one: Warning, most = maxWarnings): Warning[] =>
  [...warnings, one].slice(-most);

/** The same warnings, those of these names ended that go on. */
export const withEnded = (
  warnings: Warning[] | undefined,
  names: readonly WarningName[],
  end: { endedAt: number; ended: string },
): Warning[] | undefined =>
  warnings?.map((one) => (names.includes(one.warning) && one.endedAt === undefined ? { ...one, ...end } : one));

/** What ends when an encoder connects. */
export const endedByEncoder: readonly WarningName[] = ['encoder-lost', 'encoder-missing'];
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
