import type { z } from 'zod';
import { VendorError } from '../domain/errors.ts';

/** What a value is and whose, for the message of a refusal. */
interface Origin {
  vendor: string;
  what: string;
  /** The event, or the name of the channel. */
  resource: string;
}

/** A value as its schema has it. @throws VendorError `invalid-request`, which names everything that is wrong in it */
export function parsed<T>(schema: z.ZodType<T>, value: unknown, { vendor, what, resource }: Origin): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${[what, ...path].join('.')}: ${message}`);
  throw new VendorError(
    {
      kind: 'invalid-request',
      vendor,
      operation: 'readOptions',
      resource,
      message: problems.join('; '),
      advice: 'correct the plan',
    },
    { cause: result.error },
  );
}
