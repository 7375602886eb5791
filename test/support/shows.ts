import { randomUUID } from 'node:crypto';
import type { Activities } from '../../activities/contract.ts';
import { createActivities } from '../../activities/index.ts';
import type { ViewerGet } from '../../activities/on-air/viewer.ts';
import type { PollerPort } from '../../activities/ports.ts';
import type { Plan } from '../../domain/plan.ts';
import { driverContext } from './accounts.ts';
import { FakeVendor } from './fake-driver.ts';

/** Waits take this share of their usual time in tests of the workflow. */
export const testTimeScale = 0.02;

/** A vendor in memory and the activities that speak to it. */
export function fakeVendor(poller?: PollerPort, viewer?: ViewerGet): { vendor: FakeVendor; activities: Activities } {
  const vendor = new FakeVendor();
  const activities = createActivities({
    http: driverContext.http,
    driver: async (_vendor, account) => vendor.driver(account),
    accounts: () => ['default', 'poller-test'],
    secrets: () => [],
    timeScale: testTimeScale,
    proofGraceMs: 5000,
    poller,
    ...(viewer && { viewer }),
  });
  return { vendor, activities };
}

let events = 0;
/** A plan for a show that starts now; every test names an event of its own. */
export function planFor(overrides: Partial<Plan> = {}): Plan & { eventId: string } {
  events += 1;
  return {
    eventId: `t-${randomUUID().slice(0, 8)}-${events}`,
    vendor: 'alibaba-oss',
    duration: '6s',
    warmUp: '1s',
    startLead: '1s',
    waits: { firstConnect: '5s', encoderLost: '1s' },
    ...overrides,
  };
}
