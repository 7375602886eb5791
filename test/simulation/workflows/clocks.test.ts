import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../../activities/index.ts';
import { RunClock } from '../../../activities/run-clock.ts';
import { isOver, type Phase, phases } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { attemptStart } from '../../../worker/clock.ts';
import { driverContext } from '../../support/accounts.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { planFor } from '../../support/shows.ts';
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

const faults = {
  '20 minutes behind': { ms: -20 * minute },
  '20 minutes ahead': { ms: 20 * minute },
  'an hour ahead for ten seconds': { ms: 60 * minute, lastsMs: 10 * second },
} as const satisfies Record<string, { ms: number; lastsMs?: number }>;

const runningPhases = phases.filter((phase) => !isOver(phase));

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

/** A clock that is wrong from the moment the run enters a phase, or all the time. */
class WrongClock {
  readonly #fault: { ms: number; lastsMs?: number };
  readonly #phase: Phase | 'all';
  #since: number | undefined;

  constructor(fault: { ms: number; lastsMs?: number }, phase: Phase | 'all') {
    this.#fault = fault;
    this.#phase = phase;
    if (phase === 'all') this.#since = performance.now();
  }

  see(phase: Phase): void {
    if (phase === this.#phase) this.#since ??= performance.now();
    else if (this.#phase !== 'all' && !this.#fault.lastsMs) this.#since = undefined;
  }

  get skewMs(): number {
    if (this.#since === undefined) return 0;
    const isOver = performance.now() - this.#since > (this.#fault.lastsMs ?? Number.POSITIVE_INFINITY);
    return isOver ? 0 : this.#fault.ms;
  }
}

/** Plays a show on a worker with a wrong clock, beside one with the right time where there are two. */
async function play({ turns }: ScriptedShow, clock: WrongClock, workers: number) {
  const own = await testEnvironment();
  const vendor = new FakeVendor();
  const driver = vendor.driver('default');
  // Each step takes a moment, so that a clock can go wrong in each of them.
  for (const method of ['allocate', 'start', 'createOutput', 'stop', 'publishVod', 'cleanUp'] as const)
    vendor.fail(method, 'not-yet', 5);
  const worker = (skewMs: number | (() => number)) =>
    own.work(
      createActivities({
        clock: new RunClock({ startedAt: attemptStart(own.client) }),
        http: driverContext.http,
        driver: async () => driver,
        accounts: () => ['default'],
        secrets: () => [],
        timeScale: 1,
        proofGraceMs: 5000,
      }),
      { skewMs },
    );
  await worker(() => clock.skewMs);
  if (workers > 1) await worker(0);

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
  await own.showcaller.start(plan);
  const handle = own.client.workflow.getHandle(`live-event/${plan.eventId}`);
  const isOver = handle.result().then(
    () => true,
    () => true,
  );
  const name = `sc-${plan.eventId}`;
  const acts = turns.flatMap(([from, to]) => [
    { at: from, act: () => vendor.connect(name) },
    ...(to === undefined ? [] : [{ at: to, act: () => vendor.disconnect(name) }]),
  ]);
  const playing = acts.map(async ({ at, act }) => {
    await pause(startsAt + at * second - Date.now());
    act();
  });

  while (!(await Promise.race([isOver, pause(second, false)])))
    clock.see((await handle.query<EventStatus>('status')).phase);
  await Promise.all(playing);
  const report = await handle.query<EventStatus>('status');

  await own.close();
  return { report, startsAt, left: vendor.channels.size, made: vendor.made };
}

const within = (at: number | undefined, from: number, to: number) => {
  expect(at).toBeGreaterThanOrEqual(from);
  expect(at).toBeLessThanOrEqual(to);
};

for (const [title, show] of Object.entries<ScriptedShow>(shows)) {
  for (const [how, fault] of Object.entries<{ ms: number; lastsMs?: number }>(faults)) {
    describe.concurrent(`a show ${title}, while the clock of a worker is ${how}`, () => {
      it.each([
        ['all', 1],
        ['all', 2],
        ...runningPhases.flatMap((phase) => [[phase, 1] as const, [phase, 2] as const]),
      ] as const)('in %s, with %i worker(s): meets its cues and loses nothing', async (phase, workers) => {
        const { report, startsAt, left, made } = await play(show, new WrongClock(fault, phase), workers);
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
      });
    });
  }
}
