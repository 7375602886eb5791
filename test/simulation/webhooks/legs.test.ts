import { afterAll, beforeAll, expect, it } from 'vitest';
import { type WebhookMessage, webhookTypes } from '../../../domain/webhooks/webhook.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { looksAt, twoLegs } from '../workflows/legs-harness.ts';

let env: TestEnvironment;
const vendors = { a: new FakeVendor(), b: new FakeVendor() };
const sent: WebhookMessage[] = [];
beforeAll(async () => {
  env = await testEnvironment();
  const types = webhookTypes.filter((type) => type !== 'ingest');
  const ops = { name: 'ops', url: 'https://ops.invalid/', isDefault: true, secrets: [], types };
  const activities = activitiesOnAccounts(vendors, { legs: legsPort(env.client), subscribers: [ops] });
  const deliver: typeof activities.deliver = async ({ notice }) => {
    sent.push(notice);
    return { outcome: 'delivered' };
  };
  await env.work({ ...activities, deliver });
});
afterAll(() => env.close());

it('a webhook that says where viewers are sent names the account of that leg, and its addresses', async () => {
  const { vendor: _, ...plan } = planFor({ duration: '5m', waits: { firstConnect: '60s', encoderLost: '60s' } });
  const { eventId } = plan;
  await env.showcaller.start({ ...plan, legs: twoLegs() });
  const { when } = looksAt(env, eventId);
  const allAre = (phase: string) => when(({ legs }) => legs?.every(({ status }) => status?.phase === phase) ?? false);
  const { legs = [] } = await allAre('waiting-for-encoder');
  for (const [at, vendor] of [vendors.a, vendors.b].entries()) {
    vendor.connect(legs[at]?.status?.channel?.ref.name ?? '');
    await when((now) => now.legs?.[at]?.status?.phase === 'live');
  }
  await env.showcaller.switchLeg(eventId, { by: 'tester', reason: 'the test says so', leg: 'backup' });
  const switched = await until(() =>
    sent.find(({ data }) => data.eventId === eventId && data.warning === 'leg-switched'),
  );
  const { playback } = legs[1]?.status ?? {};
  expect(playback).toBeDefined();
  expect(switched.data).toMatchObject({ account: 'b', leg: 'backup', playback });
  await env.showcaller.cancel(eventId);
  await when(({ phase }) => phase === 'cancelled');
});
