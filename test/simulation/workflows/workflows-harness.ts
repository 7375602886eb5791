import { afterAll, beforeAll } from 'vitest';
import type { Phase } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

export const by = { by: 'tester', reason: 'the test says so' };

/** A worker on a vendor in memory, for all tests of the file. */
export function workflowsHarness() {
  let env: TestEnvironment;
  const { vendor, activities } = fakeVendor();
  beforeAll(async () => {
    env = await testEnvironment();
    await env.work(activities);
  });
  afterAll(() => env.close());

  /** Starts an event and gives the handles a test needs. */
  async function show(overrides: Partial<Plan> = {}) {
    const plan = planFor(overrides);
    const { eventId } = plan;
    await env.showcaller.start(plan);
    const name = `sc-${eventId}`;
    return {
      eventId,
      name,
      connect: () => vendor.connect(name),
      disconnect: () => vendor.disconnect(name),
      reaches: (...phases: Phase[]) =>
        until(async () => {
          const status = await env.showcaller.status(eventId).catch(() => undefined);
          return (
            status && phases.some((phase) => phase === status.phase && status.entered[phase] !== undefined) && status
          );
        }),
      result: () => env.showcaller.result(eventId),
      history: async () => (await env.client.workflow.getHandle(`live-event/${eventId}`).fetchHistory()).events ?? [],
    };
  }

  return { vendor, show, env: () => env };
}
