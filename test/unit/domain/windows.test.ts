import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveWindow, Session } from '../../../domain/channel.ts';
import type { EncoderChange } from '../../../domain/presence.ts';
import { totalMs } from '../../../domain/spans.ts';
import { afterChange, gapsOf, lossAtEnd, nothingSeen, windowsOf, withSessions } from '../../../domain/windows.ts';

const second = 1000;
const span: LiveWindow = { from: 0, to: 1000 * second };
const window = (from: number, to: number): LiveWindow => ({ from: from * second, to: to * second });
const session = (from: number, to?: number): Session => ({
  startedAt: from * second,
  ...(to !== undefined && { endedAt: to * second }),
});
const change = (kind: EncoderChange['kind'], at: number, since?: number): EncoderChange => ({
  kind,
  at: at * second,
  ...(since !== undefined && { since: since * second }),
});
const seen = (...changes: EncoderChange[]) => changes.reduce(afterChange, nothingSeen);

describe('observed windows', () => {
  it('are none without an encoder', () => {
    expect(windowsOf(nothingSeen, span)).toEqual([]);
  });

  it('reach from the connection to the loss', () => {
    expect(windowsOf(seen(change('connected', 10), change('lost', 60)), span)).toEqual([window(10, 60)]);
  });

  it('begin when the vendor says that the session began', () => {
    expect(windowsOf(seen(change('connected', 10, 7), change('lost', 60)), span)).toEqual([window(7, 60)]);
  });

  it('reach to the end of the span while the encoder is there', () => {
    expect(windowsOf(seen(change('connected', 10)), window(0, 100))).toEqual([window(10, 100)]);
  });

  it('are two when the encoder was lost between', () => {
    const both = seen(change('connected', 10), change('lost', 60), change('connected', 80));
    expect(windowsOf(both, window(0, 100))).toEqual([window(10, 60), window(80, 100)]);
  });

  it('stay one when the picture starves and recovers', () => {
    const starving = seen(change('connected', 10), change('starved', 30), change('recovered', 50));
    expect(windowsOf(starving, window(0, 100))).toEqual([window(10, 100)]);
  });

  it('stay one over a reconnection whose loss was not seen', () => {
    expect(windowsOf(seen(change('connected', 10), change('reconnected', 40, 38)), window(0, 100))).toEqual([
      window(10, 100),
    ]);
  });

  it('stay one when the vendor says that the session never ended', () => {
    const blink = seen(change('connected', 10, 10), change('lost', 60), change('connected', 80, 10));
    expect(windowsOf(blink, window(0, 100))).toEqual([window(10, 100)]);
  });

  it('begin no earlier than the span', () => {
    expect(windowsOf(seen(change('connected', 50, 5)), window(20, 100))).toEqual([window(20, 100)]);
  });

  it('are not moved by a second connection or a loss without a connection', () => {
    expect(seen(change('connected', 10), change('connected', 20))).toEqual(seen(change('connected', 10)));
    expect(seen(change('lost', 10))).toEqual(nothingSeen);
  });
});

describe('windows with the sessions of the vendor', () => {
  it('are the observed ones when the vendor remembers nothing', () => {
    expect(withSessions([window(10, 60)], [], span)).toEqual([window(10, 60)]);
  });

  it('have the instants of the vendor where both have the same window', () => {
    expect(withSessions([window(12, 75)], [session(10, 60)], span)).toEqual([window(10, 60)]);
  });

  it('have the gap that only the vendor saw', () => {
    expect(withSessions([window(12, 100)], [session(10, 40), session(45, 98)], span)).toEqual([
      window(10, 40),
      window(45, 98),
    ]);
  });

  it('have a session that was not observed', () => {
    expect(withSessions([window(50, 60)], [session(10, 20), session(49, 60)], span)).toEqual([
      window(10, 20),
      window(49, 60),
    ]);
  });

  it('keep an observed window that the vendor does not mention', () => {
    expect(withSessions([window(10, 20), window(50, 60)], [session(49, 61)], span)).toEqual([
      window(10, 20),
      window(49, 61),
    ]);
  });

  it('keep what was observed before the memory of the vendor begins', () => {
    expect(withSessions([window(10, 100)], [session(60, 99)], span)).toEqual([window(10, 99)]);
  });

  it('trust the vendor when its clock says a little later than ours', () => {
    expect(withSessions([window(10, 100)], [session(14, 99)], span)).toEqual([window(14, 99)]);
  });

  it('end with the stop where a session has no end', () => {
    expect(withSessions([], [session(10)], window(0, 90))).toEqual([window(10, 90)]);
  });

  it('begin with the opening and end with the stop', () => {
    const stale = [session(0, 5), session(15, 30), session(80, 120), session(130, 140)];
    expect(withSessions([], stale, window(20, 100))).toEqual([window(20, 30), window(80, 100)]);
  });

  it('are one when the vendor rounds to the second', () => {
    expect(withSessions([], [session(10, 40), session(40.9, 60)], span)).toEqual([window(10, 60)]);
    expect(withSessions([], [session(10, 40), session(41, 60)], span)).toHaveLength(2);
  });
});

const instant = fc.integer({ min: -100 * second, max: 1100 * second });
const anyWindow = fc.tuple(instant, instant).map(([from, to]) => ({ from, to }));
const anyWindows = fc.array(anyWindow, { maxLength: 12 });
const anySessions = fc.array(fc.record({ startedAt: instant, endedAt: instant }, { requiredKeys: ['startedAt'] }), {
  maxLength: 12,
});
const anyChanges = fc.array(
  fc.record(
    {
      kind: fc.constantFrom<EncoderChange['kind']>('connected', 'lost', 'reconnected', 'starved', 'recovered'),
      at: instant,
      since: instant,
    },
    { requiredKeys: ['kind', 'at'] },
  ),
);

function expectTidy(windows: readonly LiveWindow[]): void {
  for (const [i, { from, to }] of windows.entries()) {
    expect(from).toBeLessThan(to);
    expect(from).toBeGreaterThanOrEqual(span.from);
    expect(to).toBeLessThanOrEqual(span.to);
    const before = windows[i - 1];
    if (before) expect(from - before.to).toBeGreaterThanOrEqual(second);
  }
}

describe('laws of windows', () => {
  it('they are sorted, apart by a second at least, and inside the span', () => {
    fc.assert(
      fc.property(anyChanges, anyWindows, anySessions, (changes, observed, sessions) => {
        expectTidy(windowsOf(changes.reduce(afterChange, nothingSeen), span));
        expectTidy(withSessions(observed, sessions, span));
      }),
    );
  });

  it('ends with a loss when the encoder was away as the show ended', () => {
    const windows = [{ from: 0, to: 60_000 }];
    expect(lossAtEnd(windows, { endedAt: 299_000, wasLost: true })).toEqual({ from: 60_000, to: 299_000 });
    // No look saw the loss, but the vendor recorded it.
    expect(lossAtEnd(windows, { endedAt: 299_000, wasLost: false })).toEqual({ from: 60_000, to: 299_000 });
    // Within the time between two looks.
    expect(lossAtEnd(windows, { endedAt: 65_000, wasLost: false })).toBeUndefined();
    expect(lossAtEnd(windows, { endedAt: 65_000, wasLost: true })).toEqual({ from: 60_000, to: 65_000 });
    // It was back after all, as the vendor knows.
    expect(lossAtEnd([{ from: 0, to: 310_000 }], { endedAt: 299_000, wasLost: true })).toBeUndefined();
    expect(lossAtEnd([], { endedAt: 299_000, wasLost: false })).toBeUndefined();
  });

  it('windows and gaps together fill the time from the first to the last exactly', () => {
    fc.assert(
      fc.property(anyWindows, anySessions, (observed, sessions) => {
        const windows = withSessions(observed, sessions, span);
        const gaps = gapsOf(windows);
        const [first, last] = [windows.at(0), windows.at(-1)];
        fc.pre(first !== undefined && last !== undefined);
        expect(gaps).toHaveLength(windows.length - 1);
        for (const [i, gap] of gaps.entries()) expect(gap).toEqual({ from: windows[i]?.to, to: windows[i + 1]?.from });
        expect(totalMs(windows) + totalMs(gaps)).toBe((last?.to ?? 0) - (first?.from ?? 0));
      }),
    );
  });

  it('tidying what is tidy changes nothing', () => {
    fc.assert(
      fc.property(anyWindows, anySessions, (observed, sessions) => {
        const once = withSessions(observed, sessions, span);
        expect(withSessions(once, [], span)).toEqual(once);
      }),
    );
  });

  it('the order in which windows and sessions are given does not matter', () => {
    fc.assert(
      fc.property(anyWindows, anySessions, (observed, sessions) => {
        const backwards = withSessions([...observed].reverse(), [...sessions].reverse(), span);
        expect(backwards).toEqual(withSessions(observed, sessions, span));
      }),
    );
  });

  it('every session of the vendor is inside a window', () => {
    fc.assert(
      fc.property(anyWindows, anySessions, (observed, sessions) => {
        const windows = withSessions(observed, sessions, span);
        for (const { startedAt, endedAt = span.to } of sessions) {
          const [from, to] = [Math.max(startedAt, span.from), Math.min(endedAt, span.to)];
          if (from < to) expect(windows.some((each) => each.from <= from && to <= each.to)).toBe(true);
        }
      }),
    );
  });

  it('nothing is live that neither we nor the vendor saw, but for merged moments', () => {
    fc.assert(
      fc.property(anyWindows, anySessions, (observed, sessions) => {
        const reported = sessions.map(({ startedAt, endedAt = span.to }) => ({ from: startedAt, to: endedAt }));
        const known = [...observed, ...reported].filter(({ from, to }) => from < to);
        const edges = new Set(known.flatMap(({ from, to }) => [from, to, span.from, span.to]));
        for (const { from, to } of withSessions(observed, sessions, span)) {
          expect(edges.has(from) && edges.has(to)).toBe(true);
        }
      }),
    );
  });
});
