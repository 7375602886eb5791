import { WorkflowFailedError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { recordedChannel, type Watched, waitSeconds, watchStateOf } from '../../../../api/watch/state.ts';
import { WatchedEvents } from '../../../../api/watch/watched-events.ts';
import { NoSuchEventError } from '../../../../client/errors.ts';
import { legKeyOf } from '../../../../domain/ids.ts';
import type { EventStatus, VodRetry } from '../../../../domain/report.ts';
import { asset, firstPart, onAir, secondPart, startsAt } from './watch-harness.ts';

const of = (status: Partial<EventStatus>, now = startsAt + 1_000) =>
  watchStateOf({ ...onAir, ...status } as Watched, now);

const legOf = (name: string, status: Partial<EventStatus>) => ({
  name,
  vendor: name,
  account: 'default',
  start: 'with-event' as const,
  begunAt: 0,
  status: { ...onAir, ...status } as EventStatus,
});

describe('what an address leads to', () => {
  it('is the live playlist once a segment was seen, whatever happens to it later', () => {
    for (const state of ['on-air', 'frozen', 'gone', 'unknown'] as const)
      expect(of({ onAir: { state, since: 0, firstSegmentAt: 1 } }).kind).toBe('live');
    expect(of({ phase: 'waiting-for-encoder', entered: {}, onAir: { state: 'on-air', since: 0 } }).kind).toBe('live');
  });

  it('is not a playlist in which nothing new was seen, unless an encoder sends for long', () => {
    const dark = { onAir: { state: 'dark' as const, since: 0 } };
    expect(of(dark).kind).toBe('later');
    expect(of(dark, startsAt + 30_001).kind).toBe('live');
    expect(of({ ...dark, entered: {}, phase: 'waiting-for-encoder' }, startsAt + 3_600_000).kind).toBe('later');
    expect(of({ onAir: undefined }).kind).toBe('live');
    expect(of({ onAir: undefined, playback: { flv: 'https://a.example/x.flv' } }).kind).toBe('later');
  });

  it('is the recording only when all of it is proved, or nothing more comes', () => {
    const vod = [asset(firstPart), asset(firstPart, false)];
    expect(of({ phase: 'publishing-vod', entered: { stopping: 1 }, vod }).kind).toBe('later');
    expect(of({ phase: 'cleaning-up', entered: { stopping: 1 }, vod: [asset(firstPart)] }).kind).toBe('recording');
    expect(of({ phase: 'completed', vod })).toEqual({ kind: 'recording', urls: [firstPart] });
  });

  it('is the live playlist of the leg on air, then those of the others, a failed one last', () => {
    const leg = (name: string) => legOf(name, { playback: { hls: `https://${name}.example/live.m3u8` } });
    const failed = { since: 0, reason: 'dark' };
    const legs = [{ ...leg('a'), failed }, leg('b'), leg('c'), { ...leg('d'), endedAt: 1 }];
    const state = of({ channel: undefined, legs, legsOnAir: [{ leg: 'c', from: 0, why: 'dark' }] });
    expect(state.kind === 'live' && state.sources.map(({ url }) => new URL(url).hostname)).toEqual([
      'c.example',
      'b.example',
      'a.example',
    ]);
  });

  it('comes soon after the start for those who wait as they are asked to', () => {
    let wait = 7 * 86_400;
    while (wait > 0) wait -= waitSeconds(wait * 1_000);
    expect(wait).toBeGreaterThan(-3.1);
    expect(waitSeconds(7 * 86_400_000)).toBe(60);
    expect(waitSeconds(-5_000)).toBe(3);
  });
});

describe('statuses for viewers', () => {
  function counted(read: (n: number) => Promise<Partial<EventStatus>>) {
    let now = 0;
    let reads = 0;
    const events = new WatchedEvents(
      {
        status: async () => {
          reads += 1;
          return (await read(reads)) as EventStatus;
        },
        vodRetry: async () => undefined,
        within: (_ms, work) => work(),
      },
      () => now,
    );
    return { events, reads: () => reads, later: (ms: number) => (now += ms) };
  }

  it('are read again after three seconds, and after thirty when the event is over', async () => {
    const { events, reads, later } = counted(async (n) => ({ ...onAir, phase: n < 3 ? 'live' : 'completed' }));
    const phases: unknown[] = [];
    for (const ms of [0, 2_999, 2, 2_999, 2, 29_000, 1_001]) {
      later(ms);
      phases.push([(await events.of('final'))?.phase, reads()]);
    }
    expect(phases).toEqual([
      ...[
        ['live', 1],
        ['live', 1],
        ['live', 2],
        ['live', 2],
        ['completed', 3],
        ['completed', 3],
        ['completed', 4],
      ],
    ]);
  });

  it('stay what they were while they cannot be read, but not for ever', async () => {
    const { events, later } = counted(async (n) => {
      if (n > 1) throw new Error('no worker');
      return onAir;
    });
    await events.of('final');
    later(14 * 60_000);
    expect((await events.of('final'))?.phase).toBe('live');
    later(2 * 60_000);
    await expect(events.of('final')).rejects.toThrow('no worker');
  });

  it('of events that do not exist are remembered too, and a failure is', async () => {
    const none = counted(async () => Promise.reject(new NoSuchEventError('x')));
    for (let i = 0; i < 5; i += 1) expect(await none.events.of('x')).toBeUndefined();
    expect(none.reads()).toBe(1);
    const failing = counted(async () => Promise.reject(new Error('away')));
    for (let i = 0; i < 5; i += 1) await expect(failing.events.of('x')).rejects.toThrow('away');
    expect(failing.reads()).toBe(1);
  });

  it('are not all kept, and not all read at once', async () => {
    const held: (() => void)[] = [];
    const { events, reads } = counted(() => new Promise((resolve) => held.push(() => resolve(onAir))));
    const first = Array.from({ length: 32 }, (_, i) => events.of(`e${i}`));
    await expect(events.of('one-too-many')).rejects.toThrow('too many events');
    expect(reads()).toBe(32);
    for (const answer of held) answer();
    await Promise.all(first);
  });

  it('of a show that is known are there while others guess at ids', async () => {
    let isFlood = false;
    const held: (() => void)[] = [];
    const { events, later } = counted(() =>
      isFlood ? new Promise((resolve) => held.push(() => resolve(onAir))) : Promise.resolve(onAir),
    );
    await events.of('show');
    await events.of('other');
    isFlood = true;
    const guesses = Array.from({ length: 32 }, (_, i) => events.of(`guess-${i}`));
    later(4_000);
    isFlood = false;
    expect((await events.of('show'))?.phase).toBe('live');
    for (const answer of held) answer();
    await Promise.all(guesses);
  });

  it('of a show that is known are kept, however many ids are guessed meanwhile', async () => {
    let isAway = false;
    const { events, later } = counted(async (n) => {
      if (isAway) throw new Error('no worker');
      if (n > 1) throw new NoSuchEventError('guess');
      return onAir;
    });
    await events.of('show');
    for (let n = 0; n < 10_001; n += 1) await events.of(`guess-${n}`);
    isAway = true;
    later(4_000);
    expect((await events.of('show'))?.phase).toBe('live');
  });

  describe('of a show whose recording was published again after it', () => {
    const [lacking, proved] = [false, true].map((isProved) => [asset(firstPart), asset(secondPart, isProved)]);
    const read = (status: Partial<EventStatus>, retriedKey: string) =>
      new WatchedEvents({
        status: async () => ({ ...onAir, phase: 'completed', ...status }) as EventStatus,
        vodRetry: async (key) =>
          key === retriedKey ? { eventId: key, by: 'x', reason: 'x', proved: true, vod: proved ?? [] } : undefined,
        within: (_ms, work) => work(),
      }).of('final');

    it('have every part, also where only one was lacking', async () => {
      const watched = await read({ vod: lacking ?? [] }, 'final');
      expect(watchStateOf(watched as Watched, 0)).toEqual({ kind: 'recording', urls: [firstPart, secondPart] });
    });

    describe('while it is not known what came of that', () => {
      const late = () => Promise.reject(new Error('the deadline is over'));
      const terminated = () =>
        Promise.reject(new WorkflowFailedError('terminated', undefined, 'NON_RETRYABLE_FAILURE'));
      const retried = async () => ({ eventId: 'final', by: 'x', reason: 'x', proved: true, vod: proved ?? [] });
      const unproved: Partial<EventStatus> = { phase: 'failed', vod: [asset(firstPart, false)] };

      /** What viewers get at each of these answers, that far apart. */
      async function watching(
        ms: number,
        answers: (() => Promise<VodRetry>)[],
        status: Partial<EventStatus> | Partial<EventStatus>[] = unproved,
      ) {
        let now = 0;
        let read = 0;
        let asked = 0;
        const statuses = [status].flat();
        const events = new WatchedEvents(
          {
            status: async () => ({ ...onAir, ...(statuses[read++] ?? statuses.at(-1)) }) as EventStatus,
            vodRetry: async () => answers[asked++]?.(),
            within: (_ms, work) => work(),
          },
          () => now,
        );
        const states = [];
        for (const _ of answers) {
          states.push(watchStateOf((await events.of('final')) as Watched, 0));
          now += ms;
        }
        return states;
      }

      it('are asked again soon, and viewers with them; a try that was terminated gives nothing', async () => {
        const [first, second] = await watching(3_001, [late, terminated]);
        expect(first).toMatchObject({ kind: 'later', why: expect.stringContaining('not known') });
        expect(second?.kind).toBe('nothing');
      });

      it('stay what they were', async () => {
        const recording = { kind: 'recording', urls: [firstPart, secondPart] };
        expect(await watching(3_001, [late, retried], { ...unproved, vod: lacking ?? [] })).toEqual([
          { kind: 'recording', urls: [firstPart] },
          recording,
        ]);
        const legs = [legOf('a', { ...unproved, output: { name: 'a' } } as unknown as Partial<EventStatus>)];
        const withLegs: Partial<EventStatus> = { channel: undefined, phase: 'failed', vod: [], legs };
        for (const status of [unproved, withLegs]) {
          const [none, ...states] = await watching(30_001, [late, retried, late], status);
          expect([none?.kind, ...states]).toEqual(['later', recording, recording]);
        }
      });

      const legsOf = (status: Partial<EventStatus>) => ({
        ...{ channel: undefined, phase: 'failed' as const, vod: [] },
        legs: [legOf('a', { ...status, output: { name: 'a' } } as unknown as Partial<EventStatus>)],
      });

      it('are not those of an earlier run of the event', async () => {
        const earlier: Partial<EventStatus> = { phase: 'completed', entered: { scheduled: 1 }, vod: proved ?? [] };
        const again: Partial<EventStatus> = { ...unproved, entered: { scheduled: 2 } };
        for (const statuses of [
          [earlier, again],
          [legsOf(earlier), legsOf(again)],
        ])
          expect((await watching(30_001, [late, late], statuses))[1]?.kind).toBe('later');
      });

      it('stay what they were when a second try is terminated', async () => {
        for (const status of [unproved, legsOf(unproved)]) {
          const states = await watching(30_001, [retried, terminated, terminated], status);
          expect(states.map(({ kind }) => kind)).toEqual(['recording', 'recording', 'recording']);
        }
      });
    });

    it('have that of the leg that was tried again', async () => {
      const failed = { phase: 'failed', vod: [asset(firstPart, false)] } as const;
      const leg = (name: string) => legOf(name, { ...failed, output: { name } } as unknown as Partial<EventStatus>);
      const legs = [leg('a'), leg('b')];
      const watched = await read({ channel: undefined, phase: 'failed', vod: [], legs }, legKeyOf('final', 'b'));
      expect(watchStateOf(watched as Watched, 0)).toEqual({ kind: 'recording', urls: [firstPart, secondPart] });
      expect(recordedChannel(watched as Watched, secondPart)).toEqual(onAir.channel);
    });
  });
});
