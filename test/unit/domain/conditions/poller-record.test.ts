import { expect, it } from 'vitest';
import { mostUnseen, pollerRecordOf } from '../../../../domain/conditions/poller-record.ts';

it('a heartbeat is read as a record whatever it holds', () => {
  for (const strange of [undefined, null, 7, 'x', [], { seenAt: 'soon', failing: {}, unseen: [{}, 3] }])
    expect(pollerRecordOf(strange)).toEqual({});
  const record = { seenAt: 5, failing: { since: 1, reason: 'r' }, unseen: [{ channel: 'c', since: 2, reason: 's' }] };
  expect(pollerRecordOf({ ...record, attempt: 3 })).toEqual(record);
  expect(mostUnseen).toBeLessThan(100);
});
