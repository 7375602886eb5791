import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Subscriber } from '../../../activities/webhooks/subscriber.ts';
import type { WebhooksReport } from '../../../domain/webhooks/webhook.ts';
import { History } from '../../support/history.ts';
import { secretsIn } from '../../support/secrets.ts';
import { until } from '../../support/until.ts';
import { type Answering, startSubscriber, type TestSubscriber, verify } from './subscriber.ts';
import { configured, newSecret, someWebhooks, WebhooksHarness } from './webhooks-harness.ts';

/** Delays of seconds are none, of minutes are short; three days are four minutes. */
let harness: WebhooksHarness;
/** Three days are two and a half seconds. */
let hasty: WebhooksHarness;
beforeAll(async () => {
  [harness, hasty] = await Promise.all([
    WebhooksHarness.open({ subscribers: [], timeScale: 0.001 }),
    WebhooksHarness.open({ subscribers: [], timeScale: 0.00001 }),
  ]);
});
afterAll(() => Promise.all([harness.close(), hasty.close()]));

type Served = TestSubscriber & { config: Subscriber };

async function serve(on: WebhooksHarness, answer?: Answering, more: Partial<Subscriber> = {}): Promise<Served> {
  const subscriber = await startSubscriber(answer);
  onTestFinished(() => subscriber.close());
  const config = configured(`r-${randomUUID().slice(0, 8)}`, subscriber, more);
  on.subscribers.push(config);
  return Object.assign(subscriber, { config });
}

const statuses =
  (...codes: number[]): Answering =>
  (_received, count) => ({ status: codes[count - 1] ?? 204 });

async function failed(result: Promise<unknown>): Promise<WebhooksReport> {
  const error = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const cause = (error as WorkflowFailedError).cause as ApplicationFailure;
  expect(cause.type).toBe('undelivered');
  return cause.details?.[0] as WebhooksReport;
}

const ids = (subscriber: TestSubscriber): string[] => subscriber.received.map(({ event }) => event.id);

describe.concurrent('a webhook', () => {
  it('arrives once, in order, as a CloudEvent that says where it comes from', async () => {
    const subscriber = await serve(harness);
    const webhooks = someWebhooks(3);
    const run = await harness.deliver(webhooks, [subscriber.config]);
    expect(await run.result()).toMatchObject({ receivers: { [subscriber.config.name]: { delivered: 3 } } });
    expect(ids(subscriber)).toEqual(webhooks.map(({ id }) => id));
    const [first] = subscriber.received;
    expect(first?.headers['content-type']).toContain('application/cloudevents+json');
    expect(first?.event).toMatchObject({
      source: `/showcaller/${harness.env.namespace}/live-event/some-event`,
      type: 'showcaller.live-event.phase-changed.v1',
      subject: 'some-event',
      sequence: '000001',
      data: { eventId: 'some-event' },
    });
  });

  it('is signed so that the Standard Webhooks library accepts it, by the new secret and by the old', async () => {
    const secrets = [newSecret(), newSecret()];
    const subscriber = await serve(harness, undefined, { secrets });
    await (await harness.deliver(someWebhooks(1), [subscriber.config])).result();
    const [received] = subscriber.received;
    if (!received) throw new Error('nothing arrived');
    for (const secret of secrets) expect(verify(secret, received)).toMatchObject({ id: received.event.id });
    expect(received.headers['webhook-id']).toBe(received.event.id);
    expect(() => verify(newSecret(), received)).toThrow('No matching signature');
    const forged = { ...received, raw: received.raw.replace('live', 'over') };
    expect(() => verify(secrets[0] ?? '', forged)).toThrow('No matching signature');
  });

  it('comes again with the same id after an error, a cut connection and no answer, before the next does', async () => {
    const subscriber = await serve(harness, (_received, count) => {
      if (count === 1) return { status: 500, body: 'out of order' };
      if (count === 2) return 'cut';
      return count === 3 ? 'hang' : { status: 200 };
    });
    const [first, second] = someWebhooks(2);
    if (!first || !second) throw new Error('two webhooks are needed');
    await (await harness.deliver([first, second], [subscriber.config])).result();
    expect(ids(subscriber)).toEqual([first.id, first.id, first.id, first.id, second.id]);
    expect(new Set(subscriber.received.slice(0, 4).map(({ raw }) => raw)).size).toBe(1);
  });

  it('waits as long as a busy subscriber asks', async () => {
    const at: number[] = [];
    const subscriber = await serve(harness, (_received, count) => {
      at.push(Date.now());
      return count === 1 ? { status: 429, headers: { 'retry-after': '2' } } : { status: 204 };
    });
    await (await harness.deliver(someWebhooks(1), [subscriber.config])).result();
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(2000);
  });

  it('shows why it has not arrived while it is being tried, and reveals no secret of the address', async () => {
    const subscriber = await serve(harness, statuses(503, 503, 503, 503));
    subscriber.config.url = subscriber.url.replace('/hook', '/services/TOKEN-IN-THE-PATH?key=TOKEN-IN-THE-QUERY');
    const run = await harness.deliver(someWebhooks(1), [subscriber.config]);
    const reason = await until(async () => {
      const [pending] = (await run.describe()).raw.pendingActivities ?? [];
      return pending?.lastFailure?.message;
    });
    expect(reason).toBe(`${subscriber.config.name} (${new URL(subscriber.url).origin}) answered 503`);
    await run.result();
    const { texts } = new History(await run.fetchHistory());
    expect(texts.filter((text) => text.includes('TOKEN-IN'))).toEqual([]);
  });

  it('is quoted no more than 200 characters of an answer, and no secret of ours', async () => {
    const subscriber = await serve(hasty, (_received, count) => ({
      status: count < 3 ? 500 : 204,
      // The last of the 200 characters are the beginning of the secret.
      body: `${subscriber.config.secrets[0]} ${'x '.repeat(60)} ${subscriber.config.secrets[0]} ${'x '.repeat(100_000)}`,
    }));
    const run = await hasty.deliver(someWebhooks(1), [subscriber.config]);
    await run.result();
    const { texts } = new History(await run.fetchHistory());
    expect(texts.some((text) => text.includes('*** x x'))).toBe(true);
    expect(texts.some((text) => text.includes('x '.repeat(101)))).toBe(false);
    expect(secretsIn(texts, subscriber.config.secrets)).toEqual([]);
    expect(texts.some((text) => text.includes('whsec_'))).toBe(false);
  });

  it('does not follow a redirect', async () => {
    const elsewhere = await serve(hasty);
    const subscriber = await serve(hasty, (_received, count) =>
      count === 1 ? { status: 307, headers: { location: elsewhere.url } } : { status: 204 },
    );
    await (await hasty.deliver(someWebhooks(1), [subscriber.config])).result();
    expect(subscriber.received).toHaveLength(2);
    expect(elsewhere.received).toHaveLength(0);
  });
});

describe.concurrent('a subscriber', () => {
  it('that is gone (410) gets nothing more of this run, which is no failure', async () => {
    const subscriber = await serve(harness, statuses(204, 410));
    const run = await harness.deliver(someWebhooks(5), [subscriber.config]);
    expect(await run.result()).toMatchObject({
      receivers: { [subscriber.config.name]: { delivered: 1, givenUpCount: 0, gone: expect.stringContaining('410') } },
    });
    expect(subscriber.received).toHaveLength(2);
  });

  it('that is dead does not hold up another, and is given up in time with the reason', async () => {
    const dead = await serve(hasty);
    await dead.close();
    const alive = await serve(hasty);
    const webhooks = someWebhooks(3);
    const run = await hasty.deliver(webhooks, [dead.config, alive.config]);
    await until(() => alive.accepted.length === 3);
    expect((await run.describe()).status.name).toBe('RUNNING');
    const report = await failed(run.result());
    expect(report.receivers[alive.config.name]).toMatchObject({ delivered: 3, givenUpCount: 0 });
    expect(report.receivers[dead.config.name]).toMatchObject({ delivered: 0, givenUpCount: 3 });
    expect(report.receivers[dead.config.name]?.givenUp.map(({ reason }) => reason)[0]).toContain('ECONNREFUSED');
  });

  it('that refuses one webhook gets the next after five attempts', async () => {
    const subscriber = await serve(hasty, ({ event }) => ({ status: event.sequence === '000001' ? 422 : 204 }));
    const report = await failed((await hasty.deliver(someWebhooks(2), [subscriber.config])).result());
    expect(report.receivers[subscriber.config.name]).toMatchObject({ delivered: 1, givenUpCount: 1 });
    expect(subscriber.received.map(({ event }) => event.sequence)).toEqual([...Array(5).fill('000001'), '000002']);
  });

  it('that refuses a webhook after attempts without an answer has refused it only as often as it did', async () => {
    const subscriber = await serve(hasty, ({ event }, count) => {
      if (event.sequence !== '000001') return { status: 204 };
      return [1, 2, 4].includes(count) ? 'cut' : { status: 422 };
    });
    const report = await failed((await hasty.deliver(someWebhooks(2), [subscriber.config])).result());
    const { givenUp } = report.receivers[subscriber.config.name] ?? {};
    expect(givenUp?.map(({ reason }) => reason)).toEqual([expect.stringContaining('refused 5 times')]);
    expect(subscriber.received.map(({ event }) => event.sequence)).toEqual([...Array(8).fill('000001'), '000002']);
  });

  it('that this worker does not have is waited for', async () => {
    const subscriber = await serve(harness);
    harness.subscribers.splice(harness.subscribers.indexOf(subscriber.config), 1);
    const run = await harness.deliver(someWebhooks(1), [subscriber.config]);
    await until(async () => (await run.describe()).raw.pendingActivities?.[0]?.lastFailure?.message);
    harness.subscribers.push(subscriber.config);
    expect(await run.result()).toMatchObject({ receivers: { [subscriber.config.name]: { delivered: 1 } } });
  });

  it('that is not trusted with keys does not get them, whatever the history says', async () => {
    const subscriber = await serve(hasty);
    const channel = {
      ref: { vendor: 'alibaba-oss', account: 'default', name: 'sc-x', workflowId: 'live-event/x' },
      details: {},
    };
    const [ended] = someWebhooks(1);
    if (!ended) throw new Error('a webhook is needed');
    const webhooks = [{ ...ended, id: 'x/0', seq: 0, type: 'ingest' as const, channel }, ended];
    const run = await hasty.deliver(webhooks, [{ ...subscriber.config, types: ['ingest', 'ended'] }]);
    const report = await failed(run.result());
    expect(report.receivers[subscriber.config.name]).toMatchObject({ delivered: 1, givenUpCount: 1 });
    expect(subscriber.received.map(({ event }) => event.type)).toEqual(['showcaller.live-event.ended.v1']);
  });
});
