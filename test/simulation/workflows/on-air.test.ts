import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ViewerGet } from '../../../activities/on-air/viewer.ts';
import type { Plan } from '../../../domain/plan.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { totalMs } from '../../../domain/spans.ts';
import { formatInstant } from '../../../domain/time.ts';
import { onAirText, viewedText } from '../../../domain/viewed.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type PlannedStream, planned } from '../../unit/activities/on-air/planned-stream.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
let vendor: ReturnType<typeof fakeVendor>['vendor'];
/** What is served at each channel's address. */
const streams = new Map<string, ViewerGet>();
const get: ViewerGet = async (url, options) =>
  (await streams.get(/(sc-[^.]+)\.m3u8/.exec(url)?.[1] ?? '')?.(url, options)) ?? {
    status: 404,
    body: new Uint8Array(),
  };

beforeAll(async () => {
  env = await testEnvironment();
  const fake = fakeVendor(pollerPort(env.client, env.taskQueue), get);
  vendor = fake.vendor;
  await env.work(fake.activities);
});
afterAll(async () => {
  await env.client.workflow.getHandle(`encoder-hub/${env.taskQueue}/alibaba-oss/default`).terminate();
  await env.close();
});

const statusOf = (eventId: string) => env.showcaller.status(eventId).catch(() => undefined);

/** A show whose encoder connects as soon as it may, and whose viewers are served what is planned from then on. */
async function airs(
  stream: Omit<PlannedStream, 'segmentMs'> | undefined,
  waits = {},
  duration = '30m',
  times: Partial<Plan> = {},
  encoder: 'at once' | 'late' = 'at once',
) {
  const plan = planFor({ duration, ...times, waits: { firstConnect: '10m', encoderLost: '5m', ...waits } });
  const { eventId } = plan;
  const channel = `sc-${eventId}`;
  await env.showcaller.start(plan);
  await until(async () => (await statusOf(eventId))?.phase === 'waiting-for-encoder');
  // Only the poller sees it then: the run's own next look is far away.
  if (encoder === 'late') await until(() => vendor.count('observe', channel) > 2);
  vendor.connect(channel);
  const connectedAt = Date.now();
  if (stream) streams.set(channel, planned({ segmentMs: 2_000, ...stream }, () => Date.now() - connectedAt).get);
  const state = (wanted: string) =>
    until(async () => {
      const status = await statusOf(eventId);
      return status?.onAir?.state === wanted && status;
    });
  const stop = async () => {
    await env.showcaller.stopNow(eventId, { by: 'test', reason: 'enough' });
    return env.showcaller.result(eventId);
  };
  return { eventId, channel, connectedAt, state, stop };
}

const passed = ({ connectedAt }: { connectedAt: number }, ms: number) => pause(connectedAt + ms + 1 - Date.now());

const warningsOf = (status: { warnings?: { warning: string }[] } | undefined): string[] =>
  (status?.warnings ?? []).map(({ warning }) => warning).filter((warning) => warning.startsWith('viewers-'));

describe('what viewers get', () => {
  it('is lost once, and since the same instant, also when it was not known in between', async () => {
    const show = await airs({ sent: [{ from: 0, to: 3_600_000 }] });
    await show.state('on-air');
    const handle = env.client.workflow.getHandle(`live-event/${show.eventId}`);
    const lostAt = async (state: string, at: number) => {
      await handle.signal('onAir', { state, at });
      return (await show.state(state)).onAir?.lostAt;
    };
    const at = Date.now();
    expect(await lostAt('unknown', at)).toBeUndefined();
    expect(await lostAt('frozen', at + 1)).toBe(at + 1);
    expect(await lostAt('unknown', at + 2)).toBe(at + 1);
    expect(await lostAt('gone', at + 3)).toBe(at + 1);
    expect(await lostAt('on-air', at + 4)).toBeUndefined();
    await show.stop();
  });

  it('is neither got nor missed while it cannot be looked, which the report says', async () => {
    const show = await airs({ sent: [{ from: 0, to: 3_600_000 }] });
    await show.state('on-air');
    const handle = env.client.workflow.getHandle(`live-event/${show.eventId}`);
    const from = Date.now();
    await handle.signal('onAir', { state: 'unknown', at: from, reason: 'no route' });
    expect(onAirText((await show.state('unknown')) as EventStatus)).toBe(
      `unknown: no route; viewers got the picture until ${formatInstant(from)}`,
    );
    await pause(60_000);
    const at = Date.now();
    await handle.signal('onAir', { state: 'on-air', at, from: at - 20_000 });
    await show.state('on-air');
    await handle.signal('onAir', { state: 'unknown', at: at + 1_000, reason: 'no route' });
    await show.state('unknown');
    await pause(30_000);
    const report = await show.stop();
    const { windows, viewed = [], stoppedAt = 0, viewersUnknown } = report;
    expect(viewersUnknown).toEqual([
      { from, to: at - 20_000 },
      { from: at + 1_000, to: Math.min(stoppedAt, windows.at(-1)?.to ?? 0) },
    ]);
    const seconds = (spans: typeof windows) => (totalMs(spans) / 1_000).toFixed(1);
    expect(viewedText(report)).toContain(
      `viewers got ${seconds(viewed)} of ${seconds(windows)} s, and for ${seconds(viewersUnknown ?? [])} s it could not be looked; the first`,
    );
  });

  it.each(['gone', 'frozen'] as const)('is not known until it is seen that it is %s', async (state) => {
    const show = await airs({ sent: [{ from: 0, to: 3_600_000 }] });
    await show.state('on-air');
    const handle = env.client.workflow.getHandle(`live-event/${show.eventId}`);
    const from = Date.now();
    await handle.signal('onAir', { state: 'unknown', at: from, reason: 'no route' });
    await show.state('unknown');
    await pause(60_000);
    const at = Date.now();
    // A playlist that is there says where the picture ended; of one that is gone, what it was before it could not be looked.
    const until = state === 'gone' ? from - 10_000 : from + 20_000;
    await handle.signal('onAir', { state, at, until });
    await show.state(state);
    const { viewed = [], viewersUnknown } = await show.stop();
    expect(viewersUnknown?.[0]).toEqual({ from, to: state === 'gone' ? at : until });
    expect(viewed[0]?.to).toBe(from);
  });

  it('is in the status and the report, with the first segment, a freeze and what was seen of what was sent', async () => {
    const show = await airs({
      sent: [{ from: 0, to: 3_600_000 }],
      troubles: [{ kind: 'freeze', from: 60_000, to: 90_000 }],
    });
    const first = await show.state('on-air');
    expect(first.onAir?.firstSegmentAt).toBeGreaterThanOrEqual(show.connectedAt + 2_500);
    expect(first.onAir?.firstSegmentAt).toBeLessThanOrEqual(show.connectedAt + 2_500 + 2 * 2_000);
    const frozen = await show.state('frozen');
    expect(frozen.onAir?.since).toBeLessThanOrEqual(show.connectedAt + 60_000 + 4 * 2_000);
    expect(frozen.onAir?.reason).toMatch(/no new segment for/);
    expect(warningsOf(frozen)).toEqual(['viewers-frozen']);
    await show.state('on-air');
    await passed(show, 150_000);
    const report = await show.stop();
    expect(report.viewed).toHaveLength(2);
    const [sentMs, viewedMs] = [totalMs(report.windows), totalMs(report.viewed ?? [])];
    expect(sentMs - viewedMs).toBeGreaterThanOrEqual(25_000);
    expect(sentMs - viewedMs).toBeLessThanOrEqual(40_000);
    expect(viewedText(report)).toMatch(/^viewers got \d+\.\d of \d+\.\d s; the first segment came after [2-6]/);
  });

  it.each([
    { show: 'starts at once', startsAt: undefined, events: 73 },
    // Its allocation and its start wait for their time: a timer and a workflow task each, and a phase of its own.
    { show: 'is scheduled', startsAt: 300_000, events: 76 },
    // The account is looked at an hour before.
    { show: 'is scheduled for later', startsAt: 64 * 60_000, events: 82 },
  ])('costs a run that $show one signal, whatever its length', async ({ startsAt, events: most }) => {
    const later = startsAt !== undefined && { startsAt: new Date(Date.now() + startsAt).toISOString(), warmUp: '2m' };
    const show = await airs({ sent: [{ from: 0, to: 3_600_000 }] }, {}, '10m', { ...later, startLead: '1m' }, 'late');
    await env.showcaller.result(show.eventId);
    const { events } = await env.client.workflow.getHandle(`live-event/${show.eventId}`).fetchHistory();
    const signals = (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
    expect(signals).toEqual(['onAir']);
    expect(events?.length).toBeLessThanOrEqual(most);
  });

  it('is missing although the encoder is connected: one warning, with what a viewer is answered', async () => {
    const show = await airs(undefined, { dark: '20s' });
    const dark = await show.state('dark');
    expect(dark.onAir?.reason).toMatch(/no playlist at the address \(404\)/);
    await passed(show, 120_000);
    const report = await show.stop();
    expect(warningsOf(report)).toEqual(['viewers-dark']);
    const [warning] = report.warnings ?? [];
    expect(warning?.message).toMatch(/connected for 20s, and viewers get nothing: .*404/);
    expect(warning?.at).toBeLessThanOrEqual(show.connectedAt + 25_000);
    expect(viewedText(report)).toMatch(/^viewers got 0\.0 of /);
  });

  it('ends with the encoder, which is one warning and not two', async () => {
    const show = await airs({ sent: [{ from: 0, to: 60_000 }] });
    await show.state('on-air');
    await passed(show, 58_000);
    vendor.disconnect(show.channel);
    const frozen = await show.state('frozen');
    expect(warningsOf(frozen)).toEqual([]);
    expect(warningsOf(await show.stop())).toEqual([]);
  });

  it('cannot be known: why is in the status', async () => {
    const show = await airs({ sent: [], troubles: [{ kind: 'down', from: 0, to: 3_600_000 }] });
    const unknown = await show.state('unknown');
    expect(unknown.onAir?.reason).toMatch(/ECONNREFUSED/);
    await show.stop();
  });

  it('is new segments with nothing in them: a warning when that begins, and the show goes on', async () => {
    const show = await airs({ sent: [{ from: 0, to: 3_600_000 }] });
    const { onAir } = await show.state('on-air');
    const handle = env.client.workflow.getHandle(`live-event/${show.eventId}`);
    const black = 'the picture of the newest segment is black';
    const at = onAir?.since ?? 0;
    const seen = (reason?: string, blank?: string) => handle.signal('onAir', { state: 'on-air', at, reason, blank });
    await seen(black, black);
    // Another worker looks now: it finds the same, and a variant that is dead.
    await seen(`1 of 2 variants give viewers nothing new; ${black}`, black);
    await seen();
    expect((await statusOf(show.eventId))?.onAir?.state).toBe('on-air');
    const report = await show.stop();
    expect(warningsOf(report)).toEqual(['viewers-blank']);
    expect(report.warnings?.[0]?.message).toBe(`viewers get new segments, and in them: ${black}`);
    expect(report.endReason).toBe('stopped-by-operator');
  });

  it('is no matter of what others send as a signal', async () => {
    const show = await airs({ sent: [{ from: 0, to: 3_600_000 }] });
    await show.state('on-air');
    const handle = env.client.workflow.getHandle(`live-event/${show.eventId}`);
    for (const sent of [undefined, 7, {}, { state: 'dead', at: 1 }, { state: 'frozen', at: 'x' }])
      await handle.signal('onAir', sent);
    expect((await statusOf(show.eventId))?.onAir?.state).toBe('on-air');
    await show.stop();
  });
});
