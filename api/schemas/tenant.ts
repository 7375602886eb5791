import { z } from 'zod';
import { tenantPattern } from '../../domain/ids.ts';

export const tenantSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(tenantPattern, 'must not contain quotation marks, backslashes or characters that are not seen');

export const isTenant = (given: unknown): given is string => tenantSchema.safeParse(given).success;
