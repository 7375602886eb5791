import { IvsClient } from '@aws-sdk/client-ivs';
import type { Channel, EventSpec, Output } from '../../../../domain/channel.ts';
import { type AwsIvsSimulatorOptions, awsIvsSimulator } from '../../../../simulators/aws-ivs/index.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { FaultKind } from '../../../../simulators/kit/types.ts';
import { fieldsOf } from '../../../../vendors/account-variables.ts';
import { createDriver } from '../../../../vendors/aws-ivs/driver.ts';
import { awsIvs } from '../../../../vendors/aws-ivs/index.ts';
import type { Progress, VendorDriver } from '../../../../vendors/driver.ts';
import { driverContext } from '../../../support/accounts.ts';
import { finish } from '../../../support/until.ts';

export type AwsIvsHarness = Awaited<ReturnType<typeof openHarness>>;

/** A simulator, a driver on it, and the vendor's SDK for looking and meddling behind the driver's back. */
export async function openHarness(options: AwsIvsSimulatorOptions = {}) {
  const kit = createKit();
  const sim = await awsIvsSimulator.start(kit, { slowness: 0, ...options });
  const driverWith = (changed: Record<string, string> = {}): VendorDriver =>
    createDriver(
      { name: 'default', settings: { ...settingsOf(sim.env), timeoutMs: '20000', ...changed } },
      driverContext,
    );
  const { endpoint = '', region = '', accessKeyId = '', secretAccessKey = '' } = sim.client;
  const ivs = new IvsClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  return {
    kit,
    sim,
    ivs,
    driver: driverWith(),
    driverWith,
    fault: (operation: string, kind: FaultKind, times = 1) => kit.faults.add('aws-ivs', { operation, kind, times }),
    calls: (operation: string) => kit.log.entries({ operation }).length,
    left: (kind: string) => sim.resources().filter((resource) => resource.kind === kind).length,
    close: () => {
      ivs.destroy();
      return sim.close();
    },
  };
}

/** The environment of a worker turned into account settings, with the manifest's own keys. */
function settingsOf(env: Readonly<Record<string, string>>): Record<string, string> {
  const found = fieldsOf(awsIvs).flatMap(({ key }) => {
    const value = env[`${awsIvs.envPrefix}_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`];
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(found);
}

export const eventOf = (eventId: string, options: EventSpec['options'] = {}): EventSpec => ({
  eventId,
  workflowId: `live-event/${eventId}`,
  title: 'A show',
  vendor: 'aws-ivs',
  account: 'default',
  startsAt: 0,
  endsAt: 0,
  hardEndsAt: 0,
  standby: false,
  sources: [],
  options,
});

/** As `finish`, for calls that may fail on the way as an activity would be retried. */
export const finishRetrying = <T>(step: () => Promise<Progress<T>>): Promise<T> =>
  finish(async () => {
    try {
      return await step();
    } catch (error) {
      return { done: false, waitingFor: String(error), retryAfterMs: 0 };
    }
  });

export async function opened(driver: VendorDriver, event: EventSpec): Promise<{ channel: Channel; output: Output }> {
  const channel = await finish(() => driver.allocate(event));
  await finish(() => driver.start(channel));
  return { channel, output: await finish(() => driver.createOutput(channel)) };
}

export async function publishUrl(driver: VendorDriver, channel: Channel): Promise<string> {
  const [endpoint] = await driver.ingest(channel);
  if (!endpoint) throw new Error('the driver gave no ingest endpoint');
  return endpoint.url;
}

export const arnOf = (channel: Channel): string => String(channel.details.arn);
