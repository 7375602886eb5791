import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callsForRecheck,
  readVendorEvent,
  readVendorEvents,
  type VendorEvent,
  VendorEventLog,
} from '../../../../domain/vendor-events/vendor-event.ts';

const now = Date.parse('2026-11-20T18:00:00Z');
const vendorEvent = (n: number, overrides: Partial<VendorEvent> = {}): VendorEvent => ({
  id: `h-${n}`,
  source: 'topic',
  type: 'EncoderConnected',
  at: now + n * 1000,
  facts: {},
  ...overrides,
});

describe('a vendor event', () => {
  it('is cut to size', () => {
    const facts = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`fact${n}`, 'x'.repeat(1000)]));
    const read = readVendorEvent(vendorEvent(1, { id: 'i'.repeat(999), type: 't'.repeat(999), facts }), now);
    expect(read?.id).toHaveLength(200);
    expect(read?.type).toHaveLength(200);
    expect(Object.keys(read?.facts ?? {}).length).toBeLessThanOrEqual(20);
    expect(JSON.stringify(read).length).toBeLessThan(2500);
  });

  it('keeps no key, token or signature, and of an address only its host', () => {
    const facts = {
      streamKey: 'sk_1',
      token: 't',
      volcSecret: 's',
      sign: 'x',
      ingestUrl: 'rtmp://h/live/key',
      said: 'see rtmps://user:pw@live.example:443/app/sk_1?sign=2 now',
      encoderIp: '10.0.0.1',
      deep: { a: 1 },
      nothing: null,
    };
    const read = readVendorEvent(vendorEvent(1, { facts: facts as unknown as VendorEvent['facts'] }), now);
    expect(read?.facts).toEqual({ said: 'see live.example:443 now', encoderIp: '10.0.0.1' });
  });

  it('cannot be from a far future, and is no reason to look long after', () => {
    expect(readVendorEvent(vendorEvent(1, { at: now + 1e12 }), now)?.at).toBe(now + 60_000);
    expect(callsForRecheck(vendorEvent(0), now)).toBe(true);
    expect(callsForRecheck(vendorEvent(0, { at: now - 600_000 }), now)).toBe(false);
    expect(callsForRecheck(vendorEvent(0, { evidenceOnly: true }), now)).toBe(false);
  });

  it('is none when it is anything else, and never an error', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        for (const read of readVendorEvents(value, now)) expect(JSON.stringify(read).length).toBeLessThan(3000);
      }),
    );
    for (const value of [
      undefined,
      null,
      7,
      'x',
      {},
      { ...vendorEvent(1), at: 'noon' },
      { ...vendorEvent(1), id: ' ' },
    ]) {
      expect(readVendorEvents(value, now)).toEqual([]);
    }
  });
});

describe('the vendor events of a run', () => {
  it('are the same whatever order they came in and however often', () => {
    const events = Array.from({ length: 80 }, (_, n) => vendorEvent(n, { at: now + Math.floor(n / 3) * 1000 }));
    const inOrder = new VendorEventLog();
    inOrder.add(events);
    expect(inOrder.kept).toHaveLength(50);
    expect(inOrder.dropped).toBe(30);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
        fc.integer({ min: 1, max: 50 }),
        (shuffled, size) => {
          const log = new VendorEventLog();
          for (let at = 0; at < shuffled.length; at += size) log.add(shuffled.slice(at, at + size));
          expect(log.kept).toEqual(inOrder.kept);
          expect(log.dropped).toBe(30);
        },
      ),
    );
  });

  it('are new once, also long after they fell out of the evidence', () => {
    const log = new VendorEventLog();
    log.add([vendorEvent(0)]);
    for (let n = 1; n < 900; n += 1) log.add([vendorEvent(n)]);
    expect(log.add([vendorEvent(0)])).toEqual([]);
    expect(log.add([vendorEvent(900)])).toHaveLength(1);
  });
});
