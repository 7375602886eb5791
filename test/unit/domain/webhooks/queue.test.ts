import { describe, expect, it } from 'vitest';
import { OutboxQueue } from '../../../../domain/webhooks/queue.ts';
import { maxWebhooks, webhookTypes } from '../../../../domain/webhooks/webhook.ts';

const queueFor = (...types: (typeof webhookTypes)[number][]) => new OutboxQueue([{ name: 'ops', types }]);
const entry = (type: (typeof webhookTypes)[number]) => ({ type, at: 7, data: { eventId: 'x' } });

describe('the webhooks of a run', () => {
  it('is numbered without holes, and what no subscriber wants is not', () => {
    const queue = queueFor('warning', 'ended');
    for (const type of ['phase-changed', 'warning', 'phase-changed', 'ended'] as const) queue.add('run', entry(type));
    expect(queue.take().map(({ id, type }) => `${id} ${type}`)).toEqual(['run/1 warning', 'run/2 ended']);
    expect(queue.isEmpty).toBe(true);
  });

  it('lacks the end where something was queued and no subscriber wants the end; it can be kept all the same', () => {
    const queue = queueFor('warning');
    queue.add('run', entry('phase-changed'));
    expect(queue.lacksEnd).toBe(false);
    queue.add('run', entry('warning'));
    expect(queue.lacksEnd).toBe(true);
    queue.add('run', entry('ended'));
    expect(queue.take().map(({ type }) => type)).toEqual(['warning']);
    queue.add('run', entry('ended'), { isKept: true });
    expect(queue.take().map(({ id, type }) => `${id} ${type}`)).toEqual(['run/2 ended']);
    const wanting = queueFor('warning', 'ended');
    wanting.add('run', entry('warning'));
    expect(wanting.lacksEnd).toBe(false);
  });

  it('is bounded however long the encoder flaps: the last but one says so, and the last is the end', () => {
    const queue = queueFor(...webhookTypes);
    for (let i = 0; i < 10_000; i += 1) queue.add('run', entry('encoder-changed'));
    queue.add('run', entry('ended'));
    const webhooks = queue.take();
    expect(webhooks).toHaveLength(maxWebhooks);
    expect(webhooks.at(-3)?.type).toBe('encoder-changed');
    expect(webhooks.at(-2)).toMatchObject({ type: 'warning', data: { eventId: 'x', warning: 'notices-capped' } });
    expect(webhooks.at(-1)).toMatchObject({ type: 'ended', seq: maxWebhooks });
  });

  it('is bounded also for a subscriber that wants no warnings', () => {
    const queue = queueFor('encoder-changed', 'ended');
    for (let i = 0; i < 10_000; i += 1) queue.add('run', entry('encoder-changed'));
    queue.add('run', entry('ended'));
    expect(queue.take()).toHaveLength(maxWebhooks - 1);
  });
});
