import { afterEach, expect, it } from 'vitest';
import type { Channel, EventSpec } from '../../../../domain/channel.ts';
import type { VendorDriver } from '../../../../vendors/driver.ts';
import { finish } from '../../../support/until.ts';
import { type AwsIvsHarness, eventOf, openHarness } from './aws-ivs-harness.ts';

let harness: AwsIvsHarness;
afterEach(() => harness.close());

/** One attempt after another, each with what the last one passed on, as the activity does it. */
function allocated(drivers: readonly VendorDriver[], event: EventSpec): Promise<Channel> {
  let made: NonNullable<EventSpec['made']> = { name: harness.driver.refOf(event).name };
  let attempt = 0;
  return finish(async () => {
    const driver = drivers[attempt % drivers.length] ?? harness.driver;
    attempt += 1;
    const progress = await driver.allocate({ ...event, made });
    if (!progress.done && progress.made) made = { ...made, id: progress.made };
    return progress;
  });
}

it.each([1, 3])('%i workers make one channel while the list is far behind', async (workers) => {
  harness = await openHarness({ createLagMs: 600_000 });
  const drivers = Array.from({ length: workers }, () => harness.driverWith());
  const event = eventOf('unlisted');
  const channel = await allocated(drivers, event);
  expect(harness.sim.made().channel).toBe(1);
  expect(harness.left('stream-key')).toBe(0);
  const last = drivers.at(-1) ?? harness.driver;
  await finish(() => last.start(channel));
  await finish(() => last.stop(channel));
  await finish(() => last.cleanUp(channel.ref));
  expect(harness.left('channel')).toBe(0);
});

it('a channel that was made and deleted again does not keep its event from another one', async () => {
  harness = await openHarness({ createLagMs: 600_000 });
  const event = eventOf('again');
  const worker = harness.driverWith();
  const first = await allocated([worker], event);
  await finish(() => harness.driverWith().cleanUp(first.ref));
  const second = await allocated([worker], event);
  expect(second.ref.id).not.toBe(first.ref.id);
  expect(harness.left('channel')).toBe(1);
});

it('says what it waits for when IVS does not even know the new channel by its ARN', async () => {
  harness = await openHarness();
  const event = eventOf('unknown');
  const arn = 'arn:aws:ivs:us-west-2:123456789012:channel/abcdefghijkl';
  const name = harness.driver.refOf(event).name;
  await finish(() => harness.driver.setUp?.().then(() => ({ done: true, value: undefined })) ?? Promise.reject());
  const progress = await harness.driver.allocate({ ...event, made: { name, id: arn } });
  expect(progress).toMatchObject({ done: false, made: arn, waitingFor: expect.stringContaining(arn) });
  expect(harness.sim.made().channel ?? 0).toBe(0);
});
