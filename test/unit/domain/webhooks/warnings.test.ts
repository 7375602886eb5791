import { expect, it } from 'vitest';
import type { EventStatus } from '../../../../domain/report.ts';
import {
  endedByEncoder,
  endedByRelease,
  endedByStop,
  ofLeg,
  withEnded,
  withWarning,
} from '../../../../domain/webhooks/warnings.ts';
import type { Warning } from '../../../../domain/webhooks/webhook.ts';

const warning = (at: number) => ({ at, warning: 'step-slow' as const, message: `slow ${at}` });

it('the newest warnings are kept, and how many older ones are not is counted', () => {
  let status: Pick<EventStatus, 'warnings' | 'warningsDropped'> = {};
  for (let at = 0; at < 3; at += 1) status = { ...status, ...withWarning(status, warning(at), 3) };
  expect(status).toEqual({ warnings: [warning(0), warning(1), warning(2)] });
  for (let at = 3; at < 5; at += 1) status = { ...status, ...withWarning(status, warning(at), 3) };
  expect(status).toEqual({ warnings: [warning(2), warning(3), warning(4)], warningsDropped: 2 });
});

const end = { endedAt: 9, ended: 'it is well again' };
const open = (name: Warning['warning'], message: string): Warning => ({ at: 1, warning: name, message });
const failed = (leg: string): Warning => open('leg-failed', `${ofLeg(leg)}aws-ivs / default) has failed: dark`);

it('the warning of one leg ends alone, and not that of a leg whose name begins alike', () => {
  const [main, backup, main2] = [failed('main'), failed('backup'), failed('main2')] as const;
  const names = ['leg-failed'] as const;
  expect(withEnded([main, backup, main2], names, end, 'main')).toEqual([{ ...main, ...end }, backup, main2]);
  expect(withEnded([main, backup], names, end)).toEqual([
    { ...main, ...end },
    { ...backup, ...end },
  ]);
});

it('a warning that has ended keeps its end, and others go on', () => {
  const over = { ...open('encoder-lost', 'lost'), endedAt: 3, ended: 'it came back' };
  const slow = open('step-slow', 'slow');
  const missing = open('encoder-missing', 'missing');
  expect(withEnded([over, slow, missing], endedByEncoder, end)).toEqual([over, slow, { ...missing, ...end }]);
  expect(withEnded(undefined, endedByEncoder, end)).toBeUndefined();
});

it('the stop ends what concerns the encoder, the viewers and the budget', () => {
  expect([...endedByStop].sort()).toEqual([
    'budget-near',
    'budget-spent',
    'encoder-lost',
    'encoder-missing',
    'encoder-unseen',
    'viewers-blank',
    'viewers-dark',
    'viewers-frozen',
    'viewers-gone',
  ]);
  expect(endedByRelease).toEqual(['budget-near', 'budget-spent']);
});
