import fc, { type Arbitrary } from 'fast-check';
import { plain, type Schema } from './document.ts';

type Value = Arbitrary<unknown>;

/** Values that the schema allows. `within` are the names it is in: what holds itself is any JSON. */
export function valuesOf(given: Schema, within: readonly string[] = []): Value {
  if (given.$ref) {
    if (within.includes(given.$ref)) return fc.jsonValue({ maxDepth: 1 });
    return valuesOf(plain(given), [...within, given.$ref]);
  }
  const schema = plain(given);
  const of = (part: Schema) => valuesOf(part, within);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'string':
      return stringsOf(schema);
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000_000 });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(of(schema.items ?? {}), {
        minLength: schema.minItems,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case 'object':
      return variantsOf(schema, of);
    default:
      return schema.anyOf ? fc.oneof(...schema.anyOf.map(of)) : fc.jsonValue({ maxDepth: 2 });
  }
}

const instants = fc
  .date({ min: new Date('2027-01-01'), max: new Date('2035-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

function stringsOf({ examples, format, pattern, anyOf, minLength = 0, maxLength = 60 }: Schema): Value {
  const given = (examples ?? []).map((example) => fc.constant(example as string));
  if (format === 'date-time') return fc.oneof(...given, instants);
  if (anyOf) return fc.oneof(...given, ...anyOf.map((one) => stringsOf({ ...one, minLength, maxLength })));
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  if (pattern === undefined)
    return fc.oneof(...given, fc.string({ unit: 'grapheme', minLength, maxLength }).filter(fits));
  const whole = new RegExp(pattern, 'u');
  // Looking ahead cannot be turned round into values; what it rules out is left out.
  const turned = new RegExp(pattern.replace(/\(\?[=!](?:\[[^\]]*\]|[^()[])*\)/g, ''), 'u');
  return fc.oneof(
    ...given,
    fc.stringMatching(turned, { size: 'small' }).filter((text) => whole.test(text) && fits(text)),
  );
}

/** One for each thing that the object may be: each vendor's plan, each way to say when it ends. */
function variantsOf(schema: Schema, of: (part: Schema) => Value): Value {
  const cases = (schema.allOf ?? []).map(({ if: when, then }) => ({ ...when?.properties, ...then?.properties }));
  const ways = (schema.oneOf ?? [{}]).filter((way) => isPossible(way, schema));
  const variants = (cases.length > 0 ? cases : [{}]).flatMap((properties) =>
    ways.map((way) => {
      const others = ways.flatMap(({ required = [] }) => required).filter((key) => !way.required?.includes(key));
      const required = [...(schema.required ?? []), ...(way.required ?? [])];
      return objectsOf({ ...schema, properties: { ...schema.properties, ...properties }, required }, others, of);
    }),
  );
  return fc.oneof(...variants);
}

/** Of ways that exclude each other, one may be required already. */
function isPossible(way: Schema, { oneOf = [], required = [] }: Schema): boolean {
  const others = oneOf.filter((one) => one !== way).flatMap((one) => one.required ?? []);
  return !others.some((key) => required.includes(key));
}

function objectsOf(schema: Schema, without: readonly string[], of: (part: Schema) => Value): Value {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema;
  const forbidden = [...without, ...excluded(schema, required)];
  const known = Object.entries(properties).filter(([key]) => !forbidden.includes(key));
  const fields = fc.record(Object.fromEntries(known.map(([key, part]) => [key, of(part)])), {
    requiredKeys: required.filter((key) => key in properties),
  });
  if (typeof additionalProperties !== 'object') return fields;
  const keys = (propertyNames ? of(propertyNames) : fc.stringMatching(/^[a-z]{1,8}$/)) as Arbitrary<string>;
  return fc
    .tuple(fc.dictionary(keys, of(additionalProperties), { maxKeys: 3 }), fields)
    .map(([others, own]) => ({ ...others, ...own }));
}

/** Keys that the schema does not want: of two that exclude each other, the later. */
function excluded({ not }: Schema, required: readonly string[]): string[] {
  return (not?.anyOf ?? (not ? [not] : [])).flatMap(({ required: together = [] }) => {
    const unwanted = together.filter((key) => !required.includes(key)).at(-1);
    return unwanted === undefined ? [] : [unwanted];
  });
}
