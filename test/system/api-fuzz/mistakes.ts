import fc, { type Arbitrary } from 'fast-check';
import { plain, type Schema } from './document.ts';

/** What JSON there is, by its type. */
const kinds: Record<string, readonly unknown[]> = {
  string: ['', 'x', '5', 'true'],
  integer: [0, -1, 2 ** 53, 1e300],
  number: [0.5, -1.5],
  boolean: [true, false],
  null: [null],
  array: [[], [null], [[[]]]],
  object: [{}, { constructor: 1 }, { length: 3 }],
};

/** Values that the schema refuses, each for what it says; none where it says nothing. */
export function wrongFor(given: Schema): unknown[] {
  const schema = plain(given);
  if (schema.enum) return ['', 'no-such', null, 7, []];
  const allowed = new Set((schema.type ? [schema] : (schema.anyOf ?? [])).map(({ type }) => type));
  if (allowed.size === 0 || allowed.has(undefined)) return [];
  if (allowed.has('number')) allowed.add('integer');
  const ofOtherKinds = Object.entries(kinds).flatMap(([kind, values]) =>
    allowed.has(kind as Schema['type']) ? [] : values,
  );
  return [...ofOtherKinds, ...outOfBounds(schema)];
}

/** Of the right type, and still wrong. */
export function outOfBounds({ type, pattern, minLength, maxLength, minimum, maximum, maxItems }: Schema): unknown[] {
  const wrong: unknown[] = [];
  if (minLength) wrong.push('');
  if (maxLength !== undefined) wrong.push('x'.repeat(maxLength + 1));
  if (minimum !== undefined) wrong.push(minimum - 1);
  if (maximum !== undefined) wrong.push(maximum + 1, 1e300);
  if (type === 'array' && maxItems !== undefined) wrong.push(Array.from({ length: maxItems + 1 }, () => 'x'));
  if (pattern !== undefined) {
    const rule = new RegExp(pattern, 'u');
    wrong.push(...hostile.filter((text) => !rule.test(text)));
  }
  return wrong;
}

/** Texts that have broken servers before. */
export const hostile = [
  '',
  ' ',
  '\0',
  'a\nb',
  '\u0085',
  '../../..',
  'a/b',
  '%2e%2e',
  "' OR 1=1 --",
  '" OR WorkflowType = "x',
  '__proto__',
  '\u202e',
  'a'.repeat(3_000),
];

type Fields = Record<string, unknown>;

/** A body that is right but for one mistake. */
export function bodiesWithAMistake(given: Schema, right: Arbitrary<unknown>): Arbitrary<unknown> {
  const schema = plain(given);
  const { properties = {}, required = [] } = schema;
  const mistakes: ((body: Fields) => unknown)[] = [
    ...wrongFor({ type: 'object' }).map((value) => () => value),
    ...required.map((key) => (body: Fields) => Object.fromEntries(Object.entries(body).filter(([k]) => k !== key))),
    ...Object.entries(properties).flatMap(([key, part]) =>
      wrongFor(part).map((value) => (body: Fields) => ({ ...body, [key]: value })),
    ),
  ];
  if (schema.additionalProperties === false) mistakes.push((body) => ({ ...body, unheardOf: 1 }));
  return fc.tuple(right, fc.constantFrom(...mistakes)).map(([body, mistake]) => mistake(body as Fields));
}
