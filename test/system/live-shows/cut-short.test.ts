import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShowHarness } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';

const vendor = 'azure-media-services';
const by = { by: 'tester', reason: 'the show is off' };

let harness: ShowHarness;
beforeAll(async () => {
  // Every transition takes long enough to be overtaken.
  harness = await ShowHarness.open({ vendors: [vendor], slowness: 4 });
  await harness.work();
});
afterAll(() => harness.close());

/** A show whose channel is half made: the vendor works on it, and the run waits. */
async function halfMade() {
  const show = await harness.show(vendor, { standby: true });
  await until(() => harness.leftOf(show).some(({ state }) => state === 'Allocating'));
  const status = await harness.env.showcaller.status(show.eventId);
  expect(status.phase).toBe('allocating');
  return show;
}

describe.concurrent('while a slow vendor makes the channel', () => {
  it('a cancellation ends the run cancelled, and nothing is left', async () => {
    const show = await halfMade();
    await harness.env.showcaller.cancel(show.eventId);
    const report = await show.result();
    expect(report).toMatchObject({ endReason: 'cancelled', phase: 'cancelled', released: true });
    expect(report.entered.starting).toBeUndefined();
    expect(harness.leftOf(show)).toEqual([]);
  });

  it('an operator’s stop ends the run stopped, and nothing is left', async () => {
    const show = await halfMade();
    await harness.env.showcaller.stopNow(show.eventId, by);
    const report = await show.result();
    expect(report).toMatchObject({ endReason: 'stopped-by-operator', phase: 'completed', released: true, vod: [] });
    expect(report.entered.starting).toBeUndefined();
    expect(report.audit).toMatchObject([{ action: 'stopNow', ...by }]);
    expect(harness.leftOf(show)).toEqual([]);
  });
});
