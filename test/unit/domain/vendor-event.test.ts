import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callsForLook, type Hint, HintLog, readHint, readHints } from '../../../domain/vendor-events/vendor-event.ts';

const now = Date.parse('2026-11-20T18:00:00Z');
const hint = (n: number, overrides: Partial<Hint> = {}): Hint => ({
  id: `h-${n}`,
  source: 'topic',
  type: 'EncoderConnected',
  at: now + n * 1000,
  facts: {},
  ...overrides,
});

describe('a hint', () => {
  it('is cut to size', () => {
    const facts = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`fact${n}`, 'x'.repeat(1000)]));
    const read = readHint(hint(1, { id: 'i'.repeat(999), type: 't'.repeat(999), facts }), now);
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
    const read = readHint(hint(1, { facts: facts as unknown as Hint['facts'] }), now);
    expect(read?.facts).toEqual({ said: 'see live.example:443 now', encoderIp: '10.0.0.1' });
  });

  it('cannot be from a far future, and is no reason to look long after', () => {
    expect(readHint(hint(1, { at: now + 1e12 }), now)?.at).toBe(now + 60_000);
    expect(callsForLook(hint(0), now)).toBe(true);
    expect(callsForLook(hint(0, { at: now - 600_000 }), now)).toBe(false);
    expect(callsForLook(hint(0, { evidenceOnly: true }), now)).toBe(false);
  });

  it('is none when it is anything else, and never an error', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        for (const read of readHints(value, now)) expect(JSON.stringify(read).length).toBeLessThan(3000);
      }),
    );
    for (const value of [undefined, null, 7, 'x', {}, { ...hint(1), at: 'noon' }, { ...hint(1), id: ' ' }]) {
      expect(readHints(value, now)).toEqual([]);
    }
  });
});

describe('the hints of a run', () => {
  it('are the same whatever order they came in and however often', () => {
    const hints = Array.from({ length: 80 }, (_, n) => hint(n, { at: now + Math.floor(n / 3) * 1000 }));
    const inOrder = new HintLog();
    inOrder.take(hints);
    expect(inOrder.kept).toHaveLength(50);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...hints, ...hints], { minLength: hints.length * 2 }),
        fc.integer({ min: 1, max: 50 }),
        (shuffled, size) => {
          const log = new HintLog();
          for (let at = 0; at < shuffled.length; at += size) log.take(shuffled.slice(at, at + size));
          expect(log.kept).toEqual(inOrder.kept);
        },
      ),
    );
  });

  it('are new once, also long after they fell out of the evidence', () => {
    const log = new HintLog();
    log.take([hint(0)]);
    for (let n = 1; n < 900; n += 1) log.take([hint(n)]);
    expect(log.take([hint(0)])).toEqual([]);
    expect(log.take([hint(900)])).toHaveLength(1);
  });
});
