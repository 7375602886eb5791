import type { IngestEndpoint } from '../domain/channel.ts';
import { VendorError } from '../domain/errors.ts';
import type { VendorDriver } from '../vendors/driver.ts';

/** What one method of a driver said: its result, or what it threw. */
export interface RecordedCall {
  method: string;
  text: string;
  /** Absent when it succeeded. */
  error?: unknown;
}

export interface Heard {
  /** All that the methods gave or threw, except what `ingest` and `viewerUrl` (secret) and `fetchVod` (media) give. */
  calls: RecordedCall[];
  /** What `ingest` gave. */
  endpoints: IngestEndpoint[];
}

/** The driver, with all it says kept in `heard`. */
export function recorded(driver: VendorDriver, heard: Heard): VendorDriver {
  return new Proxy(driver, {
    get(target, method: keyof VendorDriver & string) {
      const original: unknown = target[method];
      if (typeof original !== 'function') return original;
      return (...args: unknown[]) => listen(method, () => original.apply(target, args), heard);
    },
  });
}

function listen(method: string, call: () => unknown, heard: Heard): unknown {
  const keep = (value: unknown) => {
    if (method === 'ingest') heard.endpoints.push(...(value as IngestEndpoint[]));
    else if (method !== 'fetchVod' && method !== 'viewerUrl')
      heard.calls.push({ method, text: JSON.stringify(value) ?? '' });
    return value;
  };
  const complain = (error: unknown): never => {
    heard.calls.push({ method, text: textOf(error), error });
    throw error;
  };
  try {
    const given = call();
    return given instanceof Promise ? given.then(keep, complain) : keep(given);
  } catch (error) {
    return complain(error);
  }
}

function textOf(error: unknown): string {
  if (error instanceof VendorError) return `${error.message} ${JSON.stringify(error.facts)}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
