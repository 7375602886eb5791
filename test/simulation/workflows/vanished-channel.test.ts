import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phase } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
const { vendor, activities } = fakeVendor();

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(activities);
});
afterAll(() => env.close());

async function show(overrides: Partial<Plan>) {
  const plan = planFor(overrides);
  const { eventId } = plan;
  await env.showcaller.start(plan);
  return {
    name: `sc-${eventId}`,
    reaches: (phase: Phase) =>
      until(async () => (await env.showcaller.status(eventId).catch(() => undefined))?.phase === phase),
    result: () => env.showcaller.result(eventId),
  };
}

describe.concurrent('a channel that is deleted by hand', () => {
  it('is named in the reason of a show whose encoder could therefore never come', async () => {
    const event = await show({ duration: '60s', waits: { firstConnect: '10s' } });
    await event.reaches('waiting-for-encoder');
    vendor.channels.delete(event.name);
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'encoder-never-connected', phase: 'failed', released: true });
    expect(report.endDetail).toContain('(vendor says gone)');
  });

  it('is named in the reason of a show that lost its encoder with it', async () => {
    const event = await show({ duration: '60s', waits: { encoderLost: '1s' }, vod: { deadline: '1s' } });
    await event.reaches('waiting-for-encoder');
    vendor.connect(event.name);
    await event.reaches('live');
    vendor.channels.delete(event.name);
    const report = await event.result();
    expect(report.released).toBe(true);
    expect(report.endDetail).toContain('(vendor says gone)');
  });
});
