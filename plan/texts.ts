import { z } from 'zod';
import { tenantPattern } from '../domain/ids.ts';
import { isPlainLine, plainLineRule } from '../domain/text.ts';
import { maxTenantLength } from './limits.ts';

// Readers of JSON Schema know few properties of characters: the published patterns refuse less than the checks.

/** A text for people, on one line. */
export const lineOf = (max: number) =>
  z.string().max(max).refine(isPlainLine, plainLineRule).meta({ pattern: '^[^\\p{Cc}]*$' });

/** A line that must not be blank; `blank` says what is wrong with one that is. */
export const filledLineOf = (max: number, blank: string) =>
  lineOf(max)
    .refine((text) => /\S/.test(text), blank)
    .meta({ pattern: '^[^\\p{Cc}]*[^\\p{Cc}\\s][^\\p{Cc}]*$' });

/** The name of a tenant. */
export const tenantSchema = z
  .string()
  .min(1)
  .max(maxTenantLength)
  .refine(
    (name) => tenantPattern.test(name),
    'must not contain quotation marks, backslashes or characters that are not seen',
  )
  .meta({ pattern: '^[^"\\\\\\p{Cc}]+$' });
