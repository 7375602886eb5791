import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { backstopMs, type StepMemory } from '../../../activities/contract.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { runUntilDone } from '../../../activities/driver-step.ts';
import type { RetryPolicy } from '../../../activities/failures.ts';
import { VendorError, type VendorErrorKind } from '../../../domain/errors.ts';
import { done, notYet, type Progress } from '../../../vendors/driver.ts';
import { underWay } from '../../../vendors/under-way.ts';

const second = 1000;
const scheduledAt = 1_000_000;
let now: number;
let policy: RetryPolicy;
/** Until Temporal's own timeout of the step; absent where it has none. */
let timeoutMs: number | undefined;
let attempt: number;
/** The details of the newest heartbeat. */
let beat: unknown;
let beats: number;
/** Minutes by which this machine's clock is ahead of Temporal's, as the run clock knows it. */
let aheadMs: number;

beforeEach(() => {
  [now, policy, timeoutMs, attempt, beat, beats, aheadMs] = [scheduledAt, 'before-show', undefined, 0, undefined, 0, 0];
});

type Work = (remembered: StepMemory, save: () => void) => Promise<Progress<unknown>>;

/** The next attempt, which gets what the ones before it wrote: its result, or how it fails. */
async function next(work: Work) {
  attempt += 1;
  const deps = {
    clock: { now: () => now, skewMs: aheadMs },
    timeScale: 1,
    secrets: () => ['a-real-secret'],
  } as unknown as ActivityDeps;
  const info = {
    attempt,
    heartbeatDetails: beat,
    scheduledTimestampMs: scheduledAt,
    scheduleToCloseTimeoutMs: timeoutMs,
  };
  const heartbeat = (details: unknown) => {
    beats += 1;
    // As it comes back from Temporal.
    beat = JSON.parse(JSON.stringify(details));
  };
  const context = { info, heartbeat } as unknown as Context;
  return asyncLocalStorage
    .run(context, () => runUntilDone(deps, policy, work, () => ({ lookedAt: now })))
    .then(
      (result) => ({ result, failure: undefined, details: undefined }),
      (error: unknown) => {
        if (!(error instanceof ApplicationFailure)) throw error;
        return {
          result: undefined,
          failure: error,
          details: error.details?.[0] as Record<string, unknown> | undefined,
        };
      },
    );
}

const fails = (kind: VendorErrorKind = 'unavailable') => {
  throw new VendorError({ kind, vendor: 'aws-ivs', operation: 'make', message: 'a-real-secret is wrong' });
};
const changesSomething = () => {
  const { counter } = underWay();
  if (counter) counter.count += 1;
};
/** The worker dies at the end of this attempt: what it wrote there is not known. */
async function nextDies(work: Work): Promise<void> {
  let known: unknown = beat;
  await next(async (remembered, save) =>
    work(remembered, () => {
      save();
      known = beat;
    }),
  );
  beat = known;
}

describe('whether something may have been made', () => {
  const nothingMade = async (work: Work = async () => fails()) => (await next(work)).details?.nothingMade;

  it('nothing, while each attempt said that it changed nothing', async () => {
    expect([await nothingMade(), await nothingMade()]).toEqual([true, true]);
  });

  it('something, once an attempt changed something', async () => {
    const changes = async () => {
      changesSomething();
      return fails();
    };
    expect([await nothingMade(changes), await nothingMade()]).toEqual([false, false]);
  });

  it('something, once an attempt changed something and is not done yet', async () => {
    await next(async () => {
      changesSomething();
      return notYet('it', second);
    });
    expect(await nothingMade()).toBe(false);
  });

  it('something, once an attempt died: the first one, which wrote nothing, and a later one', async () => {
    await nextDies(async () => fails());
    expect(await nothingMade()).toBe(false);
    [attempt, beat] = [0, undefined];
    expect(await nothingMade()).toBe(true);
    await nextDies(async () => fails());
    expect(await nothingMade()).toBe(false);
  });
});

describe('what an attempt remembers of those before it', () => {
  const billing = [{ resource: 'channel', name: 'sc-a', state: 'running' as const, at: 1 }];
  const memories: StepMemory[] = [];
  const look: Work = async (remembered) => {
    memories.push({ ...remembered });
    return notYet('it', second);
  };
  const remembered = async () => {
    await next(look);
    return memories.at(-1);
  };
  const place: Work = async (memory, save) => {
    memory.place = 'eu-west-1';
    memory.dropping = 's1';
    save();
    underWay().counter?.states?.push(...billing);
    return fails();
  };
  const placed = { place: 'eu-west-1', dropping: 's1' };

  it('is what was seen, and where it may have made something', async () => {
    await next(async (memory, save) => {
      changesSomething();
      return place(memory, save);
    });
    expect(await remembered()).toMatchObject({ ...placed, billing });
  });

  it('is not the place where it made nothing: the next one decides anew where', async () => {
    const { details } = await next(place);
    expect(details).not.toHaveProperty('place');
    const memory = await remembered();
    expect(memory).toMatchObject({ billing });
    expect([memory?.place, memory?.dropping]).toEqual([undefined, undefined]);
  });

  it('is what an attempt saved before it died', async () => {
    await nextDies(place);
    expect(await remembered()).toMatchObject(placed);
  });

  it('is the id of what was made and is in no list yet', async () => {
    await next(async () => {
      changesSomething();
      return notYet('it', second, 'arn:1');
    });
    expect(await remembered()).toMatchObject({ id: 'arn:1' });
  });

  it('is in the failure and in the result', async () => {
    aheadMs = 20 * 60 * second;
    const clocks = [expect.objectContaining({ from: 'Temporal', aheadMs })];
    expect((await next(place)).details).toMatchObject({ billing, clocks });
    aheadMs = 0;
    const off = { resource: 'channel', name: 'sc-a', state: 'off' as const, at: 2 };
    const ends: Work = async () => {
      underWay().counter?.states?.push(off);
      return done('made');
    };
    const seen = { billing: [...billing, off], clocks };
    expect((await next(ends)).result).toEqual({ value: 'made', seen });
  });

  it('is nothing beside the value where nothing was seen', async () => {
    expect((await next(async () => done('made'))).result).toEqual({ value: 'made' });
  });
});

describe('the errors of a step', () => {
  it('are counted in a row, and all of them as tries; a wait ends the row', async () => {
    const rows: unknown[] = [];
    for (const work of [fails, fails, () => notYet('it', second), fails]) {
      await next(async () => work('unauthorized'));
      rows.push(beat);
      now += second;
    }
    expect(rows).toEqual([
      { attempt: 1, errors: 1, triesUsed: 1, failingSince: scheduledAt, mayHaveMade: false, lookedAt: scheduledAt },
      expect.objectContaining({ attempt: 2, errors: 2, triesUsed: 2, failingSince: scheduledAt }),
      { attempt: 3, errors: 0, triesUsed: 2, mayHaveMade: false, lookedAt: scheduledAt + 2 * second },
      expect.objectContaining({ attempt: 4, errors: 1, triesUsed: 3, failingSince: scheduledAt + 3 * second }),
    ]);
  });

  it('are reported without a secret', async () => {
    const { failure } = await next(async () => fails());
    expect(failure?.message).toContain('is wrong');
    expect(failure?.message).not.toContain('a-real-secret');
  });

  it('are no tries where the vendor is away: such a step goes on until its deadline', async () => {
    await next(async () => fails('unavailable'));
    expect(beat).toMatchObject({ errors: 1, triesUsed: 0 });
  });
});

it('nothing is written at the end of what is done, nor of a look that saw nothing yet', async () => {
  await next(async () => done('made'));
  expect(beats).toBe(0);
  policy = 'watching';
  await next(async () => notYet('an encoder', second));
  expect(beats).toBe(0);
});

it('a step gives up by itself where its next attempt would come after its deadline, before Temporal does without a reason', async () => {
  const waits = async () => (await next(async () => notYet('it', second))).failure?.nonRetryable;
  expect(await waits()).toBe(false);
  timeoutMs = backstopMs + 10 * second;
  expect(await waits()).toBe(false);
  now += 10 * second;
  expect(await waits()).toBe(true);
  expect((await next(async () => fails())).failure?.nonRetryable).toBe(true);
});
