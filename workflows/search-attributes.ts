import { defineSearchAttributeKey } from '@temporalio/common';
import { attributeNames } from '../domain/search-attributes.ts';

/** The typed keys that Temporal's SDK sets search attributes by. */
export const searchAttributes = {
  vendor: defineSearchAttributeKey(attributeNames.vendor, 'KEYWORD'),
  account: defineSearchAttributeKey(attributeNames.account, 'KEYWORD'),
  channel: defineSearchAttributeKey(attributeNames.channel, 'KEYWORD'),
  phase: defineSearchAttributeKey(attributeNames.phase, 'KEYWORD'),
  endReason: defineSearchAttributeKey(attributeNames.endReason, 'KEYWORD'),
  tenant: defineSearchAttributeKey(attributeNames.tenant, 'KEYWORD'),
  startsAt: defineSearchAttributeKey(attributeNames.startsAt, 'DATETIME'),
} as const;
