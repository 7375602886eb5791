import type { Phase } from '../../../domain/phases.ts';
import type { FaultKind } from '../../../simulators/kit/types.ts';
import { faultyVendors, operationsOf } from './operations.ts';
import { Dice } from './prng.ts';

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
  const dice = new Dice(seed);
  const vendor = faultyVendors[seed % faultyVendors.length] ?? dice.oneOf(faultyVendors);
  const plan = planOf(dice);
  return {
    seed,
    vendor,
    plan,
    neighbour: dice.chance(0.5),
    poller: dice.chance(0.4),
    faults: faultsOf(dice, operationsOf[vendor] ?? []),
    encoder: encoderOf(dice),
    operators: operatorsOf(dice),
  };
}

function planOf(dice: Dice): Scenario['plan'] {
  const durationMs = dice.between(5_000, 8_000);
  return {
    startsAfterMs: dice.chance(0.3) ? dice.between(1_500, 3_000) : 0,
    durationMs,
    firstConnectMs: dice.between(2_000, 4_000),
    encoderLostMs: dice.between(800, 2_500),
    maxDurationMs: durationMs + dice.between(0, 3_000),
    publish: dice.chance(0.9),
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
function faultsOf(dice: Dice, operations: readonly string[]): PlannedFault[] {
  const count = dice.chance(0.08) ? 0 : dice.between(1, 6);
  return Array.from({ length: count }, () => {
    const kind = dice.weighted(kinds);
    const from = dice.weighted(beginnings);
    return {
      kind,
      operation: dice.chance(0.2) ? '*' : dice.oneOf(operations),
      ...(from !== undefined && { from }),
      skip: dice.chance(0.5) ? 0 : dice.between(1, 4),
      times: dice.weighted<number | 'lasting'>([
        [6, 1],
        [3, dice.between(2, 5)],
        [2, 'lasting'],
      ]),
      ...(kind === 'delay' && { delayMs: dice.between(100, 2_500) }),
    };
  });
}

const encoderOf = (dice: Dice): EncoderPart =>
  dice.weighted<() => EncoderPart>([
    [1, () => ({ kind: 'never' })],
    [1, () => ({ kind: 'wrong-key' })],
    [4, () => ({ kind: 'sends', comes: 0, turns: [], afterwards: 'stays' })],
    [2, () => ({ kind: 'sends', comes: 'early', turns: [], afterwards: 'stays' })],
    [2, () => ({ kind: 'sends', comes: dice.between(500, 4_500), turns: [], afterwards: 'stays' })],
    [2, () => ({ kind: 'sends', comes: 0, turns: turnsOf(dice, 1), afterwards: 'stays' })],
    [1, () => ({ kind: 'sends', comes: 0, turns: turnsOf(dice, dice.between(2, 5)), afterwards: 'stays' })],
    [2, () => ({ kind: 'sends', comes: 0, turns: turnsOf(dice, 1), afterwards: 'leaves' })],
  ])();

const turnsOf = (dice: Dice, count: number) =>
  Array.from({ length: count }, () => ({
    sendMs: dice.between(300, 3_000),
    awayMs: dice.between(50, 1_500),
    politely: dice.chance(0.5),
  }));

const atAnyTime: readonly Phase[] = [
  'scheduled',
  'allocating',
  'starting',
  'creating-output',
  'waiting-for-encoder',
  'live',
  'encoder-lost',
  'stopping',
  'publishing-vod',
  'cleaning-up',
];

function operatorsOf(dice: Dice): OperatorPart[] {
  const count = dice.weighted([
    [5, 0],
    [4, 1],
    [2, 2],
    [1, 3],
  ]);
  return Array.from({ length: count }, () => {
    const action = actionOf(dice);
    const after = dice.chance(0.6) ? whereItMakesSense(dice, action) : dice.oneOf(atAnyTime);
    return { action, after, laterMs: dice.chance(0.3) ? 0 : dice.between(0, 2_500) };
  });
}

const actionOf = (dice: Dice): OperatorAction =>
  dice.weighted<() => OperatorAction>([
    [3, () => ({ do: 'stopNow', keepRecording: dice.chance(0.7) })],
    [2, () => ({ do: 'extend', byMs: dice.between(500, 3_000) })],
    [1, () => ({ do: 'reschedule', byMs: dice.between(-500, 1_500) })],
    [2, () => ({ do: 'skipWait' })],
    [3, () => ({ do: 'resetEncoder' })],
    [2, () => ({ do: 'retryVod' })],
    [2, () => ({ do: 'cancel' })],
  ])();

function whereItMakesSense(dice: Dice, { do: action }: OperatorAction): OperatorPart['after'] {
  switch (action) {
    case 'reschedule':
      return 'scheduled';
    case 'skipWait':
      return 'waiting-for-encoder';
    case 'retryVod':
      return dice.oneOf(['publishing-vod', 'the end']);
    case 'stopNow':
    case 'extend':
    case 'resetEncoder':
    case 'cancel':
      return dice.oneOf(['waiting-for-encoder', 'live']);
  }
}
