import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isProved, lengthMs, type Show, ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';

let harness: ShowHarness;
beforeAll(async () => {
  harness = await ShowHarness.open();
  await harness.work();
});
afterAll(() => harness.close());

const handleOf = ({ eventId }: Show) => harness.env.client.workflow.getHandle(`live-event/${eventId}`);

async function startAgain(show: Show): Promise<void> {
  await handleOf(show).terminate('the test says so');
  await harness.env.showcaller.start(show.plan);
}

/** As the Temporal UI does. */
const resetTo = (which: 'first' | 'last') => async (show: Show) => {
  const { events } = await handleOf(show).fetchHistory();
  const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  const task = which === 'first' ? tasks[0] : tasks.at(-1);
  const { runId } = await handleOf(show).describe();
  await harness.env.client.workflowService.resetWorkflowExecution({
    namespace: harness.env.namespace,
    workflowExecution: { workflowId: `live-event/${show.eventId}`, runId },
    reason: 'the test says so',
    requestId: randomUUID(),
    workflowTaskFinishEventId: task?.eventId,
  });
};

const ways = [
  ['terminated and started again', startAgain],
  ['reset to its first workflow task', resetTo('first')],
  ['reset to its last workflow task', resetTo('last')],
] as const;

const withoutQuery = (url: string): string | undefined => url.split('?')[0];

describe.each(ways)('a run that is %s while its show is on air', (_how, cutOff) => {
  it.concurrent.each(vendorNames)(
    'keeps encoder and key on %s, and proves the recording from its beginning',
    async (vendor) => {
      const show = await harness.show(vendor);
      const encoder = await show.airs(3000);
      let isDropped = false;
      void encoder.done.then(() => {
        isDropped = true;
      });
      const before = await show.reaches('live');
      const url = withoutQuery(await show.ingestUrl());
      const { runId } = await handleOf(show).describe();

      await cutOff(show);
      await until(async () => (await handleOf(show).describe()).runId !== runId);
      const { entered, channel } = await show.reaches('live');
      await until(() => Date.now() - (entered.live ?? Number.POSITIVE_INFINITY) >= 3000);
      expect(channel?.ref).toEqual(before.channel?.ref);
      expect(withoutQuery(await show.ingestUrl())).toBe(url);
      expect(isDropped).toBe(false);
      await show.stopNow();
      const report = await show.result();

      const why = JSON.stringify(report, undefined, 1);
      expect(report, why).toMatchObject({ endReason: 'stopped-by-operator', released: true, gaps: [], troubles: [] });
      expect(report.windows, why).toHaveLength(1);
      expect(Math.abs((report.windows[0]?.from ?? 0) - (before.windows[0]?.from ?? 0)), why).toBeLessThan(2000);
      expect(lengthMs(report.windows)).toBeGreaterThan(6000);
      expect(isProved(report), why).toBe(true);
      expect(harness.leftOf(show)).toEqual([]);
    },
  );
});
