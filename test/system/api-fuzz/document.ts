import { readFile } from 'node:fs/promises';

/** The part of JSON Schema that the document speaks. */
export interface Schema {
  $ref?: string;
  type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null';
  const?: unknown;
  enum?: unknown[];
  examples?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  not?: Schema;
  if?: Schema;
  then?: Schema;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  schema: Schema;
}

type Content = Record<string, { schema: Schema }>;

export interface Operation {
  id: string;
  method: string;
  path: string;
  parameters: Parameter[];
  body?: Schema;
  /** By status, or `default`; without content there is no body. */
  answers: Record<string, { content?: Content }>;
}

interface Described {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Operation['answers'];
}

interface OpenApi {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
}

/** The published document, as a client has it. */
export const document: OpenApi = JSON.parse(
  await readFile(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'),
) as OpenApi;

export const operations: Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, parameters = [], requestBody, responses }]) => ({
    id: operationId,
    method: method.toUpperCase(),
    path,
    parameters,
    body: requestBody?.content['application/json']?.schema,
    answers: responses,
  })),
);

/** What a pointer points at: `#/components/schemas/Plan/$defs/…`. */
function pointedAt(pointer: string): Schema {
  let found: unknown = document;
  for (const part of pointer.split('/').slice(1)) found = (found as Record<string, unknown>)[part];
  if (!found) throw new Error(`the document has no ${pointer}`);
  return found as Schema;
}

/** The schema itself, not its name, and what it has all of put together; the last pattern looks ahead for the others. */
export function plain(schema: Schema): Schema {
  if (schema.$ref) return plain(pointedAt(schema.$ref));
  if (!schema.allOf || schema.allOf.some((part) => part.if)) return schema;
  const { allOf, ...itself } = schema;
  const parts = [itself, ...allOf.map(plain)];
  const patterns = parts.flatMap(({ pattern }) => pattern ?? []);
  const last = patterns.pop();
  const pattern = last && `${patterns.map((one) => `(?=[^]*${one})`).join('')}${last}`;
  const required = parts.flatMap((part) => part.required ?? []);
  return { ...Object.assign({}, ...parts), ...(pattern !== undefined && { pattern }), required };
}
