import type { z } from 'zod';

/** Schemas that the document gives a name. */
export const components = new Map<z.core.$ZodType, string>();

export function component<T extends z.ZodType>(name: string, schema: T): T {
  components.set(schema, name);
  return schema;
}
