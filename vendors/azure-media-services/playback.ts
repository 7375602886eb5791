import type { Channel } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import type { Playback } from '../../domain/playback.ts';
import { noteBilling } from '../call.ts';
import { locatorIdOf, manifestName } from './names.ts';
import type { Sdk } from './sdk.ts';
import { detailsOf, isOfThisRun, partsOf } from './vod.ts';

/**
 * The streaming endpoint and the locator of the asset that is being recorded. Both names are ours, so that the address is
 * known before there is anything behind it; a reset of the encoder begins a new asset and so a new address.
 * https://learn.microsoft.com/azure/media-services/latest/encode-dynamic-packaging-concept
 */
export async function playback(sdk: Sdk, channel: Channel, playbackBaseUrl: string | undefined): Promise<Playback> {
  const { streamingEndpointName } = detailsOf(channel);
  const endpoint = await sdk.getStreamingEndpoint(streamingEndpointName);
  if (!endpoint) return { note: `there is no streaming endpoint ${streamingEndpointName}: create it, or name another` };
  const { resourceState = 'Unknown', hostName } = endpoint;
  const base = playbackBaseUrl?.replace(/\/+$/, '') ?? `https://${hostName}`;
  const path = `${base}/${await locatorOf(sdk, channel)}/${manifestName}.ism/manifest`;
  return {
    hls: `${path}(format=m3u8-cmaf)`,
    dash: `${path}(format=mpd-time-cmaf)`,
    ...(resourceState !== 'Running' && {
      note: `the streaming endpoint ${streamingEndpointName} is ${resourceState}: viewers see nothing until it runs`,
    }),
  };
}

/** The locators that we make are in the clear (`Predefined_ClearStreamingOnly`): a player needs the address alone. */
export const viewerUrl = async (url: string): Promise<string> => url;

async function locatorOf(sdk: Sdk, channel: Channel): Promise<string> {
  const parts = await partsOf(sdk, channel);
  const newest = parts.findLast((part) => part.asset && isOfThisRun(part, channel)) ?? parts.at(-1);
  const assetName = newest?.assetName ?? '';
  const made = newest?.asset && (await sdk.getLocator(assetName));
  return made?.streamingLocatorId ?? locatorIdOf(sdk.accountId, channel.ref.workflowId, assetName);
}

/**
 * Starts the streaming endpoint that viewers read from, unless the plan forbids it. It takes minutes, which the show does
 * not wait for: the recording is worth more, and `playback` says that the endpoint does not run yet.
 */
export async function openToViewers(sdk: Sdk, channel: Channel): Promise<void> {
  const { streamingEndpointName, startStreamingEndpoint } = detailsOf(channel);
  if (!startStreamingEndpoint) return;
  try {
    const endpoint = await sdk.getStreamingEndpoint(streamingEndpointName);
    if (endpoint?.resourceState !== 'Stopped') return;
    await sdk.startStreamingEndpoint(streamingEndpointName);
    const started = { resource: 'streaming endpoint', name: streamingEndpointName, state: 'running' } as const;
    noteBilling({ ...started, at: sdk.now(), asked: true });
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
  }
}
