import { expect, it } from 'vitest';
import type { EventStatus } from '../../../../domain/report.ts';
import { withWarning } from '../../../../domain/webhooks/warnings.ts';

const warning = (at: number) => ({ at, warning: 'step-slow' as const, message: `slow ${at}` });

it('the newest warnings are kept, and how many older ones are not is counted', () => {
  let status: Pick<EventStatus, 'warnings' | 'warningsDropped'> = {};
  for (let at = 0; at < 3; at += 1) status = { ...status, ...withWarning(status, warning(at), 3) };
  expect(status).toEqual({ warnings: [warning(0), warning(1), warning(2)] });
  for (let at = 3; at < 5; at += 1) status = { ...status, ...withWarning(status, warning(at), 3) };
  expect(status).toEqual({ warnings: [warning(2), warning(3), warning(4)], warningsDropped: 2 });
});
