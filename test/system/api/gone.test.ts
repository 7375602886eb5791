import { expect, it } from 'vitest';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { testEnvironment } from '../../support/environment.ts';
import { planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { runningApi } from './api-harness.ts';

it('asks Temporal for no usage any more whose caller has gone', async () => {
  const environment = await testEnvironment();
  const { client, showcaller } = environment;
  const { workflowId } = await showcaller.start(planFor());
  const api = await runningApi({ client: showcaller, schedules: new ShowcallerSchedules(client) });
  let isAsked = false;
  let why: unknown;
  // No worker: the run does not end.
  showcaller.usage = async () => {
    isAsked = true;
    await client.workflow
      .getHandle(workflowId)
      .result()
      .catch((error: unknown) => {
        why = error;
      });
    throw why;
  };
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${api.token('viewer')}` };
  const left = fetch(`${api.url}/v1/usage`, { headers, signal: leaving.signal }).catch(() => 'left');
  await until(() => isAsked);
  leaving.abort();
  expect(await left).toBe('left');
  await until(() => why !== undefined);
  expect(String((why as Error).cause ?? why)).toMatch(/cancelled|aborted/i);
  await api.close();
  await environment.close();
  expect(api.log()).toContain('"status":499');
});
