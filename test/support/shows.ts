import { randomUUID } from 'node:crypto';
import type { Activities } from '../../activities/contract.ts';
import { createActivities } from '../../activities/index.ts';
import type { ViewerGet } from '../../activities/on-air/viewer.ts';
import type { PollerPort } from '../../activities/ports.ts';
import type { Plan } from '../../domain/plan.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import { driverContext } from './accounts.ts';
import { FakeVendor } from './fake-driver.ts';

/** Waits take this share of their usual time in tests of the workflow. */
export const testTimeScale = 0.02;

/** A vendor in memory and the activities that speak to it. */
export function fakeVendor(poller?: PollerPort, viewer?: ViewerGet): { vendor: FakeVendor; activities: Activities } {
  const vendor = new FakeVendor();
  const accounts = () => ['default', 'poller-test'];
  const activities = activitiesOn(vendor, { accounts, timeScale: testTimeScale, poller, ...(viewer && { viewer }) });
  return { vendor, activities };
}

type Deps = Partial<Parameters<typeof createActivities>[0]>;

const usual = { http: driverContext.http, secrets: () => [], proofGraceMs: 5000 };

/** The activities that speak to a vendor in memory; waits take their usual time. */
export const activitiesOn = (vendor: FakeVendor, more: Deps = {}): Activities =>
  createActivities({
    ...usual,
    driver: async (_vendor, account) => vendor.driver(account),
    accounts: () => ['default'],
    timeScale: 1,
    ...more,
  });

/** The vendor's driver with these methods in place of its own. */
export const driverWith =
  (vendor: FakeVendor, changes: (driver: VendorDriver) => Partial<VendorDriver>) =>
  async (_vendor: string, account: string): Promise<VendorDriver> => {
    const driver = vendor.driver(account);
    return { ...driver, ...changes(driver) };
  };

/** The activities, quick, with a vendor for each account: for the legs of an event. */
export const activitiesOnAccounts = (vendors: Readonly<Record<string, FakeVendor>>, more: Deps = {}): Activities =>
  createActivities({
    ...usual,
    driver: async (_vendor, account) => {
      const vendor = vendors[account];
      if (!vendor) throw new Error(`there is no account ${account}`);
      return vendor.driver(account);
    },
    accounts: () => Object.keys(vendors),
    timeScale: testTimeScale,
    ...more,
  });

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
