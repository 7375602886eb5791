import { InvalidArgumentError } from 'commander';

/** A flag's number above 0; anything else is wrong usage. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0) || !Number.isFinite(value))
    throw new InvalidArgumentError('a number above 0 is wanted.');
  return value;
}

/** Like `positive`, and 0. */
export function positiveOrZero(text: string): number {
  return text.trim() === '0' ? 0 : positive(text);
}
