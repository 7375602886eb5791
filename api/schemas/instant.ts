import { z } from 'zod';
import { whyNotInstant } from '../../domain/time.ts';

/** An instant that a caller sends: ISO 8601 with an offset. */
export const instantText = (description: string, example = '2026-12-01T00:00:00Z') =>
  z
    .string()
    .check((given) => {
      const message = whyNotInstant(given.value);
      if (message !== undefined) given.issues.push({ code: 'custom', message, input: given.value });
    })
    .meta({ description, format: 'date-time', examples: [example] });
