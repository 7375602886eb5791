import type { z } from 'zod';

/** An answer that is none of the vendor's: a proxy's page, an empty body, another shape. It says nothing, and is asked again. */
export class UnknownAnswer extends Error {
  override readonly name = 'UnknownAnswer';
  readonly httpStatus: number | undefined;

  constructor(expected: string, answer: unknown, options: ErrorOptions & { httpStatus?: number } = {}) {
    super(`unknown answer: ${expected}; it was ${inShort(answer)}`, options);
    this.httpStatus = options.httpStatus;
  }
}

/** What decides something, held against the vendor's shape. Throws `UnknownAnswer` with what is missing. */
export function readAnswer<T>(schema: z.ZodType<T>, answer: unknown, httpStatus?: number): T {
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const at = issue?.path.map(String).join('.');
  const expected = `${at ? `${at}: ` : ''}${issue?.message ?? 'another shape'}`;
  throw new UnknownAnswer(expected, answer, httpStatus === undefined ? {} : { httpStatus });
}

const mostKeys = 6;

/** Its kind and its keys, never its values: an answer may hold a key or an address. */
function inShort(answer: unknown): string {
  if (answer === undefined || answer === '') return 'empty';
  if (answer === null) return 'null';
  if (Array.isArray(answer)) return `a list of ${answer.length}`;
  if (typeof answer === 'string') return /^\s*<(!doctype html|html)/i.test(answer) ? 'an HTML page' : 'a text';
  if (typeof answer !== 'object') return `a ${typeof answer}`;
  const keys = Object.keys(answer).filter((key) => !key.startsWith('$'));
  return keys.length === 0 ? '{}' : `an object of ${keys.slice(0, mostKeys).join(', ')}`;
}
