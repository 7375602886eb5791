/** The behaviour of the encoder in a rehearsal. */
export const encoderHabits = ['on-time', 'drops', 'leaves', 'never'] as const;
export type EncoderHabit = (typeof encoderHabits)[number];
