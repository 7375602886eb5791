import { beforeEach, expect, it, vi } from 'vitest';
import type { Channel } from '../../../../domain/channel.ts';
import { createDriver } from '../../../../vendors/azure-media-services/driver.ts';
import type { LiveEvent, LiveOutput, Sdk } from '../../../../vendors/azure-media-services/sdk.ts';
import type { DriverContext } from '../../../../vendors/context.ts';

const sdk = vi.hoisted(() => ({ outputs: [] as LiveOutput[], resets: 0 }));
const workflowId = 'live-event/shaky';
vi.mock('../../../../vendors/azure-media-services/sdk.ts', async (original) => ({
  ...(await original<object>()),
  createSdk: (): Partial<Sdk> => ({
    getEvent: async () =>
      ({
        name: 'sc-shaky',
        resourceState: 'Running',
        provisioningState: 'Succeeded',
        tags: { 'showcaller-workflow': workflowId },
      }) as unknown as LiveEvent,
    listOutputs: async () => sdk.outputs,
    getStatus: async () =>
      ({
        body: { value: [{ healthDescriptions: { isSourceOnline: false, sourceConnectionsCount: 0 } }] },
        at: Date.now(),
      }) as never,
    resetEvent: async () => {
      sdk.resets += 1;
    },
  }),
}));

beforeEach(() => Object.assign(sdk, { outputs: [], resets: 0 }));

const ref = { vendor: 'azure-media-services', account: 'default', name: 'sc-shaky', workflowId };
const channel: Channel = { ref, details: {} };
const output = (resourceState: string) => ({ name: 'output-1', assetName: 'sc-shaky_1', resourceState }) as LiveOutput;
const recording = { details: { outputName: 'output-1', assetName: 'sc-shaky_1' } };

const reset = (outputs: LiveOutput[]) => {
  sdk.outputs = outputs;
  const account = { name: 'default', settings: {} } as never;
  return createDriver(account, {} as DriverContext).reset(channel, recording);
};

it('a reset whose output is still on its way out is not done: the next one is to be made', async () => {
  expect(await reset([output('Deleting')])).toMatchObject({ done: false, waitingFor: 'the live output, Deleting' });
  expect(sdk.resets).toBe(0);
});

it('a channel that records and that no encoder sends to needs no reset', async () => {
  expect(await reset([output('Running')])).toMatchObject({ done: true });
  expect(sdk.resets).toBe(0);
});
