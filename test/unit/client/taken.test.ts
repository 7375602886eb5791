import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { taken } from '../../../client/taken.ts';

type Done = (error: Error | null, answer?: { events: string[] }) => void;

/** A call that is answered by hand; as long as it is there, it keeps what it was given, as Node's stream does. */
function callByHand() {
  const kept: Done[] = [];
  const call = (done: Done) => kept.push(done);
  return { call, answer: (...given: Parameters<Done>) => kept[0]?.(...given) };
}

it('is what is taken of the answer', async () => {
  const { call, answer } = callByHand();
  const count = taken(call, ({ events }: { events: string[] }) => events.length);
  answer(null, { events: ['a', 'b'] });
  expect(await count).toBe(2);
});

it('fails as the call does, and as what takes does', async () => {
  const refused = callByHand();
  const first = taken(refused.call, () => 'taken');
  refused.answer(new Error('14 UNAVAILABLE'));
  await expect(first).rejects.toThrow('14 UNAVAILABLE');
  const answered = callByHand();
  const second = taken(answered.call, ({ events }: { events: string[] }) => events[0]?.length ?? fail());
  answered.answer(null, { events: [] });
  await expect(second).rejects.toThrow('no event');
});

it('fails as a call that is never sent', async () => {
  const never = async () => {
    throw new Error('no such key');
  };
  await expect(taken(never, () => 'taken')).rejects.toThrow('no such key');
});

it('is held by no call that is still kept', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { call, answer } = callByHand();
  const held = await (async () => {
    const whole = taken(call, (events: { events: string[] }) => events);
    answer(null, { events: ['a'] });
    return new WeakRef(await whole);
  })();
  await new Promise(setImmediate);
  collect();
  expect(held.deref()).toBeUndefined();
  // It is kept until here.
  answer(null, { events: [] });
});

function fail(): never {
  throw new Error('no event');
}
