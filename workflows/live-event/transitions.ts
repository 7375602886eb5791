import { log } from '@temporalio/workflow';
import { mayFollow, type Phase } from '../../domain/phases.ts';

type OnWrong = (from: Phase | undefined, to: Phase) => void;

/** A wrong transition is a bug in the run. A show that is on must not end because of it, so the run logs it and goes on. */
let onWrong: OnWrong = (from, to) => log.error(`the phase ${to} may not follow ${from ?? 'the beginning'}: a bug`);

/** Replaces what happens at a transition that is not in the table; tests make the run fail. */
export const onWrongTransition = (handler: OnWrong): void => {
  onWrong = handler;
};

export function checkTransition(from: Phase | undefined, to: Phase): void {
  if (!mayFollow(from, to)) onWrong(from, to);
}
