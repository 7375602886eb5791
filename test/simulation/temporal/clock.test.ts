import { describe, expect, it } from 'vitest';
import { Clock, microtasksDone } from './clock.ts';

const stepMs = 25;

/** The instants at which a wait for `isOver` looks, on a clock from zero. */
async function looksUntil(isOver: (now: number) => boolean, happenings: readonly number[], changesNothing = false) {
  const clock = new Clock({ now: 0, random: () => 0 });
  for (const at of happenings) clock.in(at, () => {}, { changesNothing });
  const looks: number[] = [];
  await clock.drive(async () => {
    while (!isOver(clock.now)) {
      await clock.lookAgain(stepMs);
      looks.push(clock.now);
    }
  });
  return looks;
}

describe('a look that waits for something to happen', () => {
  it('comes at the first step after it, as a look at every step would', async () => {
    expect(await looksUntil((now) => now >= 700, [310, 700])).toEqual([325, 700]);
  });

  it('is repeated each minute while nothing happens, as some wait for an instant', async () => {
    expect(await looksUntil((now) => now >= 150_000, [])).toEqual([60_000, 120_000, 180_000]);
  });

  it('is not brought on by what changes nothing', async () => {
    expect(await looksUntil((now) => now >= 60_000, [310, 700], true)).toEqual([60_000]);
  });

  it('comes soon when much happens', async () => {
    const busy = Array.from({ length: 20 }, (_, i) => i * 10);
    expect(await looksUntil((now) => now >= 100, busy)).toEqual([25, 50, 75, 100]);
  });
});

describe('time', () => {
  it('stands still for work that takes more than microtasks', async () => {
    const clock = new Clock({ now: 0, random: () => 0 });
    const steps = async () => {
      for (let i = 0; i < 20; i += 1) await microtasksDone();
      return clock.now;
    };
    clock.in(50, () => {});
    expect(await clock.drive(() => clock.standStill(steps()))).toBe(0);
    const failing = clock.drive(() => clock.standStill(steps().then(() => Promise.reject(new Error('no')))));
    await expect(failing).rejects.toThrow('no');
  });
});
