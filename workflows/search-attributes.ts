import { defineSearchAttributeKey } from '@temporalio/common';

/** How runs are found in a list. Never encrypted, so never a title or a secret. */
export const searchAttributes = {
  vendor: defineSearchAttributeKey('ShowcallerVendor', 'KEYWORD'),
  account: defineSearchAttributeKey('ShowcallerAccount', 'KEYWORD'),
  /** The vendor's id of the channel, else its name: how a poller or a push message finds its event. */
  channel: defineSearchAttributeKey('ShowcallerChannel', 'KEYWORD'),
  phase: defineSearchAttributeKey('ShowcallerPhase', 'KEYWORD'),
  endReason: defineSearchAttributeKey('ShowcallerEndReason', 'KEYWORD'),
  tenant: defineSearchAttributeKey('ShowcallerTenant', 'KEYWORD'),
  startsAt: defineSearchAttributeKey('ShowcallerStartsAt', 'DATETIME'),
} as const;
