import { expect, it } from 'vitest';
import { Looks, mostPreflightCalls } from '../../../vendors/preflight.ts';

it('a preflight that has made its calls says of each thing that it did not ask for, and why', async () => {
  const looks = new Looks(() => undefined);
  let asked = 0;
  const call = async () => {
    asked += 1;
  };
  for (let n = 0; n < mostPreflightCalls; n += 1) await looks.may(`live:Action${n}`, call);
  await looks.may('live:StopStream', call);
  await looks.ask('quota', call);
  expect(asked).toBe(10);
  const reason = 'not asked, because a preflight makes 10 calls at most';
  const unseen = looks.result().unseen.filter(({ check }) => check !== 'clock');
  expect(unseen).toEqual([
    { check: 'permission', reason: `live:StopStream: ${reason}` },
    { check: 'quota', reason },
  ]);
});
