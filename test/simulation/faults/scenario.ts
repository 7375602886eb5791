import { isOver, type Phase, phases } from '../../../domain/phases.ts';
import type { FaultKind, PlaybackFaultKind } from '../../../simulators/kit/types.ts';
import { Prng } from '../prng.ts';
import { faultyVendors, operationsOf } from './operations.ts';

/** One thing that goes wrong at the vendor. */
export interface PlannedFault {
  kind: FaultKind;
  operation: string;
  /** Put there when the run enters this phase; default: before it starts. */
  from?: Phase;
  skip: number;
  /** `lasting`: until it is lifted, when the run can do nothing but try. */
  times: number | 'lasting';
  delayMs?: number;
}

/** What the sender of the picture does. It knocks until it is let in, and again when it was thrown out. */
export type EncoderPart =
  | { kind: 'never' }
  /** Knocks with a key that is not the channel's. */
  | { kind: 'wrong-key' }
  | {
      kind: 'sends';
      /** After the channel is open; `early`: as soon as there is a channel. */
      comes: number | 'early';
      /** Spans of sending, each followed by a span of silence. */
      turns: { sendMs: number; awayMs: number; politely: boolean }[];
      /** After the turns. */
      afterwards: 'stays' | 'leaves';
    };

export type OperatorAction =
  | { do: 'stopNow'; keepRecording: boolean }
  | { do: 'extend'; byMs: number }
  | { do: 'reschedule'; byMs: number }
  | { do: 'skipWait' | 'resetEncoder' | 'retryVod' | 'cancel' };

export interface OperatorPart {
  action: OperatorAction;
  /** When the run has entered this phase, or is over. */
  after: Phase | 'the end';
  laterMs: number;
}

/** One random show: what is planned, what goes wrong, what people do. Milliseconds. */
export interface Scenario {
  seed: number;
  vendor: string;
  plan: {
    startsAfterMs: number;
    durationMs: number;
    firstConnectMs: number;
    encoderLostMs: number;
    maxDurationMs: number;
    publish: boolean;
  };
  /** A channel of another event, under a name that begins like ours, stands in the same account. */
  neighbour: boolean;
  /** One poller looks for all runs of the account, where the vendor can list; else each looks for itself. */
  poller: boolean;
  faults: PlannedFault[];
  encoder: EncoderPart;
  operators: OperatorPart[];
}

/** The scenario of a seed, the same on every machine. Seeds in a row take the vendors in turn. */
export function scenarioOf(seed: number): Scenario {
  const prng = new Prng(seed);
  const vendor = faultyVendors[seed % faultyVendors.length] ?? prng.oneOf(faultyVendors);
  const plan = planOf(prng);
  return {
    seed,
    vendor,
    plan,
    neighbour: prng.chance(0.5),
    poller: prng.chance(0.4),
    // Drawn by themselves, so that the courses of the seeds before stay.
    faults: [...faultsOf(prng, operationsOf[vendor] ?? []), ...playbackFaultsOf(new Prng(seed ^ 0x5eed))],
    encoder: encoderOf(prng),
    operators: operatorsOf(prng),
  };
}

function planOf(prng: Prng): Scenario['plan'] {
  const durationMs = prng.between(5_000, 8_000);
  return {
    startsAfterMs: prng.chance(0.3) ? prng.between(1_500, 3_000) : 0,
    durationMs,
    firstConnectMs: prng.between(2_000, 4_000),
    encoderLostMs: prng.between(800, 2_500),
    maxDurationMs: durationMs + prng.between(0, 3_000),
    publish: prng.chance(0.9),
  };
}

const kinds: readonly (readonly [number, FaultKind])[] = [
  [4, 'lose-response'],
  [3, 'throttle'],
  [3, 'unavailable'],
  [3, 'reset'],
  [2, 'hang'],
  [2, 'delay'],
  [1, 'quota'],
  [1, 'unauthorized'],
  [1, 'invalid'],
];
const beginnings: readonly (readonly [number, Phase | undefined])[] = [
  [5, undefined],
  [1, 'waiting-for-encoder'],
  [2, 'live'],
  [2, 'stopping'],
  [1, 'publishing-vod'],
  [1, 'cleaning-up'],
];

/** A few have none: what holds with faults must hold without. */
function faultsOf(prng: Prng, operations: readonly string[]): PlannedFault[] {
  const count = prng.chance(0.08) ? 0 : prng.between(1, 6);
  return Array.from({ length: count }, () => {
    const kind = prng.weighted(kinds);
    const from = prng.weighted(beginnings);
    return {
      kind,
      operation: prng.chance(0.2) ? '*' : prng.oneOf(operations),
      ...(from !== undefined && { from }),
      skip: prng.chance(0.5) ? 0 : prng.between(1, 4),
      times: prng.weighted<number | 'lasting'>([
        [6, 1],
        [3, prng.between(2, 5)],
        [2, 'lasting'],
      ]),
      ...(kind === 'delay' && { delayMs: prng.between(100, 2_500) }),
    };
  });
}

const playbackKinds: readonly (readonly [number, PlaybackFaultKind])[] = [
  [3, 'freeze'],
  [2, 'stale'],
  [2, 'gone'],
  [2, 'late-first-segment'],
  [1, 'one-variant-dead'],
];

/** What goes wrong for viewers alone; the shows of a poller are the ones that are looked at. */
function playbackFaultsOf(prng: Prng): PlannedFault[] {
  if (prng.chance(0.5)) return [];
  const from = prng.chance(0.5) ? 'live' : undefined;
  const times = prng.chance(0.5) ? 'lasting' : prng.between(3, 30);
  return [{ kind: prng.weighted(playbackKinds), operation: '*', ...(from && { from }), skip: 0, times }];
}

const encoderOf = (prng: Prng): EncoderPart =>
  prng.weighted<() => EncoderPart>([
    [1, () => ({ kind: 'never' })],
    [1, () => ({ kind: 'wrong-key' })],
    [4, () => ({ kind: 'sends', comes: 0, turns: [], afterwards: 'stays' })],
    [2, () => ({ kind: 'sends', comes: 'early', turns: [], afterwards: 'stays' })],
    [2, () => ({ kind: 'sends', comes: prng.between(500, 4_500), turns: [], afterwards: 'stays' })],
    [2, () => ({ kind: 'sends', comes: 0, turns: turnsOf(prng, 1), afterwards: 'stays' })],
    [1, () => ({ kind: 'sends', comes: 0, turns: turnsOf(prng, prng.between(2, 5)), afterwards: 'stays' })],
    [2, () => ({ kind: 'sends', comes: 0, turns: turnsOf(prng, 1), afterwards: 'leaves' })],
  ])();

const turnsOf = (prng: Prng, count: number) =>
  Array.from({ length: count }, () => ({
    sendMs: prng.between(300, 3_000),
    awayMs: prng.between(50, 1_500),
    politely: prng.chance(0.5),
  }));

const atAnyTime = phases.filter((phase) => !isOver(phase));

function operatorsOf(prng: Prng): OperatorPart[] {
  const count = prng.weighted([
    [5, 0],
    [4, 1],
    [2, 2],
    [1, 3],
  ]);
  return Array.from({ length: count }, () => {
    const action = actionOf(prng);
    const after = prng.chance(0.6) ? whereItMakesSense(prng, action) : prng.oneOf(atAnyTime);
    return { action, after, laterMs: prng.chance(0.3) ? 0 : prng.between(0, 2_500) };
  });
}

const actionOf = (prng: Prng): OperatorAction =>
  prng.weighted<() => OperatorAction>([
    [3, () => ({ do: 'stopNow', keepRecording: prng.chance(0.7) })],
    [2, () => ({ do: 'extend', byMs: prng.between(500, 3_000) })],
    [1, () => ({ do: 'reschedule', byMs: prng.between(-500, 1_500) })],
    [2, () => ({ do: 'skipWait' })],
    [3, () => ({ do: 'resetEncoder' })],
    [2, () => ({ do: 'retryVod' })],
    [2, () => ({ do: 'cancel' })],
  ])();

function whereItMakesSense(prng: Prng, { do: action }: OperatorAction): OperatorPart['after'] {
  switch (action) {
    case 'reschedule':
      return 'scheduled';
    case 'skipWait':
      return 'waiting-for-encoder';
    case 'retryVod':
      return prng.oneOf(['publishing-vod', 'the end']);
    case 'stopNow':
    case 'extend':
    case 'resetEncoder':
    case 'cancel':
      return prng.oneOf(['waiting-for-encoder', 'live']);
  }
}
