import { activityInfo } from '@temporalio/activity';
import type { Activities, LiveEventActivities } from '../../../activities/contract.ts';

export const steps = [
  'preparePlan',
  'allocate',
  'start',
  'createOutput',
  'watchEncoder',
  'resetEncoder',
  'stop',
  'publishVod',
  'cleanUp',
] as const satisfies readonly (keyof LiveEventActivities)[];
export type Step = (typeof steps)[number];

/**
 * `before`: the attempt has begun, nothing was asked of the vendor. `after`: the vendor did what the attempt asked, and
 * the answer was lost. `reached`: the same, in the attempt that reached the goal.
 */
export const whens = ['before', 'after', 'reached'] as const;
export type When = (typeof whens)[number];

/** A point of a run at which something happens to it. */
export interface Moment {
  step: Step;
  when: When;
  /** Which attempt, for `before` and `after`. Default 1. */
  attempt?: number;
}

export const momentText = ({ step, when, attempt = 1 }: Moment): string => `${step}:${when}:${attempt}`;

export function momentOf(text: string): Moment {
  const [step, when, attempt] = text.split(':');
  const found = { step: steps.find((one) => one === step), when: whens.find((one) => one === when) };
  if (!found.step || !found.when) throw new Error(`${JSON.stringify(text)} is no step:when:attempt`);
  return { step: found.step, when: found.when, attempt: Number(attempt ?? 1) };
}

export interface Interruption {
  /** The moment that is meant for this run, if any. */
  at(workflowId: string): Moment | undefined;
  happens(workflowId: string): Promise<void>;
}

/** The same activities, with an interruption at exactly one moment of a run. */
export function interrupted(activities: Activities, interruption: Interruption): Activities {
  const wrapped = steps.map((step) => [step, around(step, activities[step], interruption)]);
  return { ...activities, ...Object.fromEntries(wrapped) };
}

function around(step: Step, work: Activities[Step], { at, happens }: Interruption) {
  return async (input: unknown): Promise<unknown> => {
    const { attempt, workflowExecution } = activityInfo();
    const { workflowId } = workflowExecution ?? { workflowId: '' };
    const moment = at(workflowId);
    const due = (when: When, wanted = moment?.attempt ?? 1) =>
      moment?.step === step && moment.when === when && attempt === wanted;
    if (due('before')) await happens(workflowId);
    const outcome = await settled(() => (work as (given: unknown) => Promise<unknown>)(input));
    if (due('after') || ('value' in outcome && due('reached', attempt))) await happens(workflowId);
    if (!('value' in outcome)) throw outcome.error;
    return step === 'start' && moment?.step === 'createOutput' ? withoutOutput(outcome.value) : outcome.value;
  };
}

/** As where the output is not there at the first try: it has a step of its own then, in which something can happen. */
const withoutOutput = (started: unknown): unknown => started && { ...started, output: undefined };

async function settled(work: () => Promise<unknown>): Promise<{ value: unknown } | { error: unknown }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}
