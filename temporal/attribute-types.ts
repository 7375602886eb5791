import type { SearchAttributeType } from '@temporalio/common';

/** The result of `defineSearchAttributeKey`. */
export interface AttributeKey {
  name: string;
  type: SearchAttributeType;
}

/** The spelling that the Temporal CLI wants, and the number on the wire (temporal.api.enums.v1.IndexedValueType). */
const types: Record<SearchAttributeType, { cli: string; wire: number }> = {
  TEXT: { cli: 'Text', wire: 1 },
  KEYWORD: { cli: 'Keyword', wire: 2 },
  INT: { cli: 'Int', wire: 3 },
  DOUBLE: { cli: 'Double', wire: 4 },
  BOOL: { cli: 'Bool', wire: 5 },
  DATETIME: { cli: 'Datetime', wire: 6 },
  KEYWORD_LIST: { cli: 'KeywordList', wire: 7 },
};

export const cliTypeOf = (key: AttributeKey): string => types[key.type].cli;
export const wireTypeOf = (key: AttributeKey): number => types[key.type].wire;
