import { describe, expect, it } from 'vitest';
import { planJsonSchema } from '../../../plan/json-schema.ts';
import { planSchema } from '../../../plan/schema.ts';
import { vendors } from '../../../vendors/registry.ts';
import { fakeVendors } from './fake-vendors.ts';

describe('the published schema', () => {
  const schema = planJsonSchema(fakeVendors);

  it('is plain JSON of the 2020-12 draft and closed to unknown fields', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
    });
  });

  it('describes every field', () => {
    const described = (node: unknown): string[] =>
      Object.entries((node as { properties?: Record<string, { description?: string }> }).properties ?? {}).flatMap(
        ([name, field]) => [...(field.description ? [] : [name]), ...described(field)],
      );
    expect(Object.keys(schema.properties as object)).toEqual(Object.keys(planSchema.shape));
    expect(described(schema)).toEqual([]);
  });

  it('lists the vendors, and the options of each', () => {
    expect(schema).toMatchObject({ properties: { vendor: { enum: ['able', 'plain'] } } });
    const [forAble] = schema.allOf as object[];
    expect(forAble).toMatchObject({
      if: { properties: { vendor: { const: 'able' } } },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word.
      then: { properties: { vendorOptions: { properties: { latencyMode: { enum: ['LOW', 'NORMAL'] } } } } },
    });
  });

  it('asks for either an end or a duration', () => {
    expect(schema.oneOf).toEqual([{ required: ['endsAt'] }, { required: ['duration'] }]);
  });

  it('can be made of every vendor of the registry', () => {
    expect(planJsonSchema().allOf).toHaveLength(vendors.length);
  });
});
