import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Receiver } from '../../../activities/webhooks/subscriber.ts';
import type { NoticesReport } from '../../../domain/webhooks/webhook.ts';
import { until } from '../../support/environment.ts';
import { History } from '../../support/history.ts';
import { secretsIn } from '../../support/secrets.ts';
import { type Answering, startReceiver, type TestReceiver, verify } from './subscriber.ts';
import { configured, newSecret, Stage, someNotices } from './webhooks-harness.ts';

/** Delays of seconds are none, of minutes are short; three days are four minutes. */
let stage: Stage;
/** Three days are two and a half seconds. */
let hasty: Stage;
beforeAll(async () => {
  [stage, hasty] = await Promise.all([
    Stage.open({ receivers: [], pace: 0.001 }),
    Stage.open({ receivers: [], pace: 0.00001 }),
  ]);
});
afterAll(() => Promise.all([stage.close(), hasty.close()]));

type Served = TestReceiver & { config: Receiver };

async function serve(on: Stage, answer?: Answering, more: Partial<Receiver> = {}): Promise<Served> {
  const receiver = await startReceiver(answer);
  onTestFinished(() => receiver.close());
  const config = configured(`r-${randomUUID().slice(0, 8)}`, receiver, more);
  on.receivers.push(config);
  return Object.assign(receiver, { config });
}

const statuses =
  (...codes: number[]): Answering =>
  (_received, count) => ({ status: codes[count - 1] ?? 204 });

async function failed(result: Promise<unknown>): Promise<NoticesReport> {
  const error = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const cause = (error as WorkflowFailedError).cause as ApplicationFailure;
  expect(cause.type).toBe('undelivered');
  return cause.details?.[0] as NoticesReport;
}

const ids = (receiver: TestReceiver): string[] => receiver.received.map(({ event }) => event.id);

describe.concurrent('a notice', () => {
  it('arrives once, in order, as a CloudEvent that says where it comes from', async () => {
    const receiver = await serve(stage);
    const notices = someNotices(3);
    const run = await stage.deliver(notices, [receiver.config]);
    expect(await run.result()).toMatchObject({ receivers: { [receiver.config.name]: { delivered: 3 } } });
    expect(ids(receiver)).toEqual(notices.map(({ id }) => id));
    const [first] = receiver.received;
    expect(first?.headers['content-type']).toContain('application/cloudevents+json');
    expect(first?.event).toMatchObject({
      source: `/showcaller/${stage.env.namespace}/live-event/some-event`,
      type: 'showcaller.live-event.phase-changed.v1',
      subject: 'some-event',
      sequence: '000001',
      data: { eventId: 'some-event' },
    });
  });

  it('is signed so that the Standard Webhooks library accepts it, by the new secret and by the old', async () => {
    const secrets = [newSecret(), newSecret()];
    const receiver = await serve(stage, undefined, { secrets });
    await (await stage.deliver(someNotices(1), [receiver.config])).result();
    const [received] = receiver.received;
    if (!received) throw new Error('nothing arrived');
    for (const secret of secrets) expect(verify(secret, received)).toMatchObject({ id: received.event.id });
    expect(received.headers['webhook-id']).toBe(received.event.id);
    expect(() => verify(newSecret(), received)).toThrow('No matching signature');
    const forged = { ...received, raw: received.raw.replace('live', 'over') };
    expect(() => verify(secrets[0] ?? '', forged)).toThrow('No matching signature');
  });

  it('comes again with the same id after an error, a cut connection and no answer, before the next does', async () => {
    const receiver = await serve(stage, (_received, count) => {
      if (count === 1) return { status: 500, body: 'out of order' };
      if (count === 2) return 'cut';
      return count === 3 ? 'hang' : { status: 200 };
    });
    const [first, second] = someNotices(2);
    if (!first || !second) throw new Error('two notices are needed');
    await (await stage.deliver([first, second], [receiver.config])).result();
    expect(ids(receiver)).toEqual([first.id, first.id, first.id, first.id, second.id]);
    expect(new Set(receiver.received.slice(0, 4).map(({ raw }) => raw)).size).toBe(1);
  });

  it('waits as long as a busy receiver asks', async () => {
    const at: number[] = [];
    const receiver = await serve(stage, (_received, count) => {
      at.push(Date.now());
      return count === 1 ? { status: 429, headers: { 'retry-after': '2' } } : { status: 204 };
    });
    await (await stage.deliver(someNotices(1), [receiver.config])).result();
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(2000);
  });

  it('shows why it has not arrived while it is being tried, and tells no secret of the address', async () => {
    const receiver = await serve(stage, statuses(503, 503, 503, 503));
    receiver.config.url = receiver.url.replace('/hook', '/services/TOKEN-IN-THE-PATH?key=TOKEN-IN-THE-QUERY');
    const run = await stage.deliver(someNotices(1), [receiver.config]);
    const reason = await until(async () => {
      const [pending] = (await run.describe()).raw.pendingActivities ?? [];
      return pending?.lastFailure?.message;
    });
    expect(reason).toBe(`${receiver.config.name} (${new URL(receiver.url).origin}) answered 503`);
    await run.result();
    const { texts } = new History(await run.fetchHistory());
    expect(texts.filter((text) => text.includes('TOKEN-IN'))).toEqual([]);
  });

  it('is quoted no more than 200 characters of an answer, and no secret of ours', async () => {
    const receiver = await serve(hasty, (_received, count) => ({
      status: count < 3 ? 500 : 204,
      body: `${receiver.config.secrets[0]} ${'x'.repeat(100_000)}`,
    }));
    const run = await hasty.deliver(someNotices(1), [receiver.config]);
    await run.result();
    const { texts } = new History(await run.fetchHistory());
    expect(texts.some((text) => text.includes('*** xxx'))).toBe(true);
    expect(texts.some((text) => text.includes('x'.repeat(201)))).toBe(false);
    expect(secretsIn(texts, receiver.config.secrets)).toEqual([]);
  });

  it('does not follow a redirect', async () => {
    const elsewhere = await serve(hasty);
    const receiver = await serve(hasty, (_received, count) =>
      count === 1 ? { status: 307, headers: { location: elsewhere.url } } : { status: 204 },
    );
    await (await hasty.deliver(someNotices(1), [receiver.config])).result();
    expect(receiver.received).toHaveLength(2);
    expect(elsewhere.received).toHaveLength(0);
  });
});

describe.concurrent('a receiver', () => {
  it('that is gone (410) gets nothing more of this run, which is no failure', async () => {
    const receiver = await serve(stage, statuses(204, 410));
    const run = await stage.deliver(someNotices(5), [receiver.config]);
    expect(await run.result()).toMatchObject({
      receivers: { [receiver.config.name]: { delivered: 1, givenUpCount: 0, gone: expect.stringContaining('410') } },
    });
    expect(receiver.received).toHaveLength(2);
  });

  it('that is dead does not hold up another, and is given up in time with the reason', async () => {
    const dead = await serve(hasty);
    await dead.close();
    const alive = await serve(hasty);
    const notices = someNotices(3);
    const run = await hasty.deliver(notices, [dead.config, alive.config]);
    await until(() => alive.accepted.length === 3);
    expect((await run.describe()).status.name).toBe('RUNNING');
    const report = await failed(run.result());
    expect(report.receivers[alive.config.name]).toMatchObject({ delivered: 3, givenUpCount: 0 });
    expect(report.receivers[dead.config.name]).toMatchObject({ delivered: 0, givenUpCount: 3 });
    expect(report.receivers[dead.config.name]?.givenUp.map(({ reason }) => reason)[0]).toContain('ECONNREFUSED');
  });

  it('that refuses one notice gets the next after five attempts', async () => {
    const receiver = await serve(hasty, ({ event }) => ({ status: event.sequence === '000001' ? 422 : 204 }));
    const report = await failed((await hasty.deliver(someNotices(2), [receiver.config])).result());
    expect(report.receivers[receiver.config.name]).toMatchObject({ delivered: 1, givenUpCount: 1 });
    expect(receiver.received.map(({ event }) => event.sequence)).toEqual([...Array(5).fill('000001'), '000002']);
  });

  it('that this worker does not have is waited for', async () => {
    const receiver = await serve(stage);
    stage.receivers.splice(stage.receivers.indexOf(receiver.config), 1);
    const run = await stage.deliver(someNotices(1), [receiver.config]);
    await until(async () => (await run.describe()).raw.pendingActivities?.[0]?.lastFailure?.message);
    stage.receivers.push(receiver.config);
    expect(await run.result()).toMatchObject({ receivers: { [receiver.config.name]: { delivered: 1 } } });
  });

  it('that is not trusted with keys is not told them, whatever the history says', async () => {
    const receiver = await serve(hasty);
    const channel = {
      ref: { vendor: 'alibaba-oss', account: 'default', name: 'sc-x', workflowId: 'live-event/x' },
      details: {},
    };
    const [ended] = someNotices(1);
    if (!ended) throw new Error('a notice is needed');
    const notices = [{ ...ended, id: 'x/0', seq: 0, type: 'ingest' as const, channel }, ended];
    const run = await hasty.deliver(notices, [{ ...receiver.config, types: ['ingest', 'ended'] }]);
    const report = await failed(run.result());
    expect(report.receivers[receiver.config.name]).toMatchObject({ delivered: 1, givenUpCount: 1 });
    expect(receiver.received.map(({ event }) => event.type)).toEqual(['showcaller.live-event.ended.v1']);
  });
});
