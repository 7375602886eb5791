import type { z } from 'zod';

/** Schemas under `components` of the document, by name. */
export const components = new Map<z.core.$ZodType, string>();

export function component<T extends z.ZodType>(name: string, schema: T): T {
  components.set(schema, name);
  return schema;
}
