import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweepNow } from '../../../client/sweep.ts';
import { workflowIdOf } from '../../../domain/ids.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { type Encoder, startEncoder } from '../../../simulators/kit/encoder.ts';
import { driversOf } from '../../../vendors/drivers.ts';
import { ingestEndpoints } from '../../../vendors/ingest.ts';
import { vendors } from '../../../vendors/registry.ts';
import { driverContext } from '../../support/accounts.ts';
import { until } from '../../support/until.ts';
import { ScenarioAccounts } from './accounts.ts';
import { openHarness } from './faults-harness.ts';
import { differences } from './usage.ts';

let accounts: ScenarioAccounts;

beforeAll(async () => {
  accounts = await ScenarioAccounts.open();
});
afterAll(() => accounts.close());

it.each(vendors.map(({ name }) => name))(
  'counts on %s what a terminated run left until the sweep released it',
  async (vendor) => {
    const env = accounts.env({ poller: false });
    const eventId = `cut-${randomUUID().slice(0, 8)}`;
    const harness = await openHarness({ vendor, accountName: `cut-${vendor.slice(0, 3)}` });
    accounts.hire(vendor, harness.account);
    let encoder: Encoder | undefined;
    try {
      const account = harness.account.name;
      const waits = { firstConnect: '60s', encoderLost: '60s' };
      await env.showcaller.start({ eventId, vendor, account, duration: '10m', warmUp: '1s', startLead: '1s', waits });
      const reaches = (is: (status: EventStatus) => boolean) =>
        until(async () => {
          const status = await env.showcaller.status(eventId).catch(() => undefined);
          return status && is(status) && status;
        });
      const { channel } = await reaches(({ entered }) => entered['waiting-for-encoder'] !== undefined);
      if (!channel) throw new Error('it has no channel');
      const [endpoint] = await ingestEndpoints(driversOf(accounts.accounts, driverContext), channel);
      encoder = await until(() => startEncoder({ url: endpoint?.url ?? '' }).catch(() => undefined));
      await reaches(({ phase }) => phase === 'live');
      await pause(1_500);
      await env.client.workflow.getHandle(workflowIdOf(eventId)).terminate('the test ends it');
      // Nothing releases it for a while, and the encoder goes on.
      await pause(3_000);
      const cutOff = await env.showcaller.usageOf(eventId);
      expect(differences(cutOff.spans, { spans: harness.billed(), at: Date.now() })).toEqual([]);
      await sweepNow(env.client, { taskQueue: env.taskQueue, graceMs: 500 });
      const at = Date.now();
      expect(harness.left()).toEqual([]);
      await pause(2_000);
      const usage = await env.showcaller.usageOf(eventId);
      const spans = usage.spans.map((span) => (span.goesOn ? { ...span, to: at } : span));
      const billed = harness.billed().map((span) => ({ ...span, to: Math.min(span.to ?? at, at) }));
      expect(differences(spans, { spans: billed, at })).toEqual([]);
      expect(spans.some(({ to, from }) => to - from > 4_000)).toBe(true);
    } finally {
      await encoder?.drop();
      accounts.letGo(harness.account);
      await harness.close();
    }
  },
);
