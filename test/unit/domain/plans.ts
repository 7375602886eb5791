import fc from 'fast-check';
import type { PreparedPlan } from '../../../domain/plan.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const noon = Date.UTC(2026, 11, 1, 12);

/** A show from noon to one, allocated at 11:45, opened at 11:50, over at six at the latest. */
export const preparedPlan = (changes: Partial<PreparedPlan> = {}): PreparedPlan => ({
  eventId: 'town-hall',
  title: 'Town hall',
  vendor: 'fake',
  account: 'default',
  startsAt: noon,
  endsAt: noon + hour,
  hardEndsAt: noon + 6 * hour,
  warmUpMs: 15 * minute,
  startLeadMs: 10 * minute,
  standby: false,
  sources: [],
  waits: { firstConnectMs: 30 * minute, encoderLostMs: 5 * minute, maxDurationMs: 6 * hour },
  vod: { publish: true, deadlineMs: 24 * hour },
  vendorOptions: {},
  capabilities: {
    standby: false,
    relay: false,
    vodNeedsChannel: false,
  },
  ...changes,
});

const upTo = (max: number, min = 0) => fc.integer({ min, max });

/** Any plan that `checkPlan` could have prepared. */
export const anyPlan: fc.Arbitrary<PreparedPlan> = fc
  .record({
    startsAt: upTo(noon + 1000 * hour, noon - 1000 * hour),
    showMs: upTo(24 * hour, 1),
    spareMs: upTo(24 * hour),
    leadMs: upTo(2 * hour),
    extraWarmUpMs: upTo(2 * hour),
    firstConnectMs: upTo(3 * hour, 1),
    encoderLostMs: upTo(3 * hour, 1),
    overrun: fc.option(fc.record({ stepMs: upTo(hour, 1), share: fc.double({ min: 0.01, max: 1, noNaN: true }) }), {
      nil: undefined,
    }),
  })
  .map(({ startsAt, showMs, spareMs, leadMs, extraWarmUpMs, firstConnectMs, encoderLostMs, overrun }) => {
    const endsAt = startsAt + showMs;
    const until = overrun && Math.ceil(endsAt + spareMs * overrun.share);
    return preparedPlan({
      startsAt,
      endsAt,
      hardEndsAt: endsAt + spareMs,
      startLeadMs: leadMs,
      warmUpMs: leadMs + extraWarmUpMs,
      waits: { firstConnectMs, encoderLostMs, maxDurationMs: showMs + spareMs },
      ...(overrun && until !== undefined && until > endsAt && { overrun: { stepMs: overrun.stepMs, until } }),
    });
  });
