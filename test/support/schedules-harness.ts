import { randomUUID } from 'node:crypto';
import type { ScheduleInput } from '../../client/schedules/input.ts';
import { ShowcallerSchedules } from '../../client/schedules/schedules.ts';
import type { Plan } from '../../domain/plan.ts';
import type { TestEnvironment } from './environment.ts';

/** Changes to a schedule; of its plan and its spec, only what is given is replaced. */
export type Changes = Omit<Partial<ScheduleInput>, 'plan' | 'spec'> & {
  plan?: Record<string, unknown>;
  spec?: Record<string, unknown>;
};

/** A daily show at noon in Berlin, begun a quarter of an hour before. */
export function scheduleFor({ plan, spec, ...changes }: Changes = {}): ScheduleInput {
  return {
    scheduleId: `s-${randomUUID().slice(0, 8)}`,
    overlap: 'skip',
    ...changes,
    plan: { vendor: 'alibaba-oss', duration: '1h', warmUp: '15m', startLead: '10m', ...plan } as Plan,
    spec: { cron: '0 12 * * *', timeZone: 'Europe/Berlin', ...spec } as ScheduleInput['spec'],
  };
}

export interface Schedules {
  schedules: ShowcallerSchedules;
  create(changes?: Changes): ReturnType<ShowcallerSchedules['create']>;
  /** Makes exactly this one. */
  keep(input: ScheduleInput): ReturnType<ShowcallerSchedules['create']>;
  /** Deletes what was made here, and ends its runs. */
  clear(): Promise<void>;
}

export function schedulesOf(env: TestEnvironment): Schedules {
  const schedules = new ShowcallerSchedules(env.client, { taskQueue: env.taskQueue });
  const made: string[] = [];
  const keep = async (input: ScheduleInput) => {
    const report = await schedules.create(input);
    made.push(report.scheduleId);
    return report;
  };
  return {
    schedules,
    keep,
    create: (changes) => keep(scheduleFor(changes)),
    clear: async () => {
      for (const scheduleId of made) {
        const running = await schedules.describe(scheduleId).then(
          (report) => report.running,
          () => [],
        );
        await schedules.delete(scheduleId).catch(() => {});
        for (const eventId of running) {
          await env.client.workflow
            .getHandle(`live-event/${eventId}`)
            .terminate('the test is over')
            .catch(() => {});
        }
      }
    },
  };
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/**
 * A show at the next full minute whose run begins in some seconds: cron knows no seconds, the warm-up does.
 * Nothing here waits; the caller waits for what is to come.
 */
export function soon(now = Date.now()): { startsAt: number; warmUp: string; cron: string } {
  const begins = Math.ceil(now / secondMs) * secondMs + 8 * secondMs;
  const startsAt = Math.ceil((begins + secondMs) / minuteMs) * minuteMs;
  const at = new Date(startsAt);
  return {
    startsAt,
    warmUp: `${(startsAt - begins) / secondMs}s`,
    cron: `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`,
  };
}
