import { afterEach, beforeEach, expect, it } from 'vitest';
import { workflowIdOf } from '../../../domain/ids.ts';
import { fakeAccounts } from '../../support/accounts.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { until } from '../../support/until.ts';

let env: TestEnvironment;
beforeEach(async () => {
  env = await testEnvironment();
  const vendor = new FakeVendor();
  await env.run(
    { accounts: fakeAccounts('default') },
    { drivers: async (_vendor, account) => vendor.driver(account), poller: false },
  );
});
afterEach(() => env.close());

/** A run that waits for its time. */
async function waiting(eventId: string) {
  const startsAt = new Date(Date.now() + 3_600_000).toISOString();
  await env.showcaller.start({ eventId, vendor: 'alibaba-oss', startsAt, duration: '60s' });
  const handle = env.client.workflow.getHandle(workflowIdOf(eventId));
  await until(async () => (await handle.fetchHistory()).events?.some((event) => event.timerStartedEventAttributes));
  return handle;
}

it('the Temporal UI shows where each run waits, by the lines of the source, though runs share the stacks', async () => {
  // Read by the second once the first has its own.
  for (const run of [await waiting('a'), await waiting('b')]) {
    expect(await run.query('__stack_trace')).toMatch(
      /at waitForItsTime \(.*workflows\/live-event\/live-event\.ts:\d+:\d+\)/,
    );
    expect(await run.query('__enhanced_stack_trace')).toMatchObject({
      stacks: expect.arrayContaining([
        { locations: [expect.objectContaining({ function_name: 'waitForItsTime', line: expect.any(Number) })] },
      ]),
    });
  }
});
