import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { totalMs } from '../../../domain/spans.ts';
import { by, workflowsHarness } from './workflows-harness.ts';

const { show, vendor, env } = workflowsHarness();
const waits = { firstConnect: '20s', encoderLost: '60s', maxDuration: '10m' };
/** A look, and what a vendor's date and a worker's differ. */
const oneLookMs = 2_500;

type Budget = { billedMinutes: number; onLimit?: 'warn' | 'stop' };

async function live(budget?: Budget, vendorName = 'alibaba-oss') {
  vendor.vendor = vendorName;
  const event = await show({ vendor: vendorName, duration: '90s', waits, ...(budget && { budget }) });
  await event.reaches('waiting-for-encoder');
  event.connect();
  return event;
}

const warned = ({ warnings = [] }: EventStatus, name: string) =>
  warnings.filter(({ warning }) => warning === name).map(({ at }) => at);

/** When the billing began: Azure bills the open channel, the others what an encoder sends. */
const billedFrom = (report: EventStatus): number =>
  report.vendor === 'azure-media-services' ? (report.entered.starting ?? 0) : (report.windows[0]?.from ?? 0);

describe.each(['alibaba-oss', 'aws-ivs', 'azure-media-services', 'volcengine-live'])('a budget on %s', (name) => {
  it('warns at 80 % and at 100 %, once each, and the show goes on', async () => {
    const report = await (await live({ billedMinutes: 0.5 }, name)).result();
    expect(report.endReason).toBe('reached-end');
    const ends = report.warnings?.filter((one) => one.warning.startsWith('budget')).map(({ ended }) => ended);
    expect(ends).toEqual(['all of the budget is spent', expect.stringContaining('the show was stopped')]);
    for (const [warning, share] of [
      ['budget-near', 0.8],
      ['budget-spent', 1],
    ] as const) {
      const [at = 0, ...more] = warned(report, warning);
      expect(more).toEqual([]);
      expect(Math.abs(at - billedFrom(report) - share * 30_000)).toBeLessThan(oneLookMs);
    }
  });

  it('ends the show at the limit where the plan says so, and its recording is kept', async () => {
    const report = await (await live({ billedMinutes: 0.5, onLimit: 'stop' }, name)).result();
    expect(report).toMatchObject({ endReason: 'budget-spent', phase: 'completed', released: true });
    const spentAt = warned(report, 'budget-spent')[0] ?? 0;
    expect(Math.abs(spentAt - billedFrom(report) - 30_000)).toBeLessThan(oneLookMs);
    expect(report.vod.map(({ proof }) => proof.proved)).toEqual([true]);
  });
});

describe('a budget', () => {
  it('is not spent while the encoder is gone, and ends an extended show', async () => {
    const event = await live({ billedMinutes: 0.5, onLimit: 'stop' });
    await event.reaches('live');
    event.disconnect();
    await event.reaches('encoder-lost');
    const endsAt = new Date(Date.now() + 300_000).toISOString();
    await env().showcaller.extend(event.eventId, { ...by, endsAt });
    await pause(20_000);
    event.connect();
    const report = await event.result();
    expect(report.endReason).toBe('budget-spent');
    expect(report.windows.length).toBe(2);
    expect(Math.abs(totalMs(report.windows) - 30_000)).toBeLessThan(2 * oneLookMs);
  });

  it('of a plan without one adds nothing to the history', async () => {
    const looks = async (event: Awaited<ReturnType<typeof live>>) => {
      await event.result();
      const scheduled = (await event.history()).flatMap((one) => one.activityTaskScheduledEventAttributes ?? []);
      return scheduled.filter(({ activityType }) => activityType?.name === 'watchEncoder').length;
    };
    const without = await looks(await live());
    const spent = await looks(await live({ billedMinutes: 0.5 }));
    expect(spent - without).toBe(2);
  });
});
