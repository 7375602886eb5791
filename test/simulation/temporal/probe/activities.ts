import { setTimeout as pause } from 'node:timers/promises';
import { activityInfo, Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ProbeActivities } from './workflows.ts';

export function probeActivities(): ProbeActivities {
  const failures = new Map<string, number>();
  return {
    answer: async (text) => `${text}!`,
    async failing(key, times) {
      const failed = failures.get(key) ?? 0;
      if (failed >= times) return `after ${failed} failures`;
      failures.set(key, failed + 1);
      throw ApplicationFailure.retryable(`failure ${failed + 1}`, 'probe');
    },
    async takes(ms) {
      await pause(ms, undefined, { signal: Context.current().cancellationSignal });
      return `took ${ms} ms`;
    },
    async hangsOnce() {
      const { attempt } = activityInfo();
      heartbeat();
      if (attempt === 1) await new Promise(() => {});
      return `attempt ${attempt}`;
    },
    async asksForDelay(ms) {
      const { attempt } = activityInfo();
      if (attempt === 1) throw ApplicationFailure.create({ message: 'later', nextRetryDelay: ms });
      return `attempt ${attempt}`;
    },
  };
}
