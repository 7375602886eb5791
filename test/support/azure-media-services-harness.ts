import { onTestFinished } from 'vitest';
import type { ChannelRef, EventSpec } from '../../domain/channel.ts';
import { startAzureMediaServices } from '../../simulators/azure-media-services/index.ts';
import type { Behaviour } from '../../simulators/azure-media-services/routes.ts';
import { type Encoder, startEncoder } from '../../simulators/kit/encoder.ts';
import { createKit } from '../../simulators/kit/kit.ts';
import type { RunningSimulator, SimulatorKit, SimulatorOptions } from '../../simulators/kit/types.ts';
import { createDriver } from '../../vendors/azure-media-services/driver.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import { driverContext } from './accounts.ts';
import { untilPasses } from './until.ts';

export const vendor = 'azure-media-services';

export interface AzureHarness {
  kit: SimulatorKit;
  simulator: RunningSimulator;
  /** A driver with these settings over the simulator's own. */
  driver(settings?: Record<string, string>): VendorDriver;
  /** A request to the resource manager as any client would make it, below the account. */
  arm(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Response>;
}

/** A simulator that ends with the test. */
export async function openHarness(
  options: SimulatorOptions = {},
  behaviour: Partial<Behaviour> = {},
): Promise<AzureHarness> {
  const kit = createKit();
  const simulator = await startAzureMediaServices(kit, { slowness: 0, ...options }, behaviour);
  onTestFinished(() => simulator.close());
  const { client } = simulator;
  const base = `/subscriptions/${client.subscriptionId}/resourceGroups/${client.resourceGroup}/providers/Microsoft.Media/mediaServices/${client.accountName}`;
  return {
    kit,
    simulator,
    driver: (settings = {}) =>
      createDriver(
        { name: 'default', settings: { ...client, authMode: 'token', timeoutMs: '20000', ...settings } },
        driverContext,
      ),
    arm: (method, path, body, headers) => {
      const version = path.includes('api-version=') ? '' : `${path.includes('?') ? '&' : '?'}api-version=2022-11-01`;
      return fetch(client.endpoint + base + path + version, {
        method,
        headers: { authorization: `Bearer ${client.token}`, 'content-type': 'application/json', ...headers },
        ...(body && { body: JSON.stringify(body) }),
      });
    },
  };
}

/** An encoder that ends with the test. */
export async function push(url: string): Promise<Encoder> {
  const encoder = await startEncoder({ url });
  onTestFinished(() => encoder.drop());
  return encoder;
}

const hourMs = 3_600_000;

export function specOf(eventId: string, more: Partial<EventSpec> = {}): EventSpec {
  const startsAt = Date.parse('2026-12-01T18:00:00Z');
  return {
    eventId,
    workflowId: `live-event/${eventId}`,
    title: `Show ${eventId}`,
    vendor,
    account: 'default',
    startsAt,
    endsAt: startsAt + hourMs,
    hardEndsAt: startsAt + 4 * hourMs,
    standby: false,
    sources: [],
    options: { keyFrameInterval: 'PT1S' },
    ...more,
  };
}

/** Waits until something seen holds, and returns it. */
export const seen = <T>(look: () => Promise<T> | T, holds: (value: T) => boolean): Promise<T> =>
  untilPasses(async () => {
    const value = await look();
    if (!holds(value)) throw new Error(`not yet: ${JSON.stringify(value)}`);
    return value;
  });

export const refOf = (eventId: string): ChannelRef => ({
  vendor,
  account: 'default',
  name: `sc-${eventId}`,
  workflowId: `live-event/${eventId}`,
});
