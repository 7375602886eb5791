import { InvalidPlanError } from '../client/errors.ts';
import type { Plan, PreparedPlan } from '../domain/plan.ts';
import type { EventStatus } from '../domain/report.ts';
import { formatDuration, formatInstant } from '../domain/time.ts';
import { checkPlan } from '../plan/check.ts';
import { simulators } from '../simulators/registry.ts';
import { type EncoderHabit, scriptsOf } from './encoder-habits.ts';
import { playEncoder, playLegs } from './encoder-script.ts';
import { say, UsageError } from './io.ts';
import { watchEvents } from './live-view.ts';
import { rehearsalPlan } from './rehearsal-plan.ts';
import { startStack } from './stack.ts';

export interface Rehearsal {
  factor: number;
  /** Each phase: when it was entered in the rehearsal, and the instant of the real day it stands for. */
  cues: { phase: string; rehearsedAt: string; standsFor: string }[];
  report: EventStatus;
}

/** Runs a plan against the simulators with time compressed, to see every cue before the day. */
export async function rehearse(input: Plan, habit: EncoderHabit | undefined): Promise<Rehearsal> {
  const checked = checkPlan(input, { now: Date.now() });
  if (!checked.ok) throw new InvalidPlanError(checked.problems);
  const real = checked.plan;
  const needed = vendorsOf(real);
  const missing = needed.find((one) => !simulators.some(({ vendor }) => vendor === one));
  if (missing !== undefined) throw new UsageError(`there is no simulator of ${missing} to rehearse against`);
  // The vendor's transitions shrink with the plan, but stay long enough to be seen.
  const own = 'the event of a rehearsal has the id of the real one';
  const stack = await startStack({ vendors: needed, timeScale: 0.2, proofGraceMs: 60_000, own });
  try {
    const { plan, factor, real: realInstant } = rehearsalPlan(real, Date.now());
    say(rehearsingText(real, factor, stack.temporal.uiUrl));
    await stack.client.start(plan);
    const { eventId, legs } = plan;
    const scripts = scriptsOf(habit, { legs, showMs: lengthOf(plan) });
    const playing = legs
      ? playLegs(stack, { eventId, legs, scripts }, 'fixture')
      : scripts[0] && playEncoder(stack, eventId, 'fixture', scripts[0]);
    // Awaited together: a failure of the encoder that is not awaited would end the process.
    const [[report]] = await Promise.all([watchEvents(stack.client, [plan.eventId]), playing]);
    if (!report) throw new Error('the rehearsal left no report');
    const cues = Object.entries(report.entered).map(([phase, at]) => ({
      phase,
      rehearsedAt: formatInstant(at),
      standsFor: formatInstant(Math.round(realInstant(at) / 1000) * 1000),
    }));
    return { factor, cues, report };
  } finally {
    await stack.stop();
  }
}

const vendorsOf = ({ vendor, legs }: PreparedPlan): string[] => legs?.legs.map((leg) => leg.vendor) ?? [vendor];

export function rehearsingText(real: PreparedPlan, factor: number, uiUrl: string | undefined): string {
  const length = formatDuration(real.endsAt - real.startsAt);
  const vendors = [...new Set(vendorsOf(real))].join(', ');
  return `rehearsing ${real.eventId} (${length} on ${vendors}), ${factor.toFixed(1)} times faster; Temporal UI: ${uiUrl}`;
}

const lengthOf = ({ startsAt = '', endsAt = '' }: Plan): number => Date.parse(endsAt) - Date.parse(startsAt);

export function rehearsalLines({ factor, cues }: Rehearsal): string[] {
  const rows = cues.map(
    ({ phase, rehearsedAt, standsFor }) => `  ${phase.padEnd(20)} ${rehearsedAt}   stands for ${standsFor}`,
  );
  return [`cues, ${factor.toFixed(1)} times faster than on the day:`, ...rows];
}
