import { describe, expect, it } from 'vitest';
import type { Phase } from '../../../../domain/phases.ts';
import { followed } from './followed.ts';
import { planned, type Trouble } from './planned-stream.ts';

const stoppedAt = 60_000;
const untilMs = 180_000;

/** The signals of a show that stops after a minute, and what its viewers are served from then on; how long it is looked. */
async function signalsOf(kind: Trouble['kind'], phaseAfter: Phase | undefined) {
  const troubles = [{ kind, from: stoppedAt, to: untilMs }];
  const sent = [{ from: 0, to: untilMs }];
  const stream = (now: () => number) => planned({ segmentMs: 1_000, sent, troubles }, now);
  const phaseAt = (ms: number) => (ms < stoppedAt ? 'live' : phaseAfter);
  const { signals, lookedUntil } = await followed({ stream, untilMs, phaseAt });
  return { states: signals.map(({ state }) => state), lookedUntil };
}

/** What a viewer is served as its vendor stops the channel and takes it away. */
const endings = ['gone', 'down', 'freeze'] as const;

describe('the end of a show', () => {
  it.each(endings)('is no loss, and costs no signal: %s', async (kind) => {
    const { states, lookedUntil } = await signalsOf(kind, 'stopping');
    expect(states).toEqual(['on-air']);
    expect(lookedUntil).toBeLessThan(stoppedAt + 10_000);
  });

  it.each(endings)('is a loss where Temporal does not say that the show is over: %s', async (kind) => {
    const state = { gone: 'gone', down: 'unknown', freeze: 'frozen' }[kind];
    expect((await signalsOf(kind, undefined)).states).toEqual(['on-air', state]);
    expect((await signalsOf(kind, 'encoder-lost')).states).toEqual(['on-air', state]);
  });
});
