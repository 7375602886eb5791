import type { Exchange } from '../../../simulators/kit/types.ts';

/** What is wrong with an answer by the vendor's own model; nothing for one that the model does not cover. */
export type Oracle = (exchange: Exchange) => string[];

/** Undefined for an empty body or one that is not JSON. */
export function jsonOf({ response }: Pick<Exchange, 'response'>): unknown {
  const text = String(response.body ?? '');
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isInstant = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);

export const foreignMembers = (value: object, known: readonly string[], path: string): string[] =>
  Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${path}.${key} is not in the model`);

export const wrongType = (wanted: string, value: unknown, path: string): string[] => [
  `${path} is ${JSON.stringify(value)}, the model says ${wanted}`,
];
