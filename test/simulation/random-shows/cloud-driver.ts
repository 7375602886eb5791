import type { ChannelRef, EventSpec } from '../../../domain/channel.ts';
import { VendorError } from '../../../domain/errors.ts';
import { createCaller } from '../../../vendors/call.ts';
import { done, notYet, type Progress, type VendorDriver } from '../../../vendors/driver.ts';
import { fakeVod, fetchFakeVod } from '../../support/fake-vod.ts';
import { type Cloud, type CloudChannel, isSent, refusal } from './cloud.ts';
import type { Network } from './network.ts';

/** Every call that can go wrong. */
export const operations = [
  'getChannel',
  'createChannel',
  'openChannel',
  'createRecording',
  'getStream',
  'listStreams',
  'dropEncoder',
  'closeChannel',
  'listSessions',
  'getRecording',
  'getFile',
  'deleteChannel',
  'listChannels',
] as const;
type Operation = (typeof operations)[number];

const mutating: ReadonlySet<Operation> = new Set([
  'createChannel',
  'openChannel',
  'createRecording',
  'dropEncoder',
  'closeChannel',
  'deleteChannel',
]);

const lookAgainMs = 3000;
const recordingAgainMs = 15_000;

export interface CloudDriverOptions {
  vendor: string;
  account: string;
  cloud: Cloud;
  network: Network;
  /** Whether a poller can list all live channels at once. */
  lists: boolean;
}

/** A driver as every vendor's is: it looks, does at most one thing, and says what it waits for. */
export function cloudDriver({ vendor, account, cloud, network, lists }: CloudDriverOptions): VendorDriver {
  const caller = createCaller('cloud', account, () => ({ kind: 'unknown', message: 'unknown' }), { hooks: {} });
  const call = <T>(operation: Operation, serve: () => T): Promise<T> =>
    caller({ operation, mutates: mutating.has(operation) }, () => network.call(operation, serve));
  const refOf = ({ eventId, workflowId }: Pick<EventSpec, 'eventId' | 'workflowId'>): ChannelRef => ({
    ...{ vendor, account, workflowId },
    name: channelNameOf(eventId),
  });
  const get = (name: string) => call('getChannel', () => ({ ...cloud.getChannel(name) }));
  const find = async (name: string): Promise<CloudChannel | undefined> => {
    try {
      return await get(name);
    } catch (error) {
      if (error instanceof VendorError && error.kind === 'not-found') return undefined;
      throw error;
    }
  };
  /** Closed to encoders for good, or gone. */
  const closed = async (name: string): Promise<Progress<CloudChannel | undefined>> => {
    const channel = await find(name);
    if (!channel || channel.state === 'deleting') return done(undefined);
    switch (channel.state) {
      case 'closed':
        return done(channel);
      case 'open':
        await call('closeChannel', () => cloud.closeChannel(name));
        return notYet('the channel to be closed', lookAgainMs);
      default:
        return notYet(`the channel, which is ${channel.state}`, lookAgainMs);
    }
  };
  return {
    refOf,
    preflight: async () => ({ findings: [], unseen: [] }),
    async allocate(event) {
      const ref = refOf(event);
      const channel = await find(ref.name);
      if (!channel) await call('createChannel', () => cloud.createChannel(ref.name, ref.workflowId));
      else if (channel.tag !== ref.workflowId)
        throw refusal('conflict', 'getChannel', ref.name, 'it is of another run');
      else if (channel.state !== 'creating') return done({ ref, details: {} });
      return notYet('the channel to be made', lookAgainMs);
    },
    async start({ ref: { name } }) {
      const { state } = await get(name);
      if (state === 'open') return done(undefined);
      if (state === 'closed') await call('openChannel', () => cloud.openChannel(name));
      return notYet('the channel to be open', lookAgainMs);
    },
    async createOutput({ ref: { name } }) {
      const { records } = await get(name);
      if (!records) await call('createRecording', () => cloud.createRecording(name));
      return done({ details: {} });
    },
    observe: ({ ref: { name } }) => call('getStream', () => observationOf(cloud.getChannel(name))),
    ...(lists && {
      listLive: () =>
        call('listStreams', () =>
          cloud.channels.filter(isSent).map((one) => ({ channel: one.name, observation: observationOf(one) })),
        ),
    }),
    playback: async ({ ref: { name } }) => ({ hls: `https://watch.cloud.test/${name}.m3u8` }),
    viewerUrl: async (_channel, url) => url,
    async reset({ ref: { name } }) {
      await call('dropEncoder', () => cloud.dropEncoder(name));
      return done(undefined);
    },
    async stop({ ref: { name } }) {
      const progress = await closed(name);
      if (!progress.done) return progress;
      if (!progress.value) return done({ sessions: [] });
      return done({ sessions: await call('listSessions', () => [...cloud.getChannel(name).sessions]) });
    },
    async publishVod({ ref: { name } }) {
      const recorded = await call('getRecording', () => cloud.recordingOf(name));
      if (!recorded) return notYet('the recording to be final', recordingAgainMs);
      return done(recorded.length > 0 ? [fakeVod(recorded)] : []);
    },
    fetchVod: (url) => call('getFile', () => fetchFakeVod(url)),
    async cleanUp({ name }) {
      const progress = await closed(name);
      if (!progress.done) return progress;
      if (progress.value) await call('deleteChannel', () => cloud.deleteChannel(name));
      else if (!(await find(name))) return done(undefined);
      return notYet('the channel to be gone', lookAgainMs);
    },
    ingest: async ({ ref: { name } }) => [
      { protocol: 'rtmp', url: `rtmp://cloud/${name}/k`, server: `rtmp://cloud/${name}`, streamKey: 'k' },
    ],
    owned: async () => {
      const all = await call('listChannels', () => cloud.listChannels());
      return {
        items: all.filter(({ tag }) => tag).map(({ name, tag: workflowId }) => ({ vendor, account, name, workflowId })),
      };
    },
  };
}

export const channelNameOf = (eventId: string): string => `sc-${eventId}`;

function observationOf(channel: CloudChannel) {
  const last = channel.sessions.at(-1);
  if (!last || last.endedAt !== undefined) return { encoder: 'absent' as const, vendorState: channel.state };
  return { encoder: 'connected' as const, session: last.id ?? '', since: last.startedAt, vendorState: 'live' };
}
