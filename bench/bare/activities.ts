import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

export interface BareActivities {
  step(): Promise<void>;
  waitUntil(instant: number): Promise<void>;
  atCue(id: string): Promise<void>;
}

/** @param cueMet when a run's activity at its cue began, by id; epoch milliseconds */
export const bareActivities = (cueMet: Map<string, number>): BareActivities => ({
  step: async () => {},
  waitUntil: async (instant) => {
    const left = instant - Date.now();
    if (left <= 0) return;
    throw ApplicationFailure.create({
      message: 'not yet',
      category: ApplicationFailureCategory.BENIGN,
      nextRetryDelay: left,
    });
  },
  atCue: async (id) => {
    cueMet.set(id, Date.now());
  },
});
