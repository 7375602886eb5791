import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunClock } from '../../../activities/run-clock.ts';
import { isOver, type Phase, phases } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { attemptStart } from '../../../worker/attempt.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const second = 1000;
const minute = 60 * second;

/** Seconds from the start of the show; the vendor and Temporal have the right time. */
const shows = {
  'to its end': {
    turns: [
      [10, 60],
      [90, undefined],
    ],
    ends: 'reached-end',
    earliest: 180,
    latest: 181,
  },
  'without an encoder': { turns: [], ends: 'encoder-never-connected', earliest: 60, latest: 61 },
  // The loss is seen by the next look, ten seconds later at most, and confirmed by one more.
  'whose encoder goes away': { turns: [[10, 60]], ends: 'encoder-gone', earliest: 120, latest: 136 },
} as const satisfies Record<string, ScriptedShow>;

interface ScriptedShow {
  turns: readonly (readonly [from: number, to: number | undefined])[];
  ends: EventStatus['endReason'];
  earliest: number;
  latest: number;
}

export const wrongClocks = {
  '20 minutes behind': { ms: -20 * minute },
  '20 minutes ahead': { ms: 20 * minute },
  'an hour ahead for ten seconds': { ms: 60 * minute, lastsMs: 10 * second },
} as const satisfies Record<string, { ms: number; lastsMs?: number }>;

export const runningPhases = phases.filter((phase) => !isOver(phase));

/** A clock that is wrong from the moment the run enters a phase until it leaves it, or all the time. */
export class WrongClock {
  readonly #fault: { ms: number; lastsMs?: number };
  readonly #isWrongIn: Phase | 'all';
  #since: number | undefined;

  constructor(fault: { ms: number; lastsMs?: number }, isWrongIn: Phase | 'all') {
    this.#fault = fault;
    this.#isWrongIn = isWrongIn;
  }

  /** How far it is off in a phase. */
  skewMs(phase: Phase | undefined): number {
    const { ms, lastsMs } = this.#fault;
    if (this.#isWrongIn === 'all' || this.#isWrongIn === phase) this.#since ??= performance.now();
    else if (lastsMs === undefined) this.#since = undefined;
    if (this.#since === undefined) return 0;
    return performance.now() - this.#since > (lastsMs ?? Number.POSITIVE_INFINITY) ? 0 : ms;
  }
}

/** Plays a show on a worker with a wrong clock, beside one with the right time where there are two. */
async function play({ turns }: ScriptedShow, clock: WrongClock, workers: number) {
  const own = await testEnvironment();
  const vendor = new FakeVendor();
  // Each step takes a moment, so that a clock can go wrong in each of them.
  for (const method of ['allocate', 'start', 'createOutput', 'stop', 'publishVod', 'cleanUp'] as const)
    vendor.fail(method, 'not-yet', 5);
  const worker = (skewMs: number | (() => number)) =>
    own.work(activitiesOn(vendor, { clock: new RunClock({ startedAt: attemptStart(own.client) }) }), { skewMs });
  const startsAt = Math.ceil(Date.now() / second) * second + 90 * second;
  const waits = { firstConnect: '60s', encoderLost: '60s' };
  const plan = planFor({
    startsAt: new Date(startsAt).toISOString(),
    duration: '180s',
    warmUp: '60s',
    startLead: '30s',
    waits,
    vod: { deadline: '10m' },
  });
  await worker(() => clock.skewMs(own.phaseOf(plan.eventId)));
  if (workers > 1) await worker(0);
  await own.showcaller.start(plan);
  const name = `sc-${plan.eventId}`;
  const acts = turns.flatMap(([from, to]) => [
    { at: from, act: () => vendor.connect(name) },
    ...(to === undefined ? [] : [{ at: to, act: () => vendor.disconnect(name) }]),
  ]);
  const playing = acts.map(async ({ at, act }) => {
    await pause(startsAt + at * second - Date.now());
    act();
  });
  const report = await own.showcaller.result(plan.eventId);
  await Promise.all(playing);

  await own.close();
  return { report, startsAt, left: vendor.channels.size, made: vendor.made };
}

const within = (at: number | undefined, from: number, to: number) => {
  expect(at).toBeGreaterThanOrEqual(from);
  expect(at).toBeLessThanOrEqual(to);
};

interface WrongClockShow {
  title: string;
  show: ScriptedShow;
  how: string;
  fault: { ms: number; lastsMs?: number };
  isWrongIn: Phase | 'all';
  workers: 1 | 2;
  turn: number;
}

const all: readonly WrongClockShow[] = Object.entries<ScriptedShow>(shows).flatMap(([title, show], i) =>
  Object.entries<WrongClockShow['fault']>(wrongClocks).flatMap(([how, fault], j) =>
    (['all', ...runningPhases] as const).flatMap((isWrongIn, k) =>
      ([1, 2] as const).map((workers) => ({
        title,
        show,
        how,
        fault,
        isWrongIn,
        workers,
        turn: (i + j + k + workers) % 3,
      })),
    ),
  ),
);

/** Every wrong clock in every phase: in each of the shows, or in one of them, in turn. */
export function wrongClocksLoseNothing(each: 'show' | 'clock'): void {
  let env: TestEnvironment;
  beforeAll(async () => {
    env = await testEnvironment();
  });
  afterAll(() => env.close());

  describe.concurrent('a worker with a wrong clock meets the cues and loses nothing', () => {
    it.each(all.filter(({ turn }) => each === 'show' || turn === 0))(
      'in a show $title, $how in $isWrongIn, with $workers worker(s)',
      async ({ show, fault, isWrongIn, workers }) => {
        const { report, startsAt, left, made } = await play(show, new WrongClock(fault, isWrongIn), workers);
        const { entered, endReason, released, windows, vod, troubles } = report;
        expect({ endReason, released, left, made, troubles }).toEqual({
          endReason: show.ends,
          released: true,
          left: 0,
          made: 1,
          troubles: [],
        });
        within(entered.allocating, startsAt - 60 * second, startsAt - 59 * second);
        within(entered.starting, startsAt - 30 * second, startsAt - 29 * second);
        within(entered.stopping, startsAt + show.earliest * second, startsAt + show.latest * second);
        expect(windows).toHaveLength(show.turns.length);
        show.turns.forEach(([from, to = 180], i) => {
          within(windows[i]?.from, startsAt + (from - 1) * second, startsAt + (from + 1) * second);
          // Of the last window the end is that of the stop, which takes some seconds here.
          within(windows[i]?.to, startsAt + (to - 1) * second, startsAt + (to === 180 ? to + 15 : to + 1) * second);
        });
        expect(vod.map(({ proof }) => proof.proved)).toEqual(show.turns.length > 0 ? [true] : []);
      },
    );
  });
}
