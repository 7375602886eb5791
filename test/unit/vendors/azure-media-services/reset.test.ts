import { expect, it } from 'vitest';
import { openHarness } from '../../../support/azure-media-services-harness.ts';
import { finish } from '../../../support/until.ts';
import { onAir } from './azure-driver-harness.ts';

/** Resets a channel that records, and whose output the list shows in this state. */
async function reset(resourceState: string) {
  const w = await openHarness();
  const driver = w.driver();
  const channel = await onAir(driver, 'shaky');
  const recording = await finish(() => driver.createOutput(channel));
  w.kit.replace = async ({ operation }, serve) => {
    const answer = await serve();
    if (operation !== 'LiveOutputs_List') return answer;
    const body = String(answer.body).replaceAll(/"resourceState":"\w+"/g, `"resourceState":"${resourceState}"`);
    return { ...answer, body };
  };
  const progress = await driver.reset(channel, recording);
  return { progress, resets: w.kit.log.entries({ operation: 'LiveEvents_Reset' }).length };
}

it('a reset whose output is still on its way out is not done: the next one is to be made', async () => {
  expect(await reset('Deleting')).toMatchObject({
    progress: { done: false, waitingFor: 'the live output, Deleting' },
    resets: 0,
  });
});

it('a channel that records and that no encoder sends to needs no reset', async () => {
  expect(await reset('Running')).toMatchObject({ progress: { done: true }, resets: 0 });
});
