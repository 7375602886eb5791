import { describe, expect, it } from 'vitest';
import { followRun } from '../../../../activities/on-air/follow-run.ts';
import type { OnAirChange } from '../../../../domain/on-air.ts';
import type { Phase } from '../../../../domain/phases.ts';
import { planned, type Trouble } from './planned-stream.ts';

const stoppedAt = 60_000;
const untilMs = 180_000;

/** The signals of a show that stops after a minute, and what its viewers are served from then on; how long it is looked. */
async function signalsOf(kind: Trouble['kind'], phaseAfter: Phase | undefined) {
  let now = 0;
  const troubles = [{ kind, from: stoppedAt, to: untilMs }];
  const stream = planned({ segmentMs: 1_000, sent: [{ from: 0, to: untilMs }], troubles }, () => now);
  const signals: OnAirChange[] = [];
  const ended = new AbortController();
  const playback = { hls: stream.url };
  const phase = () => (now < stoppedAt ? 'live' : phaseAfter);
  const deps: unknown = {
    driver: { viewerUrl: async (_channel: unknown, url: string) => url, playback: async () => playback },
    get: stream.get,
    poller: {
      statusOf: async () => phase() && { phase: phase(), channel: { ref: { name: 'c' } }, playback },
      signalOnAir: async (_id: string, change: OnAirChange) => void signals.push(change),
    },
    now: () => now,
    elapsed: () => now,
    secrets: () => [],
    connectedSince: () => 0,
    sleep: async (ms: number) => {
      now += ms;
      if (now >= untilMs) ended.abort();
    },
  };
  await followRun(deps as Parameters<typeof followRun>[0], 'run', ended.signal);
  return { states: signals.map(({ state }) => state), lookedUntil: now };
}

/** What a viewer is served as its vendor stops the channel and takes it away. */
const endings = ['gone', 'down', 'freeze'] as const;

describe('the end of a show', () => {
  it.each(endings)('is no loss, and costs no signal: %s', async (kind) => {
    const { states, lookedUntil } = await signalsOf(kind, 'stopping');
    expect(states).toEqual(['on-air']);
    expect(lookedUntil).toBeLessThan(stoppedAt + 10_000);
  });

  it.each(endings)('is a loss where the run does not say that the show is over: %s', async (kind) => {
    const state = { gone: 'gone', down: 'unknown', freeze: 'frozen' }[kind];
    expect((await signalsOf(kind, undefined)).states).toEqual(['on-air', state]);
    expect((await signalsOf(kind, 'encoder-lost')).states).toEqual(['on-air', state]);
  });
});
