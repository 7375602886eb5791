import type { Problem } from './errors.ts';
import { type Json, kindOf } from './json.ts';
import { isSecretName } from './secret-names.ts';
import { withoutQueries } from './without-queries.ts';

/** Longest quotation of what was given. */
const maxGivenLength = 80;
/** Longest path; only an unknown field's name can be longer. */
const maxPathLength = 200;

export type Path = readonly PropertyKey[];

/** What zod finds wrong, as far as it is put into words here: this layer knows no library. */
export interface Issue {
  code?: string;
  path: Path;
  message: string;
  expected?: string;
  values?: readonly unknown[];
  maximum?: number | bigint;
  minimum?: number | bigint;
  origin?: string;
  keys?: readonly string[];
}

/** A zod schema, as far as its fields are asked for. */
export interface SchemaLike {
  description?: string;
  shape?: Readonly<Record<string, SchemaLike>>;
  /** Of a list. */
  element?: SchemaLike;
  /** Of a record. */
  valueType?: SchemaLike;
  unwrap?(): SchemaLike;
}

/** `waits.firstConnect`, `sources[2]`, or nothing for the whole. */
export function pathText(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return cut(text.replace(/^\./, ''), maxPathLength);
}

/** A problem at a path, quoting what was given there unless it could be a secret. */
export function problemAt(input: Json, path: Path, message: string): Problem {
  const given = quote(path, valueAt(input, path));
  return { path: pathText(path), ...(given !== undefined && { given }), message };
}

/** What zod found, in our words; an object with three unknown keys is three problems. */
export function problemsOf(input: Json, issues: readonly Issue[], schema: SchemaLike, under: Path = []): Problem[] {
  const wrongType = new Set(issues.filter(({ code }) => code === 'invalid_type').map((issue) => pathText(issue.path)));
  return issues.flatMap((issue) => {
    // A text where a list belongs is not also too long a list.
    if (issue.code !== 'invalid_type' && wrongType.has(pathText(issue.path))) return [];
    const path = [...under, ...issue.path];
    const { keys } = issue;
    if (!keys || issue.code !== 'unrecognized_keys') return [problemAt(input, path, say(issue, valueAt(input, path)))];
    const known = fieldsAt(schema, issue.path);
    const allowed = known.length > 0 ? `known here: ${known.join(', ')}` : 'none is known here';
    return keys.map((key) => problemAt(input, [...path, key], `is not a known field; ${allowed}`));
  });
}

function valueAt(input: Json, path: Path): Json | undefined {
  let value: Json | undefined = input;
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, Json>)[part];
  }
  return value;
}

function say(issue: Issue, given: Json | undefined): string {
  const { expected = 'value', values = [], origin = '' } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return given === undefined
        ? `is required (${article(expected)})`
        : `must be ${article(expected)}, not ${kindOf(given)}`;
    case 'invalid_value':
      return `${given === undefined ? 'is required: ' : 'must be '}${values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unit(origin)}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${unit(origin)}`;
    default:
      return issue.message;
  }
}

function article(expected: string): string {
  if (expected === 'record' || expected === 'object') return 'an object';
  if (expected === 'array') return 'a list';
  return /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' entries long' : '';
}

function fieldsAt(schema: SchemaLike, path: Path): string[] {
  let here: SchemaLike | undefined = bare(schema);
  for (const part of path) here = bare(here?.element ?? here?.valueType ?? here?.shape?.[String(part)]);
  return Object.keys(here?.shape ?? {});
}

/** Without what makes it optional or gives it a default. */
function bare(schema: SchemaLike | undefined): SchemaLike | undefined {
  let inner = schema;
  while (inner?.unwrap && !inner.element) inner = inner.unwrap();
  return inner;
}

function quote(path: Path, value: Json | undefined): string | undefined {
  if (value === undefined || path.length === 0 || path.some((part) => isSecretName(String(part)))) return undefined;
  try {
    const text = JSON.stringify(value, (key, inner: Json) =>
      isSecretName(key) ? '…' : typeof inner === 'string' ? withoutCredentials(inner) : inner,
    );
    return cut(text, maxGivenLength);
  } catch {
    // Nested too deep to be written as JSON.
    return undefined;
  }
}

/** An address loses its user name, its query and its parameters; whatever a text says after a query goes with them. */
function withoutCredentials(text: string): string {
  const start = text.indexOf('://');
  if (start < 0) return withoutQueries(text);
  const at = text.lastIndexOf('@');
  const address = at > start ? `${text.slice(0, start + 3)}…${text.slice(at)}` : text;
  const query = address.indexOf('?', start);
  return withoutQueries(query < 0 ? address : `${address.slice(0, query)}?…`);
}

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
