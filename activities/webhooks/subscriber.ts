import type { Severity } from '../../domain/webhooks/notification.ts';
import type { WebhookType } from '../../domain/webhooks/webhook.ts';

/** How a subscriber gets its webhooks: signed CloudEvents, or messages of a service that people look at. */
export const webhookFormats = ['cloudevents', 'slack', 'teams', 'pagerduty', 'email'] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** A subscriber as the worker's configuration has it. A plan holds its name alone. */
export interface Subscriber {
  name: string;
  /**
   * https, or http on loopback; without credentials. Of a mailbox smtp or smtps. What follows the host may be a secret: it is
   * never quoted.
   */
  url: string;
  /** `ingest` only for the subscriber that is trusted with stream keys. */
  types: readonly WebhookType[];
  /** Gets the webhooks of events whose plan names no subscribers. */
  isDefault: boolean;
  /** Only for events of these tenants; absent for all. */
  tenants?: readonly string[];
  /** Only for events on these vendors; absent for all. */
  vendors?: readonly string[];
  /** Absent for CloudEvents. */
  format?: Exclude<WebhookFormat, 'cloudevents'>;
  /** Only messages that are at least so grave; absent for all. */
  severity?: Severity;
  /** Of a mailbox. */
  mail?: { from: string; to: readonly string[]; user?: string };
  /**
   * CloudEvents: of the form `whsec_<base64>`, the newest first; each signs. PagerDuty: the routing key. A mailbox: the password,
   * where it has one. Slack and Teams: the address itself.
   */
  secrets: readonly string[];
}
