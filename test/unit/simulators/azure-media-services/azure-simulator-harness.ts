import { expect } from 'vitest';
import type { AzureHarness } from '../../../support/azure-media-services-harness.ts';

const everyone = { ip: { allow: [{ name: 'all', address: '0.0.0.0', subnetPrefixLength: 0 }] } };
export const liveEvent = (more: object = {}) => ({
  location: 'westeurope',
  tags: {},
  properties: {
    input: { streamingProtocol: 'RTMP', keyFrameIntervalDuration: 'PT1S', accessControl: everyone },
    ...more,
  },
});

export interface Resource {
  properties: {
    resourceState: string;
    provisioningState: string;
    input: { accessToken: string; endpoints: { url: string }[] };
    preview: { endpoints: { url: string }[] };
  };
}
export const read = async (w: AzureHarness, path: string): Promise<Resource> =>
  (await (await w.arm('GET', path)).json()) as Resource;
export const stateOf = async (w: AzureHarness, name: string) =>
  (await read(w, `/liveEvents/${name}`)).properties.resourceState;

export async function codeOf(response: Response): Promise<[number, string]> {
  const { error } = (await response.json()) as { error: { code: string } };
  return [response.status, error.code];
}

/** A running event and where to push to it. */
export async function running(w: AzureHarness, name = 'show', more: object = {}): Promise<string> {
  await w.arm('PUT', `/liveEvents/${name}?autoStart=true`, liveEvent(more));
  const { properties } = await read(w, `/liveEvents/${name}`);
  return `${properties.input.endpoints[0]?.url}/anything`;
}

export async function recording(w: AzureHarness, event: string): Promise<void> {
  await w.arm('PUT', '/assets/tape', { properties: {} });
  await w.arm('PUT', '/streamingLocators/tape', {
    properties: {
      assetName: 'tape',
      streamingPolicyName: 'Predefined_ClearStreamingOnly',
      streamingLocatorId: '11111111-2222-3333-4444-555555555555',
    },
  });
  const properties = { assetName: 'tape', archiveWindowLength: 'PT1H', manifestName: 'show' };
  expect((await w.arm('PUT', `/liveEvents/${event}/liveOutputs/out`, { properties })).status).toBe(200);
}
