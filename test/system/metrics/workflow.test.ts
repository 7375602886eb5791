import { MetricsBuffer, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

const buffer = new MetricsBuffer({ maxBufferSize: 100_000 });
let env: TestEnvironment;
const { vendor, activities } = fakeVendor();
beforeAll(async () => {
  env = await testEnvironment({ metrics: buffer });
  await env.work(activities);
});
afterAll(() => env.close());

interface Sample {
  name: string;
  value: number;
  labels: Record<string, unknown>;
}

/** Everything of ours that was measured since the last time. */
function measured(): Sample[] {
  return [...buffer.retrieveUpdates()].flatMap(({ metric: { name }, value, attributes }) => {
    const { namespace: _namespace, taskQueue: _taskQueue, workflowType: _workflowType, ...labels } = attributes;
    return name.startsWith('showcaller_') ? [{ name, value, labels }] : [];
  });
}

it('a run counts its phases, its end, its losses, its gaps and its proof once, and replaying it counts nothing', async () => {
  const plan = planFor({ duration: '12s', waits: { firstConnect: '12s', encoderLost: '12s' } });
  const { eventId } = plan;
  const name = `sc-${eventId}`;
  const reaches = (phase: string) => until(async () => (await env.showcaller.status(eventId)).phase === phase);
  await env.showcaller.start(plan);
  await reaches('waiting-for-encoder');
  vendor.connect(name);
  await reaches('live');
  vendor.disconnect(name);
  await reaches('encoder-lost');
  vendor.connect(name);
  const report = await env.showcaller.result(eventId);

  const samples = measured();
  const owner = { vendor: 'alibaba-oss', account: 'default' };
  const only = (metric: string) =>
    samples.filter((one) => one.name === metric).map(({ value, labels }) => ({ value, labels }));
  const phases = [...Object.keys(report.entered), 'live'].sort();
  expect(
    only('showcaller_phase_entered')
      .map(({ labels }) => labels.phase)
      .sort(),
  ).toEqual(phases);
  expect(only('showcaller_events_ended')).toEqual([{ value: 1, labels: { ...owner, end_reason: 'reached-end' } }]);
  expect(only('showcaller_encoder_losses')).toEqual([{ value: 1, labels: owner }]);
  expect(only('showcaller_vod_proofs')).toEqual([{ value: 1, labels: { ...owner, proved: 'true' } }]);
  expect(only('showcaller_encoder_gap')).toMatchObject([{ labels: owner }]);
  expect(only('showcaller_cue_lateness').map(({ labels }) => labels)).toContainEqual({ ...owner, cue: 'end' });
  for (const { value } of only('showcaller_cue_lateness')) expect(value).toBeLessThan(60);
  expect(JSON.stringify(samples)).not.toContain(eventId);

  const history = await env.client.workflow.getHandle(`live-event/${eventId}`).fetchHistory();
  await Worker.runReplayHistory({ workflowBundle: { code: inject('workflowCode') } }, history, `live-event/${eventId}`);
  expect(measured()).toEqual([]);
});

it('a refused plan counts as an end of no vendor', async () => {
  await env.client.workflow
    .start('liveEvent', { workflowId: `live-event/${planFor().eventId}`, taskQueue: env.taskQueue, args: [{}] })
    .then((handle) => handle.result())
    .catch(() => {});
  const labels = { vendor: 'unknown', account: 'unknown', end_reason: 'invalid-plan' };
  const ends = await until(() => {
    const found = measured().filter(({ name }) => name === 'showcaller_events_ended');
    return found.length > 0 && found;
  });
  expect(ends).toEqual([{ name: 'showcaller_events_ended', value: 1, labels }]);
});

it('an event with legs counts its own phases and end, beside those of each leg', async () => {
  const legs = ['main', 'backup'].map((name) => ({ name, vendor: 'alibaba-oss', account: 'default' }));
  const { vendor: _, ...plan } = planFor({ startsAt: '2099-01-01T00:00:00Z', legs });
  await env.showcaller.start(plan);
  await until(async () =>
    (await env.showcaller.status(plan.eventId)).legs?.every(({ status }) => status?.entered.scheduled),
  );
  await env.showcaller.cancel(plan.eventId);
  await env.showcaller.result(plan.eventId);
  const samples = measured();
  const reasons = samples
    .filter(({ name }) => name === 'showcaller_events_ended')
    .map(({ labels }) => labels.end_reason);
  expect(reasons).toEqual(['cancelled', 'cancelled', 'cancelled']);
  const phases = samples.filter(({ name }) => name === 'showcaller_phase_entered').map(({ labels }) => labels.phase);
  expect(phases.filter((phase) => phase === 'scheduled')).toHaveLength(3);
});
