import type { ForbiddenStream } from './shapes.ts';

const second = 1000;
const day = 24 * 3600 * second;

/*
 * There is no channel to make: a stream exists while someone sends. What an event holds is a forbidden stream name. A
 * forbidden stream costs nothing, so it is also what is left behind, and the end of the ban distinguishes the two: at a
 * UTC midnight the stream is released; at any other time its event still needs it.
 */
const maxBan = 90 * day;
export const heldUntil = (now: number): string => {
  const end = now + maxBan - day;
  return new Date(end % day < second ? end + second : end).toISOString();
};
export const releasedUntil = (now: number): string =>
  new Date(Math.floor((now + maxBan - day) / day) * day).toISOString();
export const isReleased = (ban: ForbiddenStream): boolean => Date.parse(ban.EndTime ?? '') % day === 0;
