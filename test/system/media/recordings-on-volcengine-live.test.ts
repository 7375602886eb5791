import { afterEach, beforeEach, expect, it } from 'vitest';
import { finish } from '../../support/until.ts';
import {
  eventOf,
  opened,
  type Rehearsal,
  rehearse,
  sentTo,
} from '../../unit/vendors/volcengine-live/volcengine-live-harness.ts';

let harness: Rehearsal;

beforeEach(async () => {
  harness = await rehearse();
});

afterEach(async () => {
  await harness.sim.close();
});

it('gives each live window its own recording', async () => {
  const { driver } = harness;
  const channel = await opened(driver, eventOf('two-acts'));
  const output = await finish(() => driver.createOutput(channel));
  const windows = [await sentTo(harness, channel), await sentTo(harness, channel)];
  await finish(() => driver.stop(channel));
  const assets = await finish(() => driver.publishVod(channel, output, windows));
  expect(assets.map((asset) => asset.covers)).toEqual(windows);
  expect(new Set(assets.map((asset) => asset.url)).size).toBe(2);
  expect(await finish(() => driver.publishVod(channel, output, windows))).toEqual(assets);
});

it('publishes the other windows when the vendor refuses to cut one, and fails when it refuses all', async () => {
  const { driver, kit } = harness;
  const channel = await opened(driver, eventOf('two-of-three'));
  const output = await finish(() => driver.createOutput(channel));
  const windows = [await sentTo(harness, channel), await sentTo(harness, channel)];
  await finish(() => driver.stop(channel));
  const refuse = (times: number) =>
    kit.faults.add('volcengine-live', { operation: 'CreateLiveStreamRecordIndexFiles', kind: 'invalid', times });
  refuse(1);
  const assets = await finish(() => driver.publishVod(channel, output, windows));
  expect(assets.map((asset) => asset.covers)).toEqual(windows.slice(1));
  refuse(2);
  await expect(driver.publishVod(channel, output, windows)).rejects.toMatchObject({ kind: 'invalid-request' });
});

it('waits for the last file of a window that has several', async () => {
  await harness.sim.close();
  harness = await rehearse({ slowness: 0.2 });
  const { driver } = harness;
  const channel = await opened(driver, eventOf('two-files'));
  const output = await finish(() => driver.createOutput(channel));
  const first = await sentTo(harness, channel, 7);
  const alone = await finish(() => driver.publishVod(channel, output, [first]));
  const second = await sentTo(harness, channel, 3);
  const window = { from: first.from, to: second.to };
  expect(await driver.publishVod(channel, output, [window])).toMatchObject({ done: false });
  const [whole] = await finish(() => driver.publishVod(channel, output, [window]));
  expect(whole?.durationMs).toBeGreaterThan((alone[0]?.durationMs ?? 0) + 2000);
});
