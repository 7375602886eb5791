/** Who has recorded, in place of processes and hosts. */
export const recorder = 'recorder';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export interface HistoryJson {
  events: Json[];
}

/** A history without traces of the machine that recorded it: identities, and stacks with their paths. */
export function neutral(json: string): HistoryJson {
  return cleaned(JSON.parse(json) as Json) as unknown as HistoryJson;
}

function cleaned(node: Json): Json {
  if (Array.isArray(node)) return node.map(cleaned);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== 'stackTrace')
      .map(([key, value]) => [key, /identity$/i.test(key) && typeof value === 'string' ? recorder : cleaned(value)]),
  );
}
