import { afterEach, expect, it, vi } from 'vitest';
import { until } from '../../../support/until.ts';
import { type AwsIvsHarness, eventOf, openHarness } from './aws-ivs-harness.ts';

let harness: AwsIvsHarness;
afterEach(async () => {
  vi.restoreAllMocks();
  await harness.close();
});

it('the clean-up of an allocation that did not end deletes a channel whose creation was not answered', async () => {
  harness = await openHarness({ createLagMs: 600 });
  const event = eventOf('lost');
  const [maker, cleaner] = [harness.driverWith(), harness.driverWith()];
  await until(async () => (await maker.setUp?.())?.[0]?.includes('is ready') ?? false);
  harness.fault('CreateChannel', 'lose-response');
  await expect(maker.allocate(event)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(harness.left('channel')).toBe(1);

  // Cancelled before the next attempt; the clean-up runs on another worker, and the list shows nothing yet.
  const ref = { ...cleaner.refOf(event), unfinished: true as const };
  const early = await cleaner.cleanUp(ref);
  expect(early).toMatchObject({ done: false, waitingFor: expect.stringContaining('not answered') });
  await until(async () => {
    const progress = await cleaner.cleanUp(ref);
    expect(progress.done).toBe(false);
    return harness.left('channel') === 0;
  });

  // Once the lists had their time there is nothing more to wait for.
  const now = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => now + 121_000);
  expect(await cleaner.cleanUp(ref)).toMatchObject({ done: true });
});

it('the clean-up of a channel that was never made waits for no list', async () => {
  harness = await openHarness();
  const driver = harness.driverWith();
  expect(await driver.cleanUp(driver.refOf(eventOf('never')))).toMatchObject({ done: true });
});

it.each(['quota', 'unauthorized', 'throttle'] as const)(
  'the clean-up of an allocation that IVS has refused (%s) waits for no list, unless an earlier question went unanswered',
  async (refusal) => {
    harness = await openHarness({ createLagMs: 600 });
    const driver = harness.driverWith();
    await until(async () => (await driver.setUp?.())?.[0]?.includes('is ready') ?? false);
    const refOf = (event: ReturnType<typeof eventOf>) => ({ ...driver.refOf(event), unfinished: true as const });
    const refused = eventOf('refused');
    harness.fault('CreateChannel', refusal);
    await expect(driver.allocate(refused)).rejects.toThrow();
    expect(await driver.cleanUp(refOf(refused))).toMatchObject({ done: true });

    const lost = eventOf('lost');
    harness.fault('CreateChannel', 'lose-response');
    await expect(driver.allocate(lost)).rejects.toMatchObject({ kind: 'unavailable' });
    harness.fault('CreateChannel', refusal);
    await expect(driver.allocate(lost)).rejects.toThrow();
    expect(await driver.cleanUp(refOf(lost))).toMatchObject({ done: false });
  },
);
