import { type Phase, runningPhases } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import type { PlaybackFaultKind } from '../../../simulators/kit/types.ts';
import { Prng } from '../prng.ts';
import { operations } from './cloud-driver.ts';
import type { FaultKind, PlannedFault } from './network.ts';

const second = 1000;
const minute = 60 * second;

export type OperatorAction =
  | { do: 'stopNow'; keepRecording: boolean }
  | { do: 'extend'; inMs: number }
  | { do: 'reschedule'; inMs: number; forMs: number }
  | { do: 'skipWait' | 'resetEncoder' | 'retryVod' | 'cancel' };

/** Something that begins so long after the run has entered a phase. */
export interface Timed<T> {
  after: Phase;
  laterMs: number;
  what: T;
}

export type Happening =
  | { kind: 'fault'; fault: PlannedFault }
  /** Transitions that begin from now on take so much longer. */
  | { kind: 'stuck'; forMs: number; untilMs: number }
  /** A worker is killed, and another starts so long afterwards. */
  | { kind: 'kill'; downMs: number }
  /** Temporal is killed and started again: what waits to be tried again begins at once. */
  | { kind: 'restart' }
  | { kind: 'operator'; action: OperatorAction };

export interface EncoderScript {
  /** After the channel accepts encoders; undefined for never. */
  comesMs: number | undefined;
  turns: { sendMs: number; awayMs: number }[];
  /** After the turns, until the end. */
  stays: boolean;
}

export interface ViewingScript {
  segmentMs: number;
  /** So long after the run was live; a late first segment is late from the beginning. */
  faults: { kind: PlaybackFaultKind; laterMs: number; forMs: number }[];
}

/** One random show of real length, and everything that goes wrong in it. */
export interface Scenario {
  seed: number;
  plan: Plan & { eventId: string };
  /** From the beginning; others come later. */
  faults: PlannedFault[];
  happenings: Timed<Happening>[];
  encoder: EncoderScript;
  workers: number;
  /** How far the clock of each worker's machine is off, milliseconds. */
  skewMs: number;
  /** One poller looks at all channels of the account. */
  polls: boolean;
  /** Its tenant has a budget for each month, far beyond what it uses. */
  hasBudget: boolean;
  /** How viewers are served; it matters where a poller looks as they do. */
  viewing: ViewingScript;
  listsLagMs: number;
  isRough: boolean;
  /** Things due in the same millisecond happen in a random order. */
  isShuffled: boolean;
}

const faultKinds: readonly (readonly [number, FaultKind])[] = [
  [4, 'answer-lost'],
  [2, 'answer-never-comes'],
  [3, 'throttled'],
  [3, 'unavailable'],
  [1, 'cut-off'],
  [2, 'never-answered'],
  [3, 'late'],
  [2, 'wrong-shape'],
  [1, 'quota'],
  [1, 'unauthorized'],
  [1, 'invalid'],
];

/** The show of a seed, the same on every machine. */
export function scenarioOf(seed: number): Scenario {
  const prng = new Prng(seed);
  const durationMs =
    prng.weighted([
      [6, prng.between(2, 10)],
      [3, prng.between(10, 40)],
      [1, prng.between(40, 180)],
    ]) * minute;
  const moreMs = prng.between(0, 60) * minute;
  const prolongs = moreMs > 0 && prng.chance(0.2);
  const hasBudget = new Prng(seed * 8 + 1).chance(0.07);
  return {
    seed,
    plan: {
      eventId: `show-${seed}`,
      ...(hasBudget && { tenant: 'acme' }),
      // Both record from the first frame; only the first needs its channel until the recording is published.
      vendor: prng.oneOf(['alibaba-oss', 'aws-ivs']),
      startsAfter: `${prng.chance(0.5) ? 0 : prng.between(1, 600)}m`,
      duration: `${durationMs}ms`,
      warmUp: `${prng.between(0, 20)}m`,
      startLead: `${prng.between(0, 10)}m`,
      waits: {
        firstConnect: `${prng.chance(0.7) ? prng.between(1, 5) : prng.between(5, 40)}m`,
        encoderLost: `${prng.between(1, 15)}m`,
        maxDuration: `${durationMs + moreMs}ms`,
      },
      ...(prolongs && { overrun: { while: 'encoder-connected', step: '5m', until: `${moreMs}ms` } }),
      vod: { publish: prng.chance(0.9), deadline: '3h' },
    },
    faults: several(prng, prng.chance(0.1) ? 0 : prng.between(0, 4), faultOf),
    happenings: [
      ...several(
        prng,
        prng.between(0, 3),
        (one): Timed<Happening> => atSomeTime(one, { kind: 'fault', fault: faultOf(one) }),
      ),
      ...several(
        prng,
        prng.weighted([
          [4, 0],
          [1, 1],
        ]),
        stuckOf,
      ),
      ...several(
        prng,
        prng.weighted([
          [5, 0],
          [3, 1],
          [2, prng.between(2, 5)],
        ]),
        killOf,
      ),
      ...several(
        prng,
        prng.weighted([
          [4, 0],
          [4, 1],
          [3, 2],
          [1, 4],
        ]),
        operatorOf,
      ),
      ...restartsOf(new Prng(seed * 8 + 6)),
    ],
    encoder: encoderOf(prng),
    workers: prng.chance(0.3) ? 2 : 1,
    skewMs: prng.chance(0.2) ? prng.between(-1200, 1200) * second : 0,
    polls: prng.chance(0.3),
    hasBudget,
    viewing: viewingOf(new Prng(seed * 8 + 3)),
    listsLagMs: prng.chance(0.5) ? 0 : prng.between(0, 60) * second,
    isRough: prng.chance(0.3),
    isShuffled: prng.chance(0.5),
  };
}

const several = <T>(prng: Prng, count: number, make: (prng: Prng) => T): T[] =>
  Array.from({ length: count }, () => make(prng));

const faultOf = (prng: Prng): PlannedFault => ({
  kind: prng.weighted(faultKinds),
  operation: prng.chance(0.15) ? '*' : prng.oneOf(operations),
  skip: prng.chance(0.5) ? 0 : prng.between(1, 6),
  times: prng.weighted([
    [6, 1],
    [3, prng.between(2, 12)],
    [1, 200],
  ]),
  delayMs: prng.between(1, 60) * second,
});

/** Just when the run enters a phase, or any time in it. */
const atSomeTime = (prng: Prng, what: Happening): Timed<Happening> => ({
  after: prng.oneOf(runningPhases),
  laterMs: prng.weighted([
    [5, prng.between(0, 800)],
    [3, prng.between(0, 5 * minute)],
    [2, prng.between(0, 30 * minute)],
  ]),
  what,
});

const stuckOf = (prng: Prng) =>
  atSomeTime(prng, {
    kind: 'stuck',
    forMs: prng.between(1, 20) * minute,
    untilMs: prng.between(1, 30) * minute,
  });

const killOf = (prng: Prng) =>
  atSomeTime(prng, {
    kind: 'kill',
    downMs: prng.chance(0.5) ? prng.between(0, 5) * second : prng.between(0, 20) * minute,
  });

/** Of a generator of its own. */
const restartsOf = (prng: Prng): Timed<Happening>[] =>
  several(prng, prng.chance(0.7) ? 0 : prng.between(1, 3), (one) => atSomeTime(one, { kind: 'restart' }));

const operatorOf = (prng: Prng) => atSomeTime(prng, { kind: 'operator', action: actionOf(prng) });

const actionOf = (prng: Prng): OperatorAction => {
  const inMs = prng.between(1, 90) * minute;
  return prng.weighted<OperatorAction>([
    [3, { do: 'stopNow', keepRecording: prng.chance(0.7) }],
    [3, { do: 'extend', inMs }],
    [2, { do: 'reschedule', inMs, forMs: prng.between(1, 120) * minute }],
    [2, { do: 'skipWait' }],
    [3, { do: 'resetEncoder' }],
    [2, { do: 'retryVod' }],
    [2, { do: 'cancel' }],
  ]);
};

const playbackFaults: readonly (readonly [number, PlaybackFaultKind])[] = [
  [4, 'freeze'],
  [2, 'stale'],
  [3, 'gone'],
  [1, 'late-first-segment'],
  [1, 'one-variant-dead'],
];

/** Of a generator of its own. */
const viewingOf = (prng: Prng): ViewingScript => ({
  segmentMs: prng.between(2, 8) * second,
  faults: several(prng, prng.chance(0.3) ? 0 : prng.between(1, 4), (one) => ({
    kind: one.weighted(playbackFaults),
    laterMs: one.between(0, 10 * minute),
    forMs: one.chance(0.5) ? one.between(1, 60) * second : one.between(1, 10) * minute,
  })),
});

const encoderOf = (prng: Prng): EncoderScript => ({
  comesMs: prng.weighted<number | undefined>([
    [1, undefined],
    [7, prng.between(0, minute)],
    [2, prng.between(0, 20 * minute)],
  ]),
  turns: several(
    prng,
    prng.weighted([
      [5, 0],
      [3, 1],
      [2, prng.between(2, 6)],
      [1, 40],
    ]),
    (one) => ({
      sendMs: one.between(1, one.chance(0.8) ? 5 * minute : 40 * minute),
      awayMs: one.chance(0.5) ? one.between(0, 20 * second) : one.between(0, 20 * minute),
    }),
  ),
  stays: prng.chance(0.8),
});
