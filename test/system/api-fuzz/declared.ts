import { expect } from 'vitest';
import { z } from 'zod';
import type { Answer } from '../api/api-harness.ts';
import { document, type Operation, type Schema } from './document.ts';

/** Named schemas of answers; what is only sent is not among them, and zod cannot read all of it. */
const sentOnly = ['Plan', 'Schedule'];
const named = Object.fromEntries(
  Object.entries(document.components.schemas).filter(([name]) => !sentOnly.includes(name)),
);
const readers = new Map<Schema, z.ZodType>();

function readerOf(schema: Schema): z.ZodType {
  const known = readers.get(schema);
  if (known) return known;
  const text = JSON.stringify({ ...schema, $defs: named }).replaceAll('#/components/schemas/', '#/$defs/');
  const made = z.fromJSONSchema(JSON.parse(text));
  readers.set(schema, made);
  return made;
}

/** The answer is one that the document declares, to the letter: its status, its type, its body. */
export function expectDeclared({ answers }: Operation, { status, headers, body, text }: Answer): void {
  const declared = answers[status] ?? answers.default;
  if (status < 400) expect(Object.keys(answers)).toContain(String(status));
  const [type, content] = Object.entries(declared?.content ?? {})[0] ?? [];
  if (!type || !content) {
    expect(text).toBe('');
    return;
  }
  expect(headers.get('content-type')?.split(';')[0]).toBe(type);
  const read = readerOf(content.schema).safeParse(body);
  expect(read.error?.issues, text).toBeUndefined();
}
