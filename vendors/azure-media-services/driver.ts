import type { Channel, ChannelRef, EventSpec, StopEvidence } from '../../domain/channel.ts';
import type { DriverContext } from '../context.ts';
import { done, notYet, type Page, type Progress, type VendorDriver } from '../driver.ts';
import type { Account } from '../manifest.ts';
import { namedAsMade } from '../naming.ts';
import { pageOf } from '../pages.ts';
import { lookAtEndpoint, noteEvent } from './billed.ts';
import { ownershipTag, refOf, runTag, vendor } from './names.ts';
import { archiveWindowOf, type Options, optionsOf, settingsOf } from './options.ts';
import { createOutput, isOutput } from './output.ts';
import { ownOrGone, requireOwn } from './ownership.ts';
import { openToViewers, playback, viewerUrl } from './playback.ts';
import { preflight } from './preflight.ts';
import { observe, sessionsOf } from './presence.ts';
import { createSdk, type LiveEvent, type LiveOutput, type Sdk } from './sdk.ts';
import { advance, type Decision, finished, wait } from './steps.ts';
import { type Details, detailsOf, fetchVod, publishVod } from './vod.ts';
import { ingestEndpoint, wireEvent } from './wire.ts';

/** The resources that `stop` and `cleanUp` read. */
interface Scene {
  event?: LiveEvent;
  outputs: LiveOutput[];
}

export function createDriver(account: Account, context: DriverContext): VendorDriver {
  const settings = settingsOf(account);
  const { location, previewProbeMs: probeMs, playbackBaseUrl } = settings;
  const sdk = createSdk(settings, context);

  return {
    refOf: (event) => refOf(account.name, event),

    preflight: (event, planned) => preflight(sdk, settings, event, planned),

    async allocate(spec) {
      const ref = namedAsMade(refOf(account.name, spec), spec);
      const options = optionsOf(spec);
      return advance(
        () => lookBefore(sdk, ref, spec),
        (scene): Decision<Channel> => {
          const { event, isLeft } = scene;
          if (!event) {
            const ask = () => sdk.createEvent(ref.name, wireEvent(spec, options, location));
            return { step: 'create the live event', request: ask, againMs: 1_000 };
          }
          if (isLeft) return remove(sdk, event, scene.outputs);
          const madeAt = event.created?.toISOString();
          const made = { ...ref, ...(madeAt && { madeAt }) };
          const ready = finished(done({ ref: made, details: { ...detailsFor(event, spec, options) } }));
          switch (event.resourceState) {
            case 'StandBy':
            case 'Starting':
            case 'Running':
              return ready;
            case 'Stopped': {
              if (event.provisioningState === 'InProgress') return wait(event, 1_000);
              if (!spec.standby) return ready;
              return { step: 'bring it to StandBy', request: () => sdk.allocateEvent(ref.name), againMs: 2_000 };
            }
            default:
              return wait(event);
          }
        },
      );
    },

    start: (channel) => start(sdk, channel),

    async createOutput(channel) {
      // At each of several looks, so that the next makes good what one could not do.
      await openToViewers(sdk, channel);
      return createOutput(sdk, channel);
    },

    observe: (channel) => observe(sdk, channel, probeMs),

    playback: (channel) => playback(sdk, channel, playbackBaseUrl),
    viewerUrl: (_channel, url) => viewerUrl(url),

    async reset(channel, recording) {
      const { ref } = channel;
      const event = requireOwn(await sdk.getEvent(ref.name), ref, 'LiveEvents_Reset');
      // A reset stops the live event and starts it again: one that is not running lets no encoder in.
      const opened = event.resourceState === 'Running' ? done(undefined) : await start(sdk, channel);
      if (!opened.done) return opened;
      const outputs = await sdk.listOutputs(ref.name);
      const [output] = outputs;
      // A reset deletes the outputs with the connection: none on a running event, another one, or one on its way out means that it was done.
      const isAsked = recording === undefined || isOutput(output, recording);
      if (output && output.resourceState !== 'Deleting' && isAsked) {
        const { encoder } = await observe(sdk, channel, probeMs);
        if (encoder === 'absent') return done(undefined);
        await sdk.resetEvent(ref.name);
        return notYet('the live event to restart', 2_000);
      }
      return createOutput(sdk, channel);
    },

    async stop(channel) {
      const { ref } = channel;
      const stopped = await advance(
        () => look(sdk, ref),
        (scene): Decision<LiveEvent | undefined> => closeDown(sdk, scene) ?? finished(done(scene.event)),
      );
      if (!stopped.done) return stopped;
      await lookAtEndpoint(sdk, detailsOf(channel));
      const none: StopEvidence = { sessions: [] };
      return done(stopped.value ? { sessions: await sessionsOf(sdk, ref.name) } : none);
    },

    publishVod: (channel, _output, windows) => publishVod(sdk, channel, windows, playbackBaseUrl),

    fetchVod: (url, range, asset) => fetchVod(sdk, url, range, asset),

    cleanUp: (ref) =>
      advance(
        () => look(sdk, ref),
        (scene): Decision<void> => {
          const { event, outputs } = scene;
          return event ? remove(sdk, event, outputs) : finished(done(undefined));
        },
      ),

    async ingest({ ref }) {
      const event = requireOwn(await sdk.getEvent(ref.name), ref, 'LiveEvents_Get');
      return (event.input?.endpoints ?? []).flatMap(({ url }) => (url ? ingestEndpoint(url, ref.name, event) : []));
    },

    async owned(cursor): Promise<Page<ChannelRef>> {
      const page = await sdk.listEvents(cursor);
      const items = page.items.flatMap(({ name, tags }): ChannelRef[] => {
        const workflowId = tags?.[ownershipTag];
        return name && workflowId ? [{ vendor, account: account.name, name, workflowId }] : [];
      });
      return pageOf(items, page.next);
    },
  };
}

function start(sdk: Sdk, channel: Channel): Promise<Progress<void>> {
  const { ref } = channel;
  return advance(
    () => sdk.getEvent(ref.name),
    (event): Decision<void> => {
      const found = requireOwn(event, ref, 'LiveEvents_Start');
      noteEvent(found);
      switch (found.resourceState) {
        case 'Running':
          return finished(done(undefined));
        case 'Stopped':
        case 'StandBy':
          if (found.provisioningState === 'InProgress') return wait(found, 1_000);
          return { step: 'start the live event', request: () => sdk.startEvent(ref.name), againMs: 2_000 };
        default:
          return wait(found);
      }
    },
  );
}

/**
 * What an earlier run of the event left is not taken over, unless this one joins it: it may be on air and billed, its publish
 * URL lets the earlier run's encoder in, and it may be set up in another way.
 */
async function lookBefore(sdk: Sdk, ref: ChannelRef, { joins, run }: EventSpec): Promise<Scene & { isLeft?: boolean }> {
  const event = await sdk.getEvent(ref.name);
  if (!event) return { outputs: [] };
  noteEvent(requireOwn(event, ref, 'LiveEvents_Get'));
  const madeBy = event.tags?.[runTag];
  // One without the tag is of a version before, or a policy wipes it: made anew it may have none again. It is stopped and kept.
  const isUnused = madeBy === undefined && ['Stopped', 'StandBy', 'Allocating'].includes(event.resourceState ?? '');
  if (joins || madeBy === run || isUnused) return { event, outputs: [] };
  return { event, outputs: await sdk.listOutputs(ref.name), isLeft: true };
}

async function look(sdk: Sdk, ref: ChannelRef): Promise<Scene> {
  const event = ownOrGone(await sdk.getEvent(ref.name), ref);
  if (!event) return { outputs: [] };
  noteEvent(event);
  return { event, outputs: await sdk.listOutputs(ref.name) };
}

/** What is left to do until the live event is gone. */
function remove(sdk: Sdk, event: LiveEvent, outputs: LiveOutput[]): Decision<never> {
  const closed = closeDown(sdk, { event, outputs });
  if (closed) return closed;
  if (event.resourceState === 'Deleting') return wait(event);
  return { step: 'delete the live event', request: () => sdk.deleteEvent(event.name ?? ''), againMs: 2_000 };
}

/** What is left to do until no encoder can push; nothing when the live event is stopped, on its way out, or gone. */
function closeDown(sdk: Sdk, { event, outputs }: Scene): Decision<never> | undefined {
  if (!event) return undefined;
  // Before the stop, because a successor of the service ignores `removeOutputsOnStop`.
  const recording = outputs.filter((output) => output.resourceState !== 'Deleting');
  if (recording.length > 0) {
    const names = recording.flatMap(({ name }) => name ?? []);
    const ask = async () => {
      for (const output of names) await sdk.deleteOutput(event.name ?? '', output);
    };
    return { step: `delete the live output ${names.join(', ')}`, request: ask, againMs: 1_000 };
  }
  if (outputs.length > 0) return finished(notYet('the live output to be deleted', 1_000));
  switch (event.resourceState) {
    case 'Stopped':
      return event.provisioningState === 'InProgress' ? wait(event, 1_000) : undefined;
    case 'Deleting':
      return undefined;
    case 'Running':
    case 'StandBy':
      return { step: 'stop the live event', request: () => sdk.stopEvent(event.name ?? ''), againMs: 2_000 };
    default:
      return wait(event);
  }
}

const detailsFor = (
  event: LiveEvent,
  spec: EventSpec,
  options: Options,
): Details & { [key: string]: string | number | boolean } => ({
  createdAt: event.created?.getTime() ?? 0,
  archiveWindowLength: archiveWindowOf(spec, options),
  streamingEndpointName: options.streamingEndpointName,
  startStreamingEndpoint: options.startStreamingEndpoint,
  title: spec.title,
});
