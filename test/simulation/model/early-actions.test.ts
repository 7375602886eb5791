import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelHarness, slowAccount } from './model-harness.ts';

let harness: ModelHarness;
beforeAll(async () => {
  harness = await ModelHarness.open();
});
afterAll(() => harness.close());

const by = { by: 'tester', reason: 'the test says so' };
const hour = 3_600_000;
const at = (ms: number): string => new Date(Date.now() + ms).toISOString();

describe('an action that comes very early', () => {
  it('cancels an event before any worker took it up, which makes nothing', async () => {
    const show = await harness.show({ duration: '1h' });
    await harness.env.showcaller.cancel(show.eventId);
    await harness.work();
    expect(await show.result()).toMatchObject({ endReason: 'cancelled', phase: 'cancelled', released: true });
    expect((await show.handle.describe()).status.name).toBe('CANCELLED');
    expect(harness.vendor.count('allocate', show.name)).toBe(0);
  });

  it('stops or cancels an event whose plan is still being checked, which makes nothing', async () => {
    const [stopped, cancelled] = [
      await harness.show({ duration: '1h', account: slowAccount }, ['driver']),
      await harness.show({ duration: '1h', account: slowAccount }),
    ];
    await stopped.lives();
    await cancelled.lives();
    // It happens when the check is done, and says so.
    expect(await stopped.ask('stopNow', by)).toMatchObject({
      effect: expect.stringMatching(/once its plan is checked/),
    });
    await harness.env.showcaller.cancel(cancelled.eventId);
    stopped.go();
    expect(await stopped.result()).toMatchObject({ endReason: 'stopped-by-operator', phase: 'completed' });
    expect(await cancelled.result()).toMatchObject({ endReason: 'cancelled', phase: 'cancelled' });
    for (const { name } of [stopped, cancelled]) expect(harness.vendor.count('allocate', name)).toBe(0);
  });

  it('ends where the last of them says: an extension does not outlive a move', async () => {
    const show = await harness.show({ startsAt: at(hour), duration: '1h' });
    await show.reaches('scheduled');
    await show.ask('extend', { ...by, endsAt: at(3 * hour) });
    expect((await show.status()).endsAt).toBeGreaterThan(Date.now() + 2 * hour);
    const endsAt = at(1.75 * hour);
    await show.ask('reschedule', { ...by, startsAt: at(1.5 * hour), endsAt });
    expect((await show.status()).endsAt).toBe(Date.parse(endsAt));
    await show.ask('stopNow', by);
    expect((await show.result()).endsAt).toBe(Date.parse(endsAt));
  });

  it('has an invalid plan in the status of the failed run too', async () => {
    const { client, taskQueue } = harness.env;
    const handle = await client.workflow.start('liveEvent', {
      workflowId: `live-event/bad-${crypto.randomUUID().slice(0, 8)}`,
      taskQueue,
      args: [{ vendor: 'nobody' }],
    });
    await expect(handle.result()).rejects.toThrow();
    expect(await handle.query('status')).toMatchObject({ phase: 'failed', endReason: 'invalid-plan', released: true });
  });
});
