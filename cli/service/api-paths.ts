import { partsOfKey } from '../../domain/ids.ts';

/** The path of one event or schedule, of the tenant that its key names. */
export function pathTo(noun: 'events' | 'schedules', key: string, part = ''): string {
  return `/v1/${noun}/${encodeURIComponent(partsOfKey(key).id)}${part}${tenantQuery(key)}`;
}

/** `?tenant=…`, or nothing where the key names none. */
export function tenantQuery(key: string): string {
  const { tenant } = partsOfKey(key);
  return tenant === undefined ? '' : `?${parametersOf({ tenant })}`;
}

export function parametersOf(given: Readonly<Record<string, unknown>>): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) parameters.set(name, String(value));
  return parameters;
}
