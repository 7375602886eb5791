import fc from 'fast-check';
import type { Action } from './reference.ts';

/** One random show, its encoder and its operators. Milliseconds from the start of the show, unless named otherwise. */
export interface Scenario {
  vendor: string;
  /** When the run is started; after 0 it joins late, after the end it is missed. */
  beginsAt: number;
  durationMs: number;
  warmUpMs: number;
  startLeadMs: number;
  firstConnectMs: number;
  encoderLostMs: number;
  maxDurationMs: number;
  overrun?: { stepMs: number; untilMs: number };
  publish: boolean;
  /** When the encoder wants to send; it knocks until it is let in. */
  wants: { from: number; to: number }[];
  /** Instants inside an action count from the start of the show too. */
  actions: { at: number; action: Action }[];
}

/** Cues fall on full steps and what people do falls between them, mostly: then the outcome is certain. */
const stepMs = 1000;
const steps = (min: number, max: number) => fc.integer({ min, max }).map((n) => n * stepMs);
const between = (min: number, max: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min, max: max - 1 }).map((n) => n * stepMs + stepMs / 2) },
    { weight: 1, arbitrary: fc.integer({ min: min * stepMs, max: max * stepMs }) },
  );

/** After every end there may be. */
const forEver = 60 * stepMs;

const stays = fc.tuple(between(-2, 3)).map(([from]) => [{ from, to: forEver }]);
const leaves = fc.tuple(between(-2, 2), steps(1, 3)).map(([from, ms]) => [{ from, to: from + ms }]);
const returns = fc.tuple(between(-2, 2), steps(1, 2), steps(1, 2)).map(([from, sends, away]) => [
  { from, to: from + sends },
  { from: from + sends + away, to: forEver },
]);
const flaps = fc
  .tuple(between(-1, 2), fc.array(fc.tuple(fc.integer({ min: 20, max: 400 }), fc.integer({ min: 20, max: 400 }))))
  .map(([from, turns]) => {
    let at = from;
    return turns.map(([sends, away]) => {
      const window = { from: at, to: at + sends };
      at = window.to + away;
      return window;
    });
  });
const encoder: fc.Arbitrary<Scenario['wants']> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Scenario['wants']>([]) },
  { weight: 5, arbitrary: stays },
  { weight: 3, arbitrary: leaves },
  { weight: 4, arbitrary: returns },
  { weight: 2, arbitrary: flaps },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant('stopNow' as const), keepRecording: fc.boolean() }),
  fc.record({ do: fc.constant('extend' as const), endsAt: steps(-1, 8) }),
  fc.record({ do: fc.constant('extend' as const), endsAt: steps(2, 6) }),
  fc.record({ do: fc.constant('reschedule' as const), startsAt: steps(-1, 3), endsAt: steps(0, 6) }),
  fc.record({ do: fc.constant('skipWait' as const) }),
  fc.record({ do: fc.constant('resetEncoder' as const) }),
  fc.record({ do: fc.constant('cancel' as const) }),
);
const operators: fc.Arbitrary<Scenario['actions']> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Scenario['actions']>([]) },
  { weight: 3, arbitrary: fc.array(fc.record({ at: between(-3, 5), action }), { minLength: 1, maxLength: 3 }) },
);

const onTime = fc.constantFrom(-3000, -2000);
const begins = fc.oneof(
  { weight: 6, arbitrary: onTime },
  { weight: 2, arbitrary: fc.constant(500) },
  { weight: 1, arbitrary: fc.constant(30_000) },
);

export const anyScenario: fc.Arbitrary<Scenario> = fc
  .record({
    vendor: fc.constantFrom('alibaba-oss', 'azure-media-services'),
    beginsAt: begins,
    durationMs: steps(1, 3),
    warmUpMs: steps(0, 2),
    startLeadMs: steps(0, 2),
    firstConnectMs: steps(1, 2),
    encoderLostMs: steps(1, 2),
    moreMs: steps(0, 3),
    overrun: fc.option(fc.record({ stepMs: fc.constantFrom(500, 1000), untilMs: steps(1, 3) }), { nil: undefined }),
    publish: fc.boolean(),
    wants: encoder,
    actions: operators,
  })
  .map(({ moreMs, overrun, ...scenario }) => ({
    ...scenario,
    maxDurationMs: scenario.durationMs + moreMs,
    // A cap beyond the longest duration is a mistake in the plan.
    ...(overrun && moreMs > 0 && { overrun: { ...overrun, untilMs: Math.min(overrun.untilMs, moreMs) } }),
  }));
