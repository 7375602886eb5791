import { setMaxListeners } from 'node:events';
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { pollerPort } from '../../../worker/poller.ts';
import { ReportGate } from '../../../worker/report-gate.ts';

const never = new AbortController().signal;
const result = { kind: 'connected', at: 0 } as const;

/** The poller's attempt is ended while many answers wait: its heartbeat was late, or an operator ended it. */
it('a poller that is ended floods no runs past the gate', async () => {
  let answers = 0;
  const client = {
    options: { namespace: 'default', identity: 'test' },
    activity: {
      complete: async () => {
        answers += 1;
      },
    },
    workflowService: { resetActivity: async () => {} },
  } as unknown as Client;
  const gate = new ReportGate();
  for (let n = 0; n < 64; n += 1) void gate.mayReport(`live-event/other-${n}`, 1, never);
  const ended = new AbortController();
  setMaxListeners(0, ended.signal);
  const port = pollerPort(client, 'shows', { gate });
  const reach = (n: number) => {
    const watch = { activityId: 'watch-1', attempt: 'watch-1 2 1', isUnderWay: false };
    const run = { workflowId: `live-event/${n}`, runId: 'r', channel: `sc-${n}`, watch };
    return asyncLocalStorage.run({ cancellationSignal: ended.signal } as unknown as Context, () =>
      port.reach(run, { result, isFresh: () => true }).catch(() => false),
    );
  };
  const waiting = Array.from({ length: 100 }, (_, n) => reach(n));
  await new Promise(setImmediate);
  expect(answers).toBe(0);
  ended.abort();
  await Promise.all([...waiting, ...Array.from({ length: 400 }, (_, n) => reach(100 + n))]);
  expect(answers).toBe(0);
});
