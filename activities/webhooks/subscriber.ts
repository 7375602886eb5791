import type { NoticeType } from '../../domain/webhooks/webhook.ts';

/** Who is told of events, from the worker's configuration. A plan names it and knows nothing else of it. */
export interface Receiver {
  name: string;
  /** https, or http on loopback; without credentials. What follows the host may be a secret: it is never quoted. */
  url: string;
  /** `ingest` only where it is trusted with the keys of encoders. */
  types: readonly NoticeType[];
  /** Told of events whose plan names no receivers. */
  isDefault: boolean;
  /** Of the form `whsec_<base64>`, the newest first. Each signs. */
  secrets: readonly string[];
}
