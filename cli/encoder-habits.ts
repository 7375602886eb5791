import type { Script } from './encoder-script.ts';

/** The behaviour of the encoder in a rehearsal. */
export const encoderHabits = ['on-time', 'drops', 'leaves', 'never'] as const;
export type EncoderHabit = (typeof encoderHabits)[number];

/** What the encoder does where nothing is said; with legs the picture of the first one is lost, so that another takes over. */
const usualHabit = (hasLegs: boolean): EncoderHabit => (hasLegs ? 'leaves' : 'drops');

/**
 * What each encoder does: one for each leg, in their order, of which the first has the habit, or the one of an event without
 * legs. Undefined for an encoder that never connects.
 */
export function scriptsOf(
  habit: EncoderHabit | undefined,
  { legs, showMs }: { legs?: readonly unknown[] | undefined; showMs: number },
): (Script | undefined)[] {
  const first = scriptOf(habit ?? usualHabit(legs !== undefined), showMs);
  return [first, ...(legs ?? []).slice(1).map(() => ({ afterMs: 0 }))];
}

function scriptOf(habit: EncoderHabit, showMs: number): Script | undefined {
  switch (habit) {
    case 'on-time':
      return { afterMs: 0 };
    case 'drops':
      return { afterMs: 0, drop: { afterMs: showMs / 3, gapMs: 3000 } };
    case 'leaves':
      return { afterMs: 0, drop: { afterMs: showMs / 3, gapMs: showMs } };
    case 'never':
      return undefined;
  }
}
