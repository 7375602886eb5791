import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../domain/json.ts';
import { beginningOf } from '../../../domain/text.ts';
import { formatInstant } from '../../../domain/time.ts';
import type { Notification } from '../../../domain/webhooks/notification.ts';

/** https://developer.pagerduty.com/docs/send-alert-event */
const longestSummary = 1_024;
const longestKey = 255;

/** Cut, the keys of two troubles could be the same. */
const keyOf = (key: string): string =>
  key.length <= longestKey ? key : createHash('sha256').update(key).digest('hex');

/**
 * The events for PagerDuty's Events API v2: a trouble triggers an alert of its own key, and what ends it resolves the same
 * key. What is neither makes no event.
 */
export function pagerDutyEvents(notification: Notification, at: number, routingKey: string): JsonObject[] {
  const { severity, title, text, facts, key, resolves } = notification;
  const base = { routing_key: routingKey, client: 'showcaller' };
  const resolved = resolves.map((one) => ({ ...base, event_action: 'resolve', dedup_key: keyOf(one) }));
  if (severity === 'info') return resolved;
  const details: Record<string, string> = {};
  // An event may have several recordings.
  for (const [name, value] of facts) details[name] = details[name] === undefined ? value : `${details[name]}, ${value}`;
  const trigger = {
    ...base,
    event_action: 'trigger',
    dedup_key: keyOf(key),
    payload: {
      summary: beginningOf(`${title}${text === '' ? '' : ` — ${text}`}`, longestSummary),
      source: details.event ?? 'showcaller',
      severity,
      timestamp: formatInstant(at),
      component: details.vendor ?? 'showcaller',
      class: key.slice(key.lastIndexOf('/') + 1),
      custom_details: { ...details, message: text },
    },
  };
  return [...resolved, trigger];
}
