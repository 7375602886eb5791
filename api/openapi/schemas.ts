import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import { fieldsOf, type JsonObject } from '../../domain/json.ts';
import { planJsonSchema, withPlainPatterns } from '../../plan/json-schema.ts';
import { components } from '../schemas/components.ts';

type Direction = 'input' | 'output';
interface WithContent {
  description?: string;
  content: Record<string, { schema: z.ZodType }>;
}

const pointer = (name: string): string => `#/components/schemas/${name}`;

/** A route's schemas as JSON Schema, those with names by their names. */
export function documentSchema(schema: FastifySchema | undefined): FastifySchema {
  const { body, querystring, params, headers, response, ...rest } = schema ?? {};
  const input = { body, querystring, params, headers };
  const inputs = Object.entries(input).flatMap(([part, given]) =>
    given instanceof z.ZodType ? [[part, referenceTo(given, 'input')]] : [],
  );
  const responses = Object.entries((response ?? {}) as Record<string, z.ZodType | WithContent>);
  return {
    ...rest,
    ...Object.fromEntries(inputs),
    response: Object.fromEntries(responses.map(([status, response]) => [status, responseOf(response)])),
  };
}

function responseOf(response: z.ZodType | WithContent): object {
  if (response instanceof z.ZodUndefined) return { type: 'null', description: response.description };
  if (response instanceof z.ZodType) return { description: 'Done', ...referenceTo(response, 'output') };
  const content = Object.entries(response.content).map(([type, { schema }]) => [
    type,
    { schema: referenceTo(schema, 'output') },
  ]);
  return { description: response.description, content: Object.fromEntries(content) };
}

const referenceTo = (schema: z.ZodType, io: Direction): object => {
  const name = components.get(schema);
  return name === undefined ? inFull(schema, io) : { $ref: pointer(name) };
};

function inFull(schema: z.ZodType, io: Direction): JsonObject {
  const { $schema: _, ...document } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema, path }) => {
      const { def } = zodSchema._zod;
      // A caller that refuses unknown fields of an answer would break with the next version.
      if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties;
      const name = components.get(zodSchema);
      if (name === undefined || path.length === 0) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      jsonSchema.$ref = pointer(name);
    },
  });
  return withPlainPatterns(document as JsonObject);
}

/** The schemas with names. */
export function namedSchemas(): JsonObject {
  const named = [...components].map(([schema, name]): [string, JsonObject] => {
    const isInput = ['Plan', 'Schedule'].includes(name);
    return [name, inFull(schema as z.ZodType, isInput ? 'input' : 'output')];
  });
  return { ...Object.fromEntries(named), Plan: planComponent() };
}

/** What joins schemas; of an object that has them, generators of clients make no type. */
const joining = ['oneOf', 'anyOf', 'allOf', 'not', '$defs', '$schema'];

/** The plan as an object with all its fields. Which of them go together, and each vendor's options, are in the published schema. */
function planComponent(): JsonObject {
  const fields = Object.entries(planJsonSchema()).filter(([name]) => !joining.includes(name));
  const plan = JSON.parse(
    JSON.stringify(Object.fromEntries(fields), (_key, value: unknown) => (isOwnReference(value) ? {} : value)),
  ) as JsonObject;
  const description =
    'With `duration` or `endsAt`, and with `vendor` or `legs`; of a schedule with `duration` alone. docs/plan.schema.json says all of it, with the options of each vendor.';
  return { ...plan, description };
}

const isOwnReference = (value: unknown): boolean => String(fieldsOf(value).$ref ?? '').startsWith('#/$defs/');
