import { z } from 'zod';

/** One of these words. */
export const oneOf = <const T extends string>(...values: readonly T[]) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** A URL with one of these schemes. */
export const urlOf = (...schemes: readonly string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)),
      `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    );

export const httpUrl = urlOf('https', 'http');

/** Up to a week and a half; a text, as all settings are. */
export const milliseconds = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a whole number of milliseconds, at least 1 and of at most 9 digits');

/** The address of a service, without what does not change the place: the scheme, a slash at the end. */
export const hostOf = (endpoint: string): string =>
  endpoint
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/+$/, '')
    .toLowerCase();
