import { expect, it } from 'vitest';
import { leavePollsOpen } from '../../../worker/open-polls.ts';

it('leaves polls open for two seconds, unless the environment says for how long', () => {
  const name = 'TEMPORAL_POLL_SHUTDOWN_INTERRUPT_WAIT_MS';
  const usual = {};
  leavePollsOpen(usual);
  expect(usual).toEqual({ [name]: '2000' });
  const given = { [name]: '0' };
  leavePollsOpen(given);
  expect(given).toEqual({ [name]: '0' });
});
