import { describe, expect, it } from 'vitest';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { LogEntry } from '../../../../simulators/kit/types.ts';

const entry = (vendor: string, operation: string): LogEntry => ({
  at: 1,
  vendor,
  operation,
  method: 'GET',
  url: '/',
  status: 200,
});

describe('faults', () => {
  it('hit the calls after the skipped ones, as often as asked', () => {
    const { faults } = createKit();
    faults.add('v', { operation: 'Put', kind: 'throttle', skip: 2, times: 2 });
    const taken = Array.from({ length: 6 }, () => faults.take('v', 'Put')?.kind);
    expect(taken).toEqual([undefined, undefined, 'throttle', 'throttle', undefined, undefined]);
  });

  it('hit once when not asked how often', () => {
    const { faults } = createKit();
    faults.add('v', { operation: 'Put', kind: 'reset' });
    expect([faults.take('v', 'Put')?.kind, faults.take('v', 'Put')]).toEqual(['reset', undefined]);
  });

  it('concern one vendor and one operation', () => {
    const { faults } = createKit();
    faults.add('v', { operation: 'Put', kind: 'reset' });
    expect(faults.take('other', 'Put')).toBeUndefined();
    expect(faults.take('v', 'Get')).toBeUndefined();
    expect(faults.take('v', 'Put')?.kind).toBe('reset');
  });

  it('on every operation leave players alone, unless a read is named', () => {
    const { faults } = createKit();
    faults.add('v', { operation: '*', kind: 'throttle', times: 5 });
    expect(faults.take('v', 'media:segment')).toBeUndefined();
    expect(faults.take('v', 'Anything')?.kind).toBe('throttle');
    faults.add('v', { operation: 'media:segment', kind: 'hang' });
    expect(faults.take('v', 'media:segment')?.kind).toBe('hang');
  });

  it('come one after the other, in the order they were added', () => {
    const { faults } = createKit();
    faults.add('v', { operation: 'Put', kind: 'throttle' });
    faults.add('v', { operation: 'Put', kind: 'unavailable' });
    expect([1, 2, 3].map(() => faults.take('v', 'Put')?.kind)).toEqual(['throttle', 'unavailable', undefined]);
  });

  it('are taken back for one vendor or for all', () => {
    const { faults } = createKit();
    for (const vendor of ['a', 'b', 'c']) faults.add(vendor, { operation: '*', kind: 'reset' });
    faults.clear('a');
    expect(faults.take('a', 'Put')).toBeUndefined();
    expect(faults.take('b', 'Put')?.kind).toBe('reset');
    faults.clear();
    expect(faults.take('c', 'Put')).toBeUndefined();
  });
});

describe('the log', () => {
  it('gives back what matches every part of a filter', () => {
    const { log } = createKit();
    log.add(entry('a', 'Put'));
    log.add(entry('a', 'Get'));
    log.add(entry('b', 'Put'));
    expect(log.entries()).toHaveLength(3);
    expect(log.entries({ vendor: 'a', operation: 'Put' })).toEqual([entry('a', 'Put')]);
    expect(log.entries({ vendor: 'a', operation: undefined })).toHaveLength(2);
    log.clear();
    expect(log.entries()).toEqual([]);
  });
});
