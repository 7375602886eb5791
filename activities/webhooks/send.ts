import { isAtLeast, notificationOf } from '../../domain/webhooks/notification.ts';
import type { WebhookMessage } from '../../domain/webhooks/webhook.ts';
import { pagerDutyEvents } from './formats/pagerduty.ts';
import { slackMessage } from './formats/slack.ts';
import { teamsMessage } from './formats/teams.ts';
import { sendMail } from './mail.ts';
import { type Answer, type PostOptions, postJson } from './post.ts';
import type { Subscriber } from './subscriber.ts';

/** Whether the subscriber's filter lets a webhook through; what ends a trouble passes wherever the trouble did. */
export function passes({ severity = 'info', vendors, format }: Subscriber, message: WebhookMessage): boolean {
  const { vendor } = message.data;
  if (vendors && !(typeof vendor === 'string' && vendors.includes(vendor))) return false;
  const notification = notificationOf(message);
  if (format === 'pagerduty' && notification.resolves.length > 0) return true;
  return isAtLeast(notification.severity, severity);
}

const nothingToSay: Answer = { kind: 'answered', status: 200, text: '' };

/** Sends a webhook as a message of the subscriber's service, once. */
export async function sendFormatted(
  subscriber: Subscriber,
  message: WebhookMessage,
  options: PostOptions,
): Promise<Answer> {
  const notification = notificationOf(message);
  const { id, at } = message;
  switch (subscriber.format) {
    case 'slack':
      return postJson(subscriber, slackMessage(notification), options);
    case 'teams':
      return postJson(subscriber, teamsMessage(notification), options);
    case 'email':
      return sendMail(subscriber, notification, { ...options, id, at });
    default: {
      // The same keys at each attempt: what was taken already is taken once more without harm.
      let answer = nothingToSay;
      for (const event of pagerDutyEvents(notification, at, subscriber.secrets[0] ?? '')) {
        answer = await postJson(subscriber, event, options);
        if (answer.kind === 'unanswered' || answer.status >= 300) return answer;
      }
      return answer;
    }
  }
}
