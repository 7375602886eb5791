import { expect, it } from 'vitest';
import { notificationOf } from '../../../../domain/webhooks/notification.ts';
import type { WebhookMessage } from '../../../../domain/webhooks/webhook.ts';

const about = { eventId: 'final', title: 'Final', tenant: 'acme' };
const message = (type: string, data: object): WebhookMessage =>
  ({ type, data: { ...about, ...data } }) as unknown as WebhookMessage;

it.each(['encoder-lost', 'viewers-blank', 'leg-failed', 'step-slow', 'step-failed', 'budget-near', 'booking-conflict'])(
  'an alert of %s does not outlast its event',
  (warning) => {
    const { key } = notificationOf(message('warning', { warning, message: 'why' }));
    const { resolves } = notificationOf(
      message('ended', { phase: 'completed', proved: true, endReason: 'reached-end' }),
    );
    expect(resolves).toContain(key);
  },
);

it('the alert of a recording that is not proved, and that of the failed end, stay', () => {
  const unproved = notificationOf(message('warning', { warning: 'vod-unproved', message: 'why' }));
  const ended = notificationOf(message('ended', { phase: 'failed', proved: false, endReason: 'vod-unproved' }));
  expect(ended.resolves).not.toContain(unproved.key);
  expect(ended.resolves).not.toContain(ended.key);
});

it('viewers whom the worker cannot see are a warning of its own, and not off air', () => {
  const unseen = notificationOf(message('on-air', { state: 'unknown', reason: 'the proxy does not answer' }));
  const frozen = notificationOf(message('on-air', { state: 'frozen', reason: 'no new segment for 6 s' }));
  expect(unseen).toMatchObject({
    severity: 'warning',
    title: 'Final: viewers cannot be seen',
    text: 'the proxy does not answer',
    resolves: [],
  });
  expect(unseen.key).not.toBe(frozen.key);
  expect(frozen).toMatchObject({ severity: 'critical', title: 'Final: off air (frozen)', key: 'acme/final/off-air' });
  const isOver = [
    message('on-air', { state: 'on-air' }),
    message('ended', { phase: 'completed', proved: true, endReason: 'reached-end' }),
  ];
  for (const one of isOver)
    expect(notificationOf(one).resolves).toEqual(expect.arrayContaining([unseen.key, frozen.key]));
});
