import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../../domain/channel.ts';
import { channelsOf, ofEachLeg } from '../../../../domain/legs/channels.ts';
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
const eventOf = (legs: LegStatus[]) => ({ legs }) as EventStatus;

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

  it('names the leg of each address, and leaves out a leg that gives none while another does', async () => {
    const channels = channelsOf(eventOf([leg('main'), leg('backup')]));
    const ask = async ({ ref }: Channel) => {
      if (ref.name === 'main') throw new Error('main is away');
      return [{ url: `rtmp://${ref.name}` }];
    };
    expect(await ofEachLeg(channels, ask)).toEqual([{ leg: 'backup', url: 'rtmp://backup' }]);
    await expect(ofEachLeg(channels.slice(0, 1), ask)).rejects.toThrow('main is away');
    expect(await ofEachLeg([], ask)).toEqual([]);
  });
});
