import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../domain/preflight.ts';
import { by, workflowsHarness } from './workflows-harness.ts';

const minute = 60_000;
const finding: Finding = { check: 'permission', message: 'live:KillStream is not allowed', advice: 'allow it' };
const other: Finding = { check: 'quota', message: 'no room', advice: 'move an event' };

const { vendor, show, env } = workflowsHarness();
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const scheduled = (ms: number, more: object = {}) => ({ startsAt: inMs(ms), duration: '6s', warmUp: '1m', ...more });
const timesOf = (name: string) => vendor.calls.filter((call) => call.method === 'preflight' && call.name === name);

/** Virtual time passes; what is due in it is done. */
const passed = (ms: number) => pause(ms);

describe('the look at the account', () => {
  it('comes an hour before the allocation, and again at it, and what it finds stops nothing', async () => {
    vendor.findings = [finding];
    const event = await show(scheduled(90 * minute));
    const { startsAt, nextCue } = await event.reaches('scheduled');
    expect(nextCue).toEqual({ what: 'preflight', at: startsAt - 61 * minute });
    await passed(28 * minute);
    expect(timesOf(event.name)).toHaveLength(0);
    await passed(3 * minute);
    expect(timesOf(event.name)).toHaveLength(1);
    expect(timesOf(event.name)[0]?.at).toBeGreaterThanOrEqual(startsAt - 61 * minute);
    expect(vendor.count('allocate', event.name)).toBe(0);
    expect((await event.reaches('scheduled')).nextCue?.what).toBe('allocate');
    vendor.findings = [finding, other];
    await passed(57 * minute);
    await event.reaches('waiting-for-encoder');
    expect(timesOf(event.name)).toHaveLength(2);
    event.connect();
    const report = await event.result();
    expect(report.endReason).toBe('reached-end');
    expect(report.preflight?.findings).toEqual([finding, other]);
    // What was known is not said again.
    expect(report.warnings?.map(({ warning, message }) => [warning, message])).toEqual([
      ['preflight', 'permission: live:KillStream is not allowed; allow it'],
      ['preflight', 'quota: no room; move an event'],
    ]);
  });

  it('is one when the run begins less than an hour before, without an event more in its history', async () => {
    vendor.findings = [];
    const event = await show();
    await event.reaches('waiting-for-encoder');
    event.connect();
    const report = await event.result();
    expect(timesOf(event.name)).toHaveLength(1);
    expect(report.preflight).toMatchObject({ findings: [], unseen: [] });
    const scheduledActivities = (await event.history()).flatMap(
      (one) => one.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    );
    expect(scheduledActivities).not.toContain('preflight');
    expect((await event.history()).length).toBeLessThanOrEqual(80);
  });

  it('is followed by no warning of a slow step where the channel is made long before it opens', async () => {
    vendor.findings = [];
    const event = await show(scheduled(40 * minute, { warmUp: '30m', startLead: '5m' }));
    await event.reaches('allocating');
    await passed(20 * minute);
    await event.reaches('waiting-for-encoder');
    event.connect();
    expect((await event.result()).warnings ?? []).toEqual([]);
  });

  it('comes when the plan says, or at the allocation only', async () => {
    const early = await show(scheduled(90 * minute, { preflight: '10m' }));
    const { startsAt } = await early.reaches('scheduled');
    const late = await show(scheduled(90 * minute, { preflight: '0s' }));
    expect((await late.reaches('scheduled')).nextCue?.what).toBe('allocate');
    await passed(80 * minute);
    expect(timesOf(early.name)[0]?.at).toBeGreaterThanOrEqual(startsAt - 11 * minute);
    expect(timesOf(late.name)).toHaveLength(0);
    await passed(9 * minute);
    await late.reaches('allocating', 'starting', 'creating-output', 'waiting-for-encoder');
    await late.reaches('waiting-for-encoder');
    expect(timesOf(late.name)).toHaveLength(1);
    await env().showcaller.cancel(early.eventId);
    await env().showcaller.cancel(late.eventId);
  });

  it('comes again for a show that is moved', async () => {
    const event = await show(scheduled(70 * minute));
    await passed(10 * minute);
    expect(timesOf(event.name)).toHaveLength(1);
    const times = { startsAt: inMs(10 * 60 * minute), endsAt: inMs(10 * 60 * minute + 6_000) };
    await env().showcaller.reschedule(event.eventId, { ...by, ...times });
    await passed(9 * 60 * minute);
    expect(timesOf(event.name)).toHaveLength(2);
    expect(timesOf(event.name)[1]?.at).toBeGreaterThanOrEqual(Date.parse(times.startsAt) - 61 * minute);
    expect(vendor.count('allocate', event.name)).toBe(0);
    await env().showcaller.cancel(event.eventId);
  });

  it('fails no run when it fails', async () => {
    vendor.fail('preflight', 'unavailable', 2);
    const event = await show(scheduled(90 * minute));
    await passed(88 * minute);
    await event.reaches('waiting-for-encoder');
    event.connect();
    const report = await event.result();
    expect(report.endReason).toBe('reached-end');
    expect(report.preflight?.unseen).toEqual([{ check: 'place', reason: 'as the test asked' }]);
  });

  it('is in the report of an allocation that failed', async () => {
    vendor.findings = [finding];
    vendor.fail('allocate', 'unauthorized');
    const event = await show();
    const report = await event.result();
    expect(report.endReason).toBe('allocation-failed');
    expect(report.preflight?.findings).toEqual([finding]);
    expect(report.released).toBe(true);
    vendor.findings = [];
  });
});
