/** What the encoder of a rehearsal does. */
export const encoderHabits = ['on-time', 'drops', 'leaves', 'never'] as const;
export type EncoderHabit = (typeof encoderHabits)[number];
