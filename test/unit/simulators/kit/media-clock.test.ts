import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MediaClock } from '../../../../simulators/kit/media-clock.ts';

type Track = 'video' | 'audio';
interface Sent {
  track: Track;
  /** By a clock that is right. */
  true: number;
  sent: number;
}

const hour = 3_600_000;

/** Pictures each 40 ms and sounds each 23 ms, as they are sent in real time. */
function show(seconds: number, startMs = 0): Sent[] {
  const all: Sent[] = [];
  for (let at = 0; at < seconds * 1000; at += 40) all.push({ track: 'video', true: at, sent: startMs + at });
  for (let at = 5; at < seconds * 1000; at += 23) all.push({ track: 'audio', true: at, sent: startMs + at });
  return all.sort((one, two) => one.true - two.true).map((one) => ({ ...one, sent: one.sent >>> 0 }));
}

const shifted = (sent: Sent[], from: number, byMs: number): Sent[] =>
  sent.map((one) => (one.true >= from ? { ...one, sent: (one.sent + byMs) >>> 0 } : one));

interface Outcome {
  track: Track;
  true: number;
  at: number;
  jumpMs: number;
}

function follow(sent: readonly Sent[], arrives = (one: Sent) => one.true): Outcome[] {
  const clock = new MediaClock();
  return sent.map((one) => ({ track: one.track, true: one.true, ...clock.place(one.track, one.sent, arrives(one)) }));
}

/** How far it is off, after the first frame stood where it stood. */
function errorsOf(outcome: readonly Outcome[]): number[] {
  const offset = (outcome[0]?.at ?? 0) - (outcome[0]?.true ?? 0);
  return outcome.map(({ at, true: right }) => Math.abs(at - right - offset));
}

function expectForward(outcome: readonly Outcome[]): void {
  for (const track of ['video', 'audio'] as const) {
    const times = outcome.filter((one) => one.track === track).map(({ at }) => at);
    expect(times.every((at, index) => index === 0 || at > (times[index - 1] ?? 0))).toBe(true);
  }
}

describe('the clock of an encoder', () => {
  it('is followed as it is while it is right', () => {
    const outcome = follow(show(60, 7_000));
    expect(Math.max(...errorsOf(outcome))).toBe(0);
    expect(outcome.every(({ jumpMs }) => jumpMs === 0)).toBe(true);
  });

  it.each([1, -1, 15, -15, 90, -90])('may step by %d ms once, or all the time', (byMs) => {
    const once = follow(shifted(show(20), 10_000, byMs));
    expectForward(once);
    expect(Math.max(...errorsOf(once))).toBeLessThanOrEqual(Math.abs(byMs));
    const jitter = follow(show(20).map((one, index) => (index % 7 === 3 ? { ...one, sent: one.sent + byMs } : one)));
    expectForward(jitter);
    expect(Math.max(...errorsOf(jitter))).toBeLessThanOrEqual(Math.abs(byMs) + 1);
  });

  it.each([
    ['seconds on', 3_000],
    ['seconds back', -3_000],
    ['a minute on', 60_000],
    ['a minute back', -60_000],
    ['hours on', 5 * hour],
    ['hours back', -5 * hour],
  ])('may jump %s, and the recording is as long as what was sent', (_how, byMs) => {
    const outcome = follow(shifted(show(60, 6 * hour), 30_000, byMs));
    expectForward(outcome);
    expect(Math.max(...errorsOf(outcome))).toBeLessThanOrEqual(45);
    expect(outcome.some(({ jumpMs }) => Math.abs(jumpMs - byMs) < 50)).toBe(true);
  });

  it.each(['video', 'audio'] as const)('may be wild for a single frame of %s', (track) => {
    for (const byMs of [4 * hour, -4 * hour, 1_500]) {
      const sent = show(20, 5 * hour);
      const wild = sent.findIndex((one) => one.track === track && one.true > 10_000);
      const outcome = follow(sent.map((one, index) => (index === wild ? { ...one, sent: one.sent + byMs } : one)));
      expectForward(outcome);
      expect(Math.max(...errorsOf(outcome.slice(wild + 1)).slice(1))).toBeLessThanOrEqual(45);
    }
  });

  it('may be wild for the only track there is', () => {
    const sent = show(20).filter((one) => one.track === 'video');
    const outcome = follow(sent.map((one, index) => (index === 200 ? { ...one, sent: one.sent + hour } : one)));
    expectForward(outcome);
    expect(Math.max(...errorsOf(outcome))).toBeLessThanOrEqual(1);
  });

  it('goes on where its 32 bits begin again', () => {
    const outcome = follow(show(60, 2 ** 32 - 30_000));
    expect(Math.max(...errorsOf(outcome))).toBe(0);
  });

  it('keeps a pause in which nothing came', () => {
    const outcome = follow(show(30).filter((one) => one.true < 10_000 || one.true > 18_000));
    expect(Math.max(...errorsOf(outcome))).toBe(0);
  });

  it('keeps a picture frozen while the sound goes on, and a silence', () => {
    for (const track of ['video', 'audio'] as const) {
      const sent = show(90).filter((one) => one.track !== track || one.true < 10_000 || one.true > 70_000);
      const outcome = follow(sent, () => 0);
      expect(Math.max(...errorsOf(outcome))).toBe(0);
    }
  });

  it('keeps a burst after a stalled line apart from a jump', () => {
    const outcome = follow(show(30), (one) => Math.max(one.true, Math.min(20_000, one.true + 10_000)));
    expect(Math.max(...errorsOf(outcome))).toBe(0);
  });

  it('has two tracks on one clock again after both jumped', () => {
    const outcome = follow(shifted(shifted(show(60), 20_000, hour), 40_000, -2 * hour));
    const late = outcome.filter((one) => one.true > 45_000);
    const offset = (track: Track) => {
      const one = late.find((each) => each.track === track);
      return (one?.at ?? 0) - (one?.true ?? 0);
    };
    expect(Math.abs(offset('video') - offset('audio'))).toBeLessThanOrEqual(45);
  });

  it('never goes back, whatever is sent', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            track: fc.constantFrom<Track>('video', 'audio'),
            sent: fc.nat({ max: 0xffffffff }),
            waited: fc.nat({ max: 100_000 }),
          }),
          { maxLength: 60 },
        ),
        (frames) => {
          let now = 0;
          const clock = new MediaClock();
          const outcome = frames.map(({ track, sent, waited }) => {
            now += waited;
            return { track, true: 0, ...clock.place(track, sent, now) };
          });
          expectForward(outcome);
        },
      ),
    );
  });
});
