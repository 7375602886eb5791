import type { SlotPermit, SlotReserveContext } from '@temporalio/worker';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StepSlots } from '../../../worker/step-slots.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const context = {} as SlotReserveContext;
const used = { slotInfo: { type: 'activity', activityType: 'stop' } } as const;

/** What polls ask for, as the SDK does, and which of them have a slot. */
function pollsOf(slots: StepSlots) {
  const open: { slot?: SlotPermit; ended: AbortController; refused?: unknown }[] = [];
  const poll = () => {
    const one: (typeof open)[number] = { ended: new AbortController() };
    open.push(one);
    slots.reserveSlot(context, one.ended.signal).then(
      (slot) => {
        one.slot = slot;
      },
      (reason: unknown) => {
        one.refused = reason;
      },
    );
    return one;
  };
  const settled = () => vi.advanceTimersByTimeAsync(0);
  return { poll, settled };
}

async function whether(closing: Promise<void>): Promise<() => boolean> {
  let isClosed = false;
  void closing.then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return () => isClosed;
}

it('gives so many slots, and the next one to the poll that has waited longest and still waits', async () => {
  const slots = new StepSlots(2);
  const { poll, settled } = pollsOf(slots);
  const [first, , third, fourth] = [poll(), poll(), poll(), poll()];
  await settled();
  expect([first.slot, third.slot, fourth.slot]).toEqual([{}, undefined, undefined]);
  expect(slots.tryReserveSlot()).toBeNull();
  slots.markSlotUsed();
  third.ended.abort(new Error('the poll was given up'));
  slots.releaseSlot({ ...used, permit: {} });
  await settled();
  expect([third.slot, third.refused, fourth.slot]).toEqual([undefined, new Error('the poll was given up'), {}]);
});

it('closes once each open poll has got its step or was given up, and gives nothing meanwhile', async () => {
  const slots = new StepSlots(3);
  const { poll, settled } = pollsOf(slots);
  const polls = [poll(), poll(), poll(), poll()];
  await settled();
  slots.markSlotUsed();
  const isClosed = await whether(slots.close(2_000));
  slots.releaseSlot({ ...used, permit: {} });
  await settled();
  expect([slots.tryReserveSlot(), polls[3]?.slot]).toEqual([null, undefined]);
  slots.releaseSlot({ permit: {} });
  await settled();
  expect(isClosed()).toBe(false);
  slots.markSlotUsed();
  await settled();
  expect(isClosed()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it('waits for a poll as long as another gets a step, and so long after the last', async () => {
  const slots = new StepSlots(2);
  const { poll, settled } = pollsOf(slots);
  poll();
  poll();
  await settled();
  const isClosed = await whether(slots.close(2_000));
  await vi.advanceTimersByTimeAsync(1_999);
  slots.markSlotUsed();
  await vi.advanceTimersByTimeAsync(1_999);
  expect(isClosed()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isClosed()).toBe(true);
});

it('is closed at once where no poll is open', async () => {
  const isClosed = await whether(new StepSlots(1).close(2_000));
  expect(isClosed()).toBe(true);
});
