import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../../domain/channel.ts';
import { channelsOf, ofEachLeg, whyNoAddress } from '../../../../domain/legs/channels.ts';
import type { EventStatus, LegStatus } from '../../../../domain/report.ts';

const channelOf = (name: string): Channel => ({
  ref: { vendor: 'alibaba-oss', account: 'default', name, workflowId: `live-event/e@${name}` },
  details: {},
});
const leg = (name: string, rest: Partial<LegStatus> = {}, status: Partial<EventStatus> = {}): LegStatus =>
  ({
    name,
    vendor: 'alibaba-oss',
    account: 'default',
    status: { channel: channelOf(name), ...status },
    ...rest,
  }) as never;
const eventOf = (legs: LegStatus[], phase = 'live') => ({ legs, phase }) as EventStatus;

describe('where the encoder of an event with several legs sends', () => {
  it('is a channel for each leg that can still be sent to', () => {
    const legs = [
      leg('main'),
      leg('stopped', {}, { stoppedAt: 1 }),
      leg('over', { endedAt: 1 }),
      leg('held-back', { status: undefined }),
      leg('backup'),
    ];
    expect(channelsOf(eventOf(legs)).map((one) => one.leg)).toEqual(['main', 'backup']);
    expect(channelsOf({ channel: channelOf('alone') } as EventStatus)).toEqual([{ channel: channelOf('alone') }]);
    expect(channelsOf({} as EventStatus)).toEqual([]);
  });

  const asked = async ({ ref }: Channel) => {
    if (ref.name === 'main') throw new Error('main is away');
    return [{ url: `rtmp://${ref.name}` }];
  };
  const because = (error: Error) => error.message;

  it('names the leg of each address, and why a leg has none while another has', async () => {
    const legs = [
      leg('main'),
      leg('backup'),
      leg('held-back', { status: undefined }),
      leg('begun', { begunAt: 1 }, { channel: undefined, phase: 'allocating' }),
      leg('silent', { begunAt: 1, status: undefined }),
      leg('stopped', { begunAt: 1 }, { stoppedAt: 1 }),
      leg('over', { begunAt: 1, endedAt: 1 }),
      leg('lost', { begunAt: 1, endedAt: 1, lost: 'its run was terminated' }),
    ];
    expect(await ofEachLeg(eventOf(legs), asked, because)).toEqual({
      given: [{ leg: 'backup', url: 'rtmp://backup' }],
      missing: [
        { leg: 'main', reason: 'main is away' },
        { leg: 'held-back', reason: 'it is held back until another leg fails' },
        { leg: 'begun', reason: 'it has no channel yet, in the phase allocating' },
        { leg: 'silent', reason: 'it has no channel yet, and has not reported its phase' },
        { leg: 'stopped', reason: 'it was stopped' },
        { leg: 'over', reason: 'it is over' },
        { leg: 'lost', reason: 'it is over: its run was terminated' },
      ],
    });
    await expect(ofEachLeg(eventOf([leg('main')]), asked, because)).rejects.toThrow('main is away');
    expect(await ofEachLeg({} as EventStatus, asked, because)).toEqual({ given: [], missing: [] });
  });

  it('says why a vendor gives no address', async () => {
    const none = async () => [];
    const pulls = { plan: { sources: ['rtmp://studio.example/live'] } } as Partial<EventStatus>;
    const ofLegs = eventOf([leg('main', {}, pulls), leg('backup')]);
    const reasons = [
      'its vendor pulls from the sources of the plan: no encoder sends to it',
      'alibaba-oss gives no address now; ask again once the channel is open',
    ];
    expect(await ofEachLeg(ofLegs, none, because)).toEqual({
      given: [],
      missing: [
        { leg: 'main', reason: reasons[0] },
        { leg: 'backup', reason: reasons[1] },
      ],
    });
    const alone = { channel: channelOf('alone') } as EventStatus;
    expect((await ofEachLeg({ ...alone, ...pulls }, none, because)).missing).toEqual([{ reason: reasons[0] }]);
    expect((await ofEachLeg(alone, none, because)).missing).toEqual([{ reason: reasons[1] }]);
  });

  it('has no address after the stop, with or without legs', () => {
    const stopped = { channel: channelOf('alone'), stoppedAt: 1, phase: 'publishing-vod' } as EventStatus;
    expect(channelsOf(stopped)).toEqual([]);
    const any = 'has no address in the phase publishing-vod: no encoder may send';
    expect(whyNoAddress(stopped)).toBe(any);
    expect(whyNoAddress(eventOf([leg('main', {}, { stoppedAt: 1 })], 'publishing-vod'))).toBe(any);
    expect(whyNoAddress({ phase: 'allocating', entered: {}, endsAt: 0 } as EventStatus)).toBe(
      'has no channel in the phase allocating, and so no address yet; it is open to 1970-01-01T00:00:00.000Z',
    );
    expect(whyNoAddress(eventOf([leg('main')]))).toBeUndefined();
    const others = {
      ...eventOf([leg('main', {}, { stoppedAt: 1 }), leg('backup', { begunAt: 1, status: undefined })]),
    };
    expect(whyNoAddress({ ...others, stoppedAt: 1, entered: {}, endsAt: 0 })).toContain('and so no address yet');
  });

  it('does not say that a leg still begins when the show is being stopped', async () => {
    const legs = [leg('main', { begunAt: 1 }, { stoppedAt: 1 }), leg('held-back', { status: undefined })];
    expect((await ofEachLeg(eventOf(legs, 'stopping'), asked, because)).missing).toEqual([
      { leg: 'main', reason: 'it was stopped' },
      { leg: 'held-back', reason: 'it has not begun, and the event is in the phase stopping' },
    ]);
  });
});
