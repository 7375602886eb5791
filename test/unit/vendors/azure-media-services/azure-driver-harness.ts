import { expect } from 'vitest';
import type { Channel } from '../../../../domain/channel.ts';
import { VendorError } from '../../../../domain/errors.ts';
import type { Encoder } from '../../../../simulators/kit/encoder.ts';
import type { VendorDriver } from '../../../../vendors/driver.ts';
import { type AzureHarness, push, seen, specOf } from '../../../support/azure-media-services-harness.ts';
import { finish } from '../../../support/until.ts';

export async function pushTo(driver: VendorDriver, channel: Channel): Promise<Encoder> {
  const [endpoint] = await driver.ingest(channel);
  return push(endpoint?.url ?? '');
}

/** Allocated, started and recording. */
export async function onAir(driver: VendorDriver, eventId: string): Promise<Channel> {
  const channel = await finish(() => driver.allocate(specOf(eventId)));
  await finish(() => driver.start(channel));
  await finish(() => driver.createOutput(channel));
  return channel;
}

export const encoderOf = async (driver: VendorDriver, channel: Channel) => (await driver.observe(channel)).encoder;

/** The locator has paths once the first fragment is in. */
export const recorded = (w: AzureHarness, asset: string) =>
  seen(
    async () => {
      const answer = await w.arm('POST', `/streamingLocators/${asset}/listPaths`);
      const { streamingPaths } = (await answer.json()) as { streamingPaths: unknown[] };
      return streamingPaths.length;
    },
    (paths) => paths > 0,
  );

export const billed = (w: AzureHarness) =>
  w.simulator.resources().filter((one) => one.billed && one.kind === 'liveEvent');
export const kindsLeft = (w: AzureHarness) =>
  w.simulator
    .resources()
    .map((one) => one.kind)
    .sort();

export async function refusalOf(work: Promise<unknown>): Promise<VendorError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(VendorError);
  return error as VendorError;
}
