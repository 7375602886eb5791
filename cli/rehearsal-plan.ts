import type { Plan, PreparedPlan } from '../domain/plan.ts';
import { cuesOf } from '../domain/timeline.ts';

/** How long a rehearsal takes from the allocation to the planned end, unless the plan is shorter. */
const rehearsalMs = 45_000;
/** The shortest rehearsal: the simulators' transitions do not shrink with the plan, and would fill a shorter one. */
const leastMs = { show: 12_000, lead: 1_000, firstConnect: 6_000, encoderLost: 4_000 };

export interface RehearsalPlan {
  /** What is run against the simulators. */
  plan: Plan & { eventId: string };
  /** How many times faster than the real plan. */
  factor: number;
  /** The instant of the real plan that an instant of the rehearsal stands for. Epoch milliseconds. */
  real(rehearsed: number): number;
}

/** The same plan with every wait and lead compressed, beginning now. */
export function rehearsalPlan(real: PreparedPlan, now: number): RehearsalPlan {
  const { allocateAt, endAt } = cuesOf(real, {});
  const factor = Math.max(1, (endAt - allocateAt) / rehearsalMs);
  const short = (ms: number, least: number) => Math.max(Math.min(ms, least), ms / factor);
  const warmUpMs = short(real.warmUpMs, leastMs.lead);
  const showMs = short(endAt - real.startsAt, leastMs.show);
  const startsAt = now + warmUpMs + leastMs.lead;
  const endsAt = startsAt + showMs;
  const text = (ms: number) => `${Math.round(ms)}ms`;
  const iso = (at: number) => new Date(at).toISOString();
  const { overrun, waits } = real;
  return {
    factor,
    real: (rehearsed) => real.startsAt + (rehearsed - startsAt) * factor,
    plan: {
      eventId: `rehearsal-${real.eventId}`.slice(0, 100),
      title: `Rehearsal of ${real.title}`.slice(0, 200),
      ...whereOf(real, (ms) => text(short(ms, leastMs.encoderLost))),
      startsAt: iso(startsAt),
      endsAt: iso(endsAt),
      warmUp: text(warmUpMs),
      startLead: text(Math.min(short(real.startLeadMs, leastMs.lead), warmUpMs)),
      ...(!real.legs && { standby: real.standby }),
      ...(!real.legs && { sources: real.sources }),
      waits: {
        firstConnect: text(short(waits.firstConnectMs, leastMs.firstConnect)),
        encoderLost: text(short(waits.encoderLostMs, leastMs.encoderLost)),
        maxDuration: text(Math.max(showMs, short(waits.maxDurationMs, showMs))),
      },
      ...(overrun && {
        overrun: {
          while: 'encoder-connected' as const,
          step: text(short(overrun.stepMs, leastMs.lead)),
          until: iso(endsAt + Math.max(0, overrun.until - endAt) / factor),
        },
      }),
      vod: { publish: real.vod.publish, deadline: '5m' },
    },
  };
}

/** The vendor, or the legs: at the accounts of the simulators, whatever the plan's are. */
function whereOf({ vendor, vendorOptions, legs }: PreparedPlan, text: (ms: number) => string): Partial<Plan> {
  if (!legs) return { vendor, vendorOptions };
  return {
    require: legs.require,
    failover: { dark: text(legs.darkMs) },
    legs: legs.legs.map(({ name, vendor: one, start, plan }) => ({
      name,
      vendor: one,
      start,
      ...(plan.sources && { sources: plan.sources }),
      ...(plan.vendorOptions && { vendorOptions: plan.vendorOptions }),
    })),
  };
}
