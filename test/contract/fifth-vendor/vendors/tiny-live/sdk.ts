import { VendorError, type VendorErrorKind } from '../../../../../domain/errors.ts';
import { createCaller } from '../../../../../vendors/call.ts';
import type { DriverContext } from '../../../../../vendors/context.ts';
import type { VodFile } from '../../../../../vendors/driver.ts';
import type { Account } from '../../../../../vendors/manifest.ts';

export const vendor = 'tiny-live';

export interface WireChannel {
  name: string;
  owner: string;
  open: boolean;
  sending: boolean;
  key: string;
  sessions: { startedAt: number; endedAt?: number }[];
}

const kinds: Readonly<Record<number, VendorErrorKind>> = {
  400: 'invalid-request',
  401: 'unauthorized',
  402: 'quota-exceeded',
  404: 'not-found',
  409: 'conflict',
  429: 'throttled',
};
const advice: Readonly<Record<number, string>> = { 401: 'check the token', 402: 'delete a channel' };

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type Sdk = ReturnType<typeof createSdk>;

/** Every call of the vendor, over plain HTTP. */
export function createSdk({ name, settings }: Account, context: DriverContext) {
  const caller = createCaller(
    vendor,
    name,
    (error) => {
      if (!(error instanceof Refusal)) return { kind: 'unavailable', message: 'the vendor did not answer' };
      const kind = kinds[error.status] ?? 'unavailable';
      return { kind, message: error.message, httpStatus: error.status, advice: advice[error.status] };
    },
    context,
  );
  const signal = () => AbortSignal.timeout(Number(settings.timeoutMs));
  const call = <T>(operation: string, method: string, path: string, body?: object): Promise<T> =>
    caller({ operation, mutates: method !== 'GET', resource: path }, async () => {
      const response = await fetch(settings.endpoint + path, {
        method,
        headers: { authorization: `Bearer ${settings.token}` },
        signal: signal(),
        ...(body && { body: JSON.stringify(body) }),
      });
      const answer = (await response.json()) as T & { message?: string };
      if (!response.ok) throw new Refusal(response.status, answer.message ?? 'no reason');
      return answer;
    });
  const path = (channel: string) => `/channels/${encodeURIComponent(channel)}`;

  return {
    get: (channel: string) => unlessAbsent(call<WireChannel>('GetChannel', 'GET', path(channel))),
    create: (channel: string, owner: string) => call<WireChannel>('CreateChannel', 'PUT', path(channel), { owner }),
    setOpen: (channel: string, open: boolean) =>
      call<WireChannel>('SetOpen', 'POST', `${path(channel)}/ingest`, { open }),
    drop: (channel: string) => call<WireChannel>('DropEncoder', 'POST', `${path(channel)}/drop`, {}),
    remove: (channel: string) => unlessAbsent(call<object>('DeleteChannel', 'DELETE', path(channel))),
    list: (after = '') =>
      call<{ channels: WireChannel[]; next?: string }>(
        'ListChannels',
        'GET',
        `/channels?after=${encodeURIComponent(after)}`,
      ),
    recording: (channel: string) =>
      call<{ url?: string; ended: boolean; durationMs: number }>(
        'GetRecording',
        'GET',
        `/recordings/${encodeURIComponent(channel)}`,
      ),
    fetch: async (url: string, range?: { start: number; end: number }): Promise<VodFile> => {
      const headers: Record<string, string> = range ? { range: `bytes=${range.start}-${range.end}` } : {};
      const response = await caller({ operation: 'Fetch', mutates: false }, () =>
        fetch(url, { headers, signal: signal() }),
      );
      const contentType = response.headers.get('content-type') ?? '';
      return { status: response.status, contentType, body: new Uint8Array(await response.arrayBuffer()) };
    },
  };
}

async function unlessAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
