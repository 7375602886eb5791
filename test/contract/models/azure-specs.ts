import { AzureMediaServices } from '@azure/arm-mediaservices';
import type { OperationSpec } from '@azure/core-client';

class Captured {
  readonly spec: OperationSpec;
  constructor(spec: OperationSpec) {
    this.spec = spec;
  }
}

const groups = {
  LiveEvents: 'liveEvents',
  LiveOutputs: 'liveOutputs',
  Assets: 'assets',
  StreamingLocators: 'streamingLocators',
  StreamingEndpoints: 'streamingEndpoints',
  Mediaservices: 'mediaservices',
} as const;

type Call = (...values: unknown[]) => unknown;

/** The SDK keeps its operation specs to itself, but hands each to its client to send. */
export async function captureSpecs(): Promise<Map<string, OperationSpec>> {
  const credential = { getToken: async () => ({ token: 'none', expiresOnTimestamp: 0 }) };
  const client = new AzureMediaServices(credential, 'subscription');
  client.sendOperationRequest = (_args, spec) => Promise.reject(new Captured(spec));
  const found = new Map<string, OperationSpec>();
  for (const [group, property] of Object.entries(groups)) {
    const operations = client[property] as unknown as Record<string, Call>;
    const names = Object.getOwnPropertyNames(Object.getPrototypeOf(operations));
    for (const name of names.filter((one) => !/^constructor$|^_|AndWait$|PagingPage|PagingAll/.test(one))) {
      const spec = await specOf(() => operations[name]?.('a', 'a', 'a', 'a', 'a'));
      const plain = name.replace(/^begin/, '');
      if (spec) found.set(`${group}_${plain.charAt(0).toUpperCase()}${plain.slice(1)}`, spec);
    }
  }
  return found;
}

async function specOf(call: () => unknown): Promise<OperationSpec | undefined> {
  try {
    const result = call() as Promise<unknown> & { next?: () => Promise<unknown> };
    await (result?.next ? result.next() : result);
  } catch (error) {
    if (error instanceof Captured) return error.spec;
  }
  return undefined;
}
