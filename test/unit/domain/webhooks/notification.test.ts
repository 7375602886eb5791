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
