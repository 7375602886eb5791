/** What a step that has not succeeded yet is doing, from Temporal's pending activities. Epoch milliseconds. */
export interface PendingStep {
  name: string;
  /** Of an event with legs: whose it is. */
  leg?: string;
  attempt: number;
  /** What the last attempt waits for, or why it failed, as the vendor said it. */
  reason?: string;
  nextAttemptAt?: number;
  /** When its last attempt began. */
  triedAt?: number;
  /** Present while its attempts fail; a step that only waits does not fail. */
  failing?: {
    /** When the first of the errors in a row came; absent where the worker died before it could say. */
    since?: number;
    /** How many errors there were in a row; attempts that waited are not counted. */
    errors?: number;
  };
}

const stepTexts: Readonly<Record<string, string>> = {
  preparePlan: 'checking the plan',
  prepareLegs: 'checking the plan',
  preflight: 'looking at the account',
  allocate: 'making the channel',
  start: 'opening the channel',
  createOutput: 'preparing the recording',
  watchEncoder: 'looking at the encoder',
  resetEncoder: 'resetting the encoder',
  stop: 'stopping the channel',
  publishVod: 'publishing the recording',
  cleanUp: 'cleaning up',
};

/** A step as people call it. */
export const stepText = (name: string): string => stepTexts[name] ?? name;
