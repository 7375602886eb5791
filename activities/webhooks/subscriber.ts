import type { WebhookType } from '../../domain/webhooks/webhook.ts';

/** A subscriber as the worker's configuration has it. A plan holds its name alone. */
export interface Subscriber {
  name: string;
  /** https, or http on loopback; without credentials. What follows the host may be a secret: it is never quoted. */
  url: string;
  /** `ingest` only for the subscriber that is trusted with stream keys. */
  types: readonly WebhookType[];
  /** Gets the webhooks of events whose plan names no subscribers. */
  isDefault: boolean;
  /** Only for events of these tenants; absent for all. */
  tenants?: readonly string[];
  /** Of the form `whsec_<base64>`, the newest first. Each signs. */
  secrets: readonly string[];
}
