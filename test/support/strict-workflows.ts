import { ApplicationFailure } from '@temporalio/common';
import { Run } from '../../workflows/live-event/run.ts';
import { onWrongTransition } from '../../workflows/live-event/transitions.ts';

export * from '../../workflows/index.ts';

// The workflows that tests run: one that takes a transition outside the table of domain/phases.ts fails.
onWrongTransition((from, to) => {
  throw ApplicationFailure.nonRetryable(
    `the phase ${to} may not follow ${from ?? 'the beginning'}`,
    'wrong-transition',
  );
});

/** A run with a wrong transition, to see that it fails. */
export async function wrongTransition(): Promise<void> {
  new Run().enter('cleaning-up');
}
