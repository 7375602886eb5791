import type { JsonObject } from '../../../domain/json.ts';
import type { Notification } from '../../../domain/webhooks/notification.ts';

/** https://developer.pagerduty.com/docs/send-alert-event */
const longestSummary = 1_024;
const longestKey = 255;

/**
 * The events for PagerDuty's Events API v2: a trouble triggers an alert of its own key, and what ends it resolves the same
 * key. What is neither makes no event.
 */
export function pagerDutyEvents(notification: Notification, at: number, routingKey: string): JsonObject[] {
  const { severity, title, text, facts, key, resolves } = notification;
  const base = { routing_key: routingKey, client: 'showcaller' };
  const resolved = resolves.map((one) => ({ ...base, event_action: 'resolve', dedup_key: one.slice(-longestKey) }));
  if (severity === 'info') return resolved;
  const details = Object.fromEntries(facts);
  const trigger = {
    ...base,
    event_action: 'trigger',
    dedup_key: key.slice(-longestKey),
    payload: {
      summary: `${title}${text === '' ? '' : ` — ${text}`}`.slice(0, longestSummary),
      source: details.event ?? 'showcaller',
      severity,
      timestamp: new Date(at).toISOString(),
      component: details.vendor ?? 'showcaller',
      class: key.slice(key.lastIndexOf('/') + 1),
      custom_details: { ...details, message: text },
    },
  };
  return [...resolved, trigger];
}
