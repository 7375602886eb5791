import { asyncLocalStorage, type Context, type Info } from '@temporalio/activity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withHeartbeat } from '../../../activities/heartbeat.ts';
import { ReportGate, throughGate } from '../../../worker/report-gate.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const never = new AbortController().signal;
const room = 64;

/** A gate without room: a step of 64 runs was reported. */
async function fullGate(stopping?: AbortSignal) {
  const gate = new ReportGate(stopping);
  const reported: string[] = [];
  const done = (workflowId: string, priority = 1, ended = never) => {
    const turn = gate.mayReport(workflowId, priority, ended) ?? Promise.resolve();
    void turn.then(() => reported.push(workflowId));
  };
  for (let n = 0; n < room; n += 1) done(`run-${n}`);
  await pass(0);
  expect(reported).toHaveLength(room);
  reported.length = 0;
  return { gate, done, reported };
}

describe('what is done while a step of 64 runs is reported and their next has not begun', () => {
  it('is reported when one of them begins its next', async () => {
    const { gate, done, reported } = await fullGate();
    done('late');
    await pass(500);
    expect(reported).toEqual([]);
    gate.begins('run-7');
    await pass(0);
    expect(reported).toEqual(['late']);
  });

  it('waits for no run of which nothing was reported', async () => {
    const { gate, done, reported } = await fullGate();
    done('late');
    gate.begins('another');
    await pass(0);
    expect(reported).toEqual([]);
  });

  it('is reported after a second: the next step may begin at another worker, or never', async () => {
    const { done, reported } = await fullGate();
    done('late');
    await pass(999);
    expect(reported).toEqual([]);
    await pass(1);
    expect(reported).toEqual(['late']);
  });

  it('goes by priority, and of the same priority first come, first served', async () => {
    const { gate, done, reported } = await fullGate();
    done('clean-up', 5);
    done('start', 3);
    done('cue');
    done('second cue');
    const free = async (from: number, to: number) => {
      for (let n = from; n < to; n += 1) gate.begins(`run-${n}`);
      await pass(0);
    };
    await free(0, 2);
    expect(reported).toEqual(['cue', 'second cue']);
    // A quarter of the places is for what must happen at an instant.
    await free(2, 18);
    expect(reported).toEqual(['cue', 'second cue']);
    await free(18, 20);
    expect(reported).toEqual(['cue', 'second cue', 'start', 'clean-up']);
  });

  it('waits behind what waited before, also where a place is free', async () => {
    const { gate, done, reported } = await fullGate();
    done('run-1');
    done('first');
    gate.begins('run-0');
    done('second');
    await pass(0);
    // The place of run-1 was counted already: there is room for one more.
    expect(reported).toEqual(['run-1', 'first']);
  });

  it('does not wait once it is ended, and takes the place of no other', async () => {
    const { gate, done, reported } = await fullGate();
    const end = new AbortController();
    done('ended', 1, end.signal);
    done('late', 1);
    end.abort();
    await pass(0);
    expect(reported).toEqual(['ended']);
    gate.begins('run-0');
    await pass(0);
    expect(reported).toEqual(['ended', 'late']);
  });

  it('is reported at once by a worker that stops, and so is what is done later', async () => {
    const stopping = new AbortController();
    const { done, reported } = await fullGate(stopping.signal);
    done('late');
    done('clean-up', 5);
    stopping.abort();
    done('later');
    await pass(0);
    expect(reported.toSorted()).toEqual(['clean-up', 'late', 'later']);
  });

  it('takes one place for each run', async () => {
    const { gate, done, reported } = await fullGate();
    done('one');
    done('one');
    done('other');
    gate.begins('run-0');
    gate.begins('one');
    await pass(0);
    expect(reported).toEqual(['one', 'one']);
    gate.begins('one');
    await pass(0);
    expect(reported).toEqual(['one', 'one', 'other']);
  });
});

describe('the steps of a worker', () => {
  const step = (info: Partial<Info>, work = async (): Promise<unknown> => 'done', beats: unknown[] = []) => {
    const { inbound } = given.factory({} as Context);
    const heartbeat = (details: unknown) => beats.push(details);
    const context = {
      info: { workflowType: 'liveEvent', ...info },
      cancellationSignal: new AbortController().signal,
      heartbeat,
    };
    const execute = () => inbound?.execute?.({ args: [], headers: {} }, work);
    return asyncLocalStorage.run(context as unknown as Context, async () => execute());
  };
  const ofShow = (n: number) => ({
    workflowExecution: { workflowId: `live-event/${n}`, runId: 'r' },
    priority: { priorityKey: 1 },
  });
  let given: { factory: ReturnType<typeof throughGate>; stopping: AbortController };

  beforeEach(async () => {
    const stopping = new AbortController();
    given = { factory: throughGate(new ReportGate(stopping.signal)), stopping };
    await Promise.all(Array.from({ length: room }, (_, n) => step(ofShow(n))));
  });

  const isReported = async (done: Promise<unknown>) => {
    let isOver = false;
    void done
      .catch(() => {})
      .finally(() => {
        isOver = true;
      });
    await pass(0);
    return isOver;
  };

  it('of a show pass the gate', async () => {
    const late = step(ofShow(100));
    expect(await isReported(late)).toBe(false);
    const next = step(ofShow(3), () => new Promise(() => {}));
    expect(await isReported(next)).toBe(false);
    expect(await late).toBe('done');
  });

  it('of a show go by the priority of the step', async () => {
    const [usual, cue] = [step({ ...ofShow(100), priority: undefined }), step(ofShow(101))];
    await pass(0);
    void step(ofShow(3), () => new Promise(() => {}));
    expect([await isReported(usual), await isReported(cue)]).toEqual([false, true]);
  });

  it.each([
    ['of a poller', { workflowType: 'accountPoller' }],
    ['within a workflow task', { isLocal: true }],
  ])('%s do not', async (_, info) => {
    expect(await isReported(step({ ...ofShow(100), ...info }))).toBe(true);
  });

  it('that fail do not', async () => {
    const failing = async () => {
      throw new Error('throttled');
    };
    expect(await isReported(step(ofShow(100), failing))).toBe(true);
  });

  it('send heartbeats while they wait, with what the attempt wrote last', async () => {
    const beats: unknown[] = [];
    const work = () =>
      withHeartbeat(
        () => pass(7_000),
        () => 'made',
      );
    const late = step({ ...ofShow(100), priority: undefined }, work, beats);
    await pass(0);
    // They go before it, 64 a second.
    const cues = Array.from({ length: 8 * room }, (_, n) => step(ofShow(n)));
    await pass(4_900);
    expect(beats).toEqual(['made']);
    await pass(200);
    expect(beats).toEqual(['made', 'made']);
    expect(await isReported(late)).toBe(false);
    await pass(4_000);
    await Promise.all([late, ...cues]);
  });

  it('wait no more once the worker stops', async () => {
    const late = step(ofShow(100));
    given.stopping.abort();
    expect(await isReported(late)).toBe(true);
  });
});
