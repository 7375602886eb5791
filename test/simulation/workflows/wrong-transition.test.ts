import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { workflowsHarness } from './workflows-harness.ts';

const harness = workflowsHarness();

it('a run that takes a transition outside the table fails', async () => {
  const { client, taskQueue } = harness.env();
  const run = client.workflow.execute('wrongTransition', { workflowId: 'wrong-transition', taskQueue });
  const failure = await run.catch((error: Error) => error.cause);
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({
    type: 'wrong-transition',
    message: 'the phase cleaning-up may not follow the beginning',
  });
});
