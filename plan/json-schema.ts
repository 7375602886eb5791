import { z } from 'zod';
import type { JsonObject } from '../domain/json.ts';
import type { VendorManifest } from '../vendors/manifest.ts';
import { vendors as registered } from '../vendors/registry.ts';
import { planSchema } from './schema.ts';

/** The plan as JSON Schema 2020-12, with each vendor's own options. Published as `docs/plan.schema.json`. */
export function planJsonSchema(vendors: readonly VendorManifest[] = registered): JsonObject {
  const schema = published(planSchema);
  const properties = schema.properties as JsonObject;
  const vendor = { enum: vendors.map(({ name }) => name) };
  const legs = properties.legs as JsonObject & { items: JsonObject & { properties: JsonObject } };
  const ofVendors = vendors.map(({ name, options }) => {
    const { $schema: _, ...vendorOptions } = published(options);
    return {
      if: { properties: { vendor: { const: name } }, required: ['vendor'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word.
      then: { properties: { vendorOptions } },
    };
  });
  return {
    ...schema,
    title: 'showcaller plan',
    properties: {
      ...properties,
      vendor: { ...(properties.vendor as JsonObject), ...vendor },
      legs: {
        ...legs,
        items: {
          ...legs.items,
          properties: {
            ...legs.items.properties,
            vendor: { ...(legs.items.properties.vendor as JsonObject), ...vendor },
          },
          allOf: ofVendors,
        },
      },
    },
    oneOf: [{ required: ['endsAt'] }, { required: ['duration'] }],
    not: { required: ['startsAt', 'startsAfter'] },
    anyOf: [{ required: ['vendor'] }, { required: ['legs'] }],
    allOf: ofVendors,
  };
}

const published = (schema: z.ZodObject): JsonObject =>
  withPlainPatterns(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject);

/** Control characters by their numbers: many readers of JSON Schema know no `\p{Cc}`. */
export const withPlainPatterns = (schema: JsonObject): JsonObject =>
  JSON.parse(JSON.stringify(schema).replaceAll('\\\\p{Cc}', '\\\\x00-\\\\x1f\\\\x7f-\\\\x9f')) as JsonObject;
