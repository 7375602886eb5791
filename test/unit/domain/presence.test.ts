import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../domain/channel.ts';
import { changeBetween, noEncoder, type Presence, presenceAfter } from '../../../domain/presence.ts';

const absent: Observation = { encoder: 'absent' };
const connected = (session?: string): Observation => ({ encoder: 'connected', session });
const starved = (session?: string): Observation => ({ encoder: 'starved', session });
const there: Presence = { encoder: 'connected', session: 'a' };

describe('changeBetween', () => {
  it.each<[string, Presence, Observation, Observation, string | undefined]>([
    ['no encoder comes', noEncoder, absent, absent, undefined],
    ['an encoder comes', noEncoder, connected('a'), connected('a'), 'connected'],
    ['an encoder comes and starves at once', noEncoder, starved('a'), starved('a'), 'connected'],
    ['a knock is gone at the second look', noEncoder, connected('a'), absent, undefined],
    ['an encoder comes between the looks', noEncoder, absent, connected('a'), undefined],
    ['all is as before', there, connected('a'), connected('a'), undefined],
    ['the encoder goes', there, absent, absent, 'lost'],
    ['the encoder was only overlooked', there, absent, connected('a'), undefined],
    ['the encoder goes between the looks', there, connected('a'), absent, undefined],
    ['the session is another one', there, connected('b'), connected('b'), 'reconnected'],
    ['the session is another one each time', there, connected('b'), connected('c'), 'reconnected'],
    ['another session starves', there, starved('b'), starved('b'), 'reconnected'],
    ['the vendor stops giving the session', there, connected(), connected(), undefined],
    ['the vendor gives the session late', { encoder: 'connected' }, connected('a'), connected('a'), undefined],
    ['the picture stops', there, starved('a'), starved('a'), 'starved'],
    ['the picture hiccups', there, starved('a'), connected('a'), undefined],
    ['the picture stays away', { encoder: 'starved', session: 'a' }, starved('a'), starved('a'), undefined],
    ['the picture comes back', { encoder: 'starved', session: 'a' }, connected('a'), connected('a'), 'recovered'],
    ['a starved encoder goes', { encoder: 'starved', session: 'a' }, absent, absent, 'lost'],
  ])('when %s', (_, known, first, confirming, kind) => {
    expect(changeBetween(known, first, confirming, 1000)?.kind).toBe(kind);
  });

  it('happened at the first look and has what the second saw', () => {
    const second: Observation = {
      encoder: 'connected',
      session: 'b',
      since: 700,
      vendorState: 'Live',
      evidence: { video: 'H264' },
    };
    expect(changeBetween(noEncoder, connected('a'), second, 1000)).toEqual({
      kind: 'connected',
      at: 1000,
      since: 700,
      session: 'b',
      vendorState: 'Live',
      evidence: { video: 'H264' },
    });
  });

  it('never began after we saw it, whatever the clock of the vendor says', () => {
    const ahead: Observation = { encoder: 'connected', since: 1500 };
    expect(changeBetween(noEncoder, ahead, ahead, 1000)?.since).toBe(1000);
  });

  it('carries no session into a loss', () => {
    const gone: Observation = { encoder: 'absent', session: 'a', since: 500, vendorState: 'Idle' };
    expect(changeBetween(there, gone, gone, 1000)).toEqual({ kind: 'lost', at: 1000, vendorState: 'Idle' });
  });
});

describe('presenceAfter', () => {
  it('forgets a lost encoder', () => {
    expect(presenceAfter(there, { kind: 'lost', at: 1 })).toEqual(noEncoder);
  });

  it('remembers the session of a starving encoder', () => {
    expect(presenceAfter(there, { kind: 'starved', at: 1 })).toEqual({ encoder: 'starved', session: 'a' });
    expect(presenceAfter({ encoder: 'starved', session: 'a' }, { kind: 'recovered', at: 1 })).toEqual(there);
  });

  it('takes the session of a new connection, and none from an older one', () => {
    expect(presenceAfter(there, { kind: 'reconnected', at: 1, session: 'b' })).toEqual({
      encoder: 'connected',
      session: 'b',
    });
    expect(presenceAfter(noEncoder, { kind: 'connected', at: 1 })).toEqual({ encoder: 'connected' });
  });

  it.each([connected('b'), starved('b'), absent])('settles: what was confirmed is no change any more (%o)', (seen) => {
    let known: Presence = there;
    for (let i = 0; i < 3; i += 1) {
      const change = changeBetween(known, seen, seen, i);
      if (!change) break;
      known = presenceAfter(known, change);
    }
    expect(changeBetween(known, seen, seen, 9)).toBeUndefined();
  });
});
