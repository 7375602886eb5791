import type { LegPlan } from '../../../domain/plan.ts';
import type { EventStatus, LegStatus } from '../../../domain/report.ts';
import { until } from '../../support/until.ts';
import type { TestEnvironment } from '../environment-types.ts';

/** Two legs, each on an account of its own. */
export const twoLegs = (second: Partial<LegPlan> = {}): LegPlan[] => [
  { name: 'main', vendor: 'alibaba-oss', account: 'a' },
  { name: 'backup', vendor: 'alibaba-oss', account: 'b', ...second },
];

export const legOf = ({ legs }: EventStatus, name: string): LegStatus | undefined =>
  legs?.find((leg) => leg.name === name);

/** Looks at an event until it is as awaited. */
export function looksAt({ showcaller }: TestEnvironment, eventId: string) {
  const status = () => showcaller.status(eventId);
  const when = (is: (status: EventStatus) => boolean) =>
    until(async () => {
      const now = await status().catch(() => undefined);
      return now && is(now) && now;
    });
  const reaches = (name: string, phase: string) => when((now) => legOf(now, name)?.status?.phase === phase);
  return { status, when, reaches };
}
