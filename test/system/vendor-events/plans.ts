import type { Plan } from '../../../domain/plan.ts';

const hourMs = 3_600_000;

/** Long before its start an event looks once a minute: what happens sooner happened because of a vendor event. */
export const longBefore = (): Partial<Plan> => ({
  startsAt: new Date(Date.now() + 2 * hourMs).toISOString(),
  duration: '10m',
  warmUp: '3h',
  startLead: '3h',
  waits: { firstConnect: '1h', encoderLost: '5m' },
});
