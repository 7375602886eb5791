import fc, { type Arbitrary } from 'fast-check';
import type { Asked } from '../api/api-harness.ts';
import type { Operation, Parameter } from './document.ts';
import { hostile, outOfBounds, bodiesWithAMistake as spoiled, wrongFor } from './mistakes.ts';
import { valuesOf } from './values.ts';

export interface Request {
  url: string;
  asked: Asked;
}

/** The parts of a request, before it is put together. */
interface Parts {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  header: Record<string, unknown>;
  body?: unknown;
}

/** Something that exists, by the name of the parameter that names it. */
export type Existing = Record<string, string>;

/** Half of a pair of surrogates cannot be sent. */
const sendable = (value: unknown): string => Buffer.from(String(value)).toString();

function put({ method, path, body: takes }: Operation, parts: Parts): Request {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(sendable(parts.path[name])));
  const terms = Object.entries(parts.query).map(([name, value]): [string, string] => [name, sendable(value)]);
  const headers = Object.entries(parts.header).map(([name, value]): [string, string] => [name, String(value)]);
  return {
    url: terms.length > 0 ? `${filled}?${new URLSearchParams(terms)}` : filled,
    // As text: a body that is a text is JSON too.
    asked: { method, headers: Object.fromEntries(headers), ...(takes && { body: JSON.stringify(parts.body) }) },
  };
}

const printable = fc.stringMatching(/^[!-~]{1,60}$/);

function partsOf({ parameters, body }: Operation, existing: Existing): Arbitrary<Parts> {
  const valuesIn = (place: Parameter['in']) =>
    Object.fromEntries(
      parameters
        .filter((parameter) => parameter.in === place)
        .map(({ name, schema }) => [name, place === 'header' ? printable : valuesOf(schema)]),
    );
  return fc.record({
    // What exists is asked for most: what does not is always answered alike.
    path: fc.oneof({ weight: 4, arbitrary: fc.constant(existing) }, fc.record(valuesIn('path'))),
    query: fc.record(valuesIn('query'), { requiredKeys: [] }),
    header: fc.record(valuesIn('header'), { requiredKeys: [] }),
    ...(body && { body: valuesOf(body) }),
  });
}

/** Requests of which the document says that they are right. */
export const rightRequests = (operation: Operation, existing: Existing): Arbitrary<Request> =>
  partsOf(operation, existing).map((parts) => put(operation, parts));

export interface Mistaken extends Request {
  where: 'path' | 'query' | 'header' | 'body';
}

/** Requests with one mistake, and where it is; undefined where none can be made. */
export function mistakenRequests(operation: Operation, existing: Existing): Arbitrary<Mistaken> | undefined {
  const { parameters, body } = operation;
  // What exists is of no tenant: for a tenant it would not be there, and the mistake not be looked at.
  const right = partsOf(operation, existing).map(({ query: { tenant: _, ...query }, ...parts }) => ({
    ...parts,
    query,
    path: existing,
  }));
  const made = parameters.flatMap((parameter) => mistakesOf(parameter).map((value) => ({ parameter, value })));
  const inParameter = (parts: Parts) =>
    fc.constantFrom(...made).map(({ parameter: { name, in: where }, value }) => ({
      where,
      ...put(operation, { ...parts, [where]: { ...parts[where], [name]: value } }),
    }));
  const inQuery = (parts: Parts) =>
    fc.constant({ where: 'query' as const, ...put(operation, { ...parts, query: { ...parts.query, unheardOf: 1 } }) });
  const inBody = (parts: Parts) =>
    spoiled(body ?? {}, fc.constant(parts.body)).map((wrong) => ({
      where: 'body' as const,
      ...put(operation, { ...parts, body: wrong }),
    }));
  const kinds = [
    ...(made.length > 0 ? [inParameter] : []),
    ...(parameters.some((parameter) => parameter.in === 'query') ? [inQuery] : []),
    ...(body ? [inBody, inBody] : []),
  ];
  if (kinds.length === 0) return undefined;
  return right.chain((parts) => fc.constantFrom(...kinds).chain((kind): Arbitrary<Mistaken> => kind(parts)));
}

/** Every parameter is sent as text, so only texts can be wrong in it. */
function mistakesOf({ in: where, schema }: Parameter): unknown[] {
  if (schema.enum) return wrongFor(schema).filter((value) => typeof value === 'string');
  if (schema.type === 'integer') return ['many', '1.5', 'NaN', '1e999', ...outOfBounds(schema)];
  const wrong = outOfBounds(schema).filter((value) => typeof value === 'string');
  // Clients trim headers and send no line breaks in them; an empty part of a path is another path.
  if (where === 'header') return wrong.filter((text) => !hostile.includes(text));
  return where === 'path' ? wrong.filter((text) => text !== '') : wrong;
}
