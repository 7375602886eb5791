import type { Channel, LiveWindow, VodAsset } from '../../domain/channel.ts';
import { readPlaylist } from '../../domain/hls.ts';
import { type ByteRange, done, notYet, type Progress, type VodFile } from '../driver.ts';
import { noteEndpoint } from './billed.ts';
import { refusal } from './errors.ts';
import { assetNameOf, locatorIdOf } from './names.ts';
import type { Asset, Sdk, StreamingLocator } from './sdk.ts';
import { advance, type Decision, finished } from './steps.ts';

/** The details of a channel that later steps need; goes into history. */
export interface Details {
  /** When the live event was made, epoch milliseconds: recordings older than that are of an earlier run. */
  createdAt: number;
  archiveWindowLength: string;
  streamingEndpointName: string;
  startStreamingEndpoint: boolean;
  title: string;
}

export function detailsOf(channel: Channel): Details {
  const { createdAt, archiveWindowLength, streamingEndpointName, startStreamingEndpoint, title } = channel.details;
  return {
    createdAt: Number(createdAt),
    archiveWindowLength: String(archiveWindowLength),
    streamingEndpointName: String(streamingEndpointName),
    startStreamingEndpoint: startStreamingEndpoint === true,
    title: String(title),
  };
}

/** One asset of the event; a reset ends one and begins the next. */
export interface AssetPart {
  number: number;
  assetName: string;
  /** Absent when there is no such asset yet. */
  asset?: Asset;
}

/** Every reset makes a part; an event with more of them than this is not one. */
const mostParts = 100;

/** The event's assets, oldest first, and at the end the first that is free. */
export async function partsOf(sdk: Sdk, channel: Channel): Promise<AssetPart[]> {
  const parts: AssetPart[] = [];
  for (let number = 1; number <= mostParts; number += 1) {
    const assetName = assetNameOf(channel.ref.name, number);
    const asset = await sdk.getAsset(assetName);
    if (!asset) return [...parts, { number, assetName }];
    if (asset.alternateId !== channel.ref.workflowId) {
      throw refusal({
        kind: 'conflict',
        operation: 'Assets_Get',
        resource: assetName,
        message: 'an asset of this name belongs to someone else',
        advice: 'rename it, or choose another event id',
      });
    }
    parts.push({ number, assetName, asset });
  }
  throw refusal({
    kind: 'quota-exceeded',
    operation: 'Assets_Get',
    resource: channel.ref.name,
    message: `the event has ${mostParts} recordings already`,
    advice: 'choose another event id, or delete old recordings',
  });
}

/** Made by this run, not by an earlier one of the same event id. */
export const isOfThisRun = (part: AssetPart, channel: Channel): boolean =>
  (part.asset?.created?.getTime() ?? 0) >= detailsOf(channel).createdAt;

/** The locator that players use; found again by its derived name when its create lost the answer. */
export async function ensureLocator(sdk: Sdk, channel: Channel, assetName: string): Promise<StreamingLocator> {
  const found = await sdk.getLocator(assetName);
  if (found) return ours(found, assetName);
  try {
    return await sdk.createLocator(assetName, {
      assetName,
      streamingPolicyName: 'Predefined_ClearStreamingOnly',
      streamingLocatorId: locatorIdOf(sdk.accountId, channel.ref.workflowId, assetName),
    });
  } catch (error) {
    // A locator cannot be put twice: a twin of this call may have been faster.
    const twin = await sdk.getLocator(assetName);
    if (twin) return ours(twin, assetName);
    throw error;
  }
}

function ours(locator: StreamingLocator, assetName: string): StreamingLocator {
  if (locator.assetName === assetName) return locator;
  throw refusal({
    kind: 'conflict',
    operation: 'StreamingLocators_Get',
    resource: assetName,
    message: `the streaming locator of this name belongs to the asset ${locator.assetName}`,
    advice: 'delete that locator, or choose another event id',
  });
}

/** The HLS path of a locator; undefined until its asset has a first fragment. */
export async function hlsPathOf(sdk: Sdk, locatorName: string): Promise<string | undefined> {
  const listed = await sdk.listPaths(locatorName);
  const paths = listed.filter((path) => path.streamingProtocol === 'Hls').flatMap((path) => path.paths ?? []);
  return paths.find((path) => path.includes('m3u8-cmaf')) ?? paths[0];
}

/** Fragments are in the asset while the show goes on; an encoder that was cut off before its first one leaves none. */
const firstFragmentMs = 60_000;

export async function publishVod(
  sdk: Sdk,
  channel: Channel,
  windows: readonly LiveWindow[],
  playbackBaseUrl: string | undefined,
): Promise<Progress<VodAsset[]>> {
  const { name } = channel.ref;
  const outputs = await sdk.listOutputs(name);
  if (outputs.some((output) => output.assetName?.startsWith(`${name}_`))) {
    return notYet('the live output to be deleted: it still records', 2_000);
  }
  const parts = (await partsOf(sdk, channel)).filter((part) => part.asset && isOfThisRun(part, channel));
  const paths: string[] = [];
  for (const { assetName } of parts) {
    await ensureLocator(sdk, channel, assetName);
    const path = await hlsPathOf(sdk, assetName);
    if (path) paths.push(path);
  }
  if (paths.length === 0) {
    const dueAt = (windows.at(-1)?.to ?? 0) + firstFragmentMs;
    return sdk.now() >= dueAt ? done([]) : notYet('the first fragments to appear in the asset', 5_000);
  }
  const host = await playerHost(sdk, channel, playbackBaseUrl);
  if (!host.done) return host;
  const assets: VodAsset[] = [];
  for (const path of paths) {
    const asset = await readAsset(sdk, host.value + path);
    if (!asset.done) return asset;
    assets.push(asset.value);
  }
  return done(assets);
}

/** Where players read: the streaming endpoint, started when it is stopped and left running. */
function playerHost(sdk: Sdk, channel: Channel, playbackBaseUrl: string | undefined): Promise<Progress<string>> {
  const { streamingEndpointName: name, startStreamingEndpoint } = detailsOf(channel);
  return advance(
    () => sdk.getStreamingEndpoint(name),
    (endpoint): Decision<string> => {
      if (!endpoint) {
        throw refusal({
          kind: 'not-found',
          operation: 'StreamingEndpoints_Get',
          resource: name,
          message: 'there is no such streaming endpoint',
          advice: 'create it, or name another in vendorOptions.streamingEndpointName',
        });
      }
      const { resourceState, hostName } = endpoint;
      if (resourceState === 'Running') {
        noteEndpoint(endpoint, detailsOf(channel));
        return finished(done(playbackBaseUrl?.replace(/\/+$/, '') ?? `https://${hostName}`));
      }
      if (resourceState !== 'Stopped') return finished(notYet(`the streaming endpoint, ${resourceState}`, 5_000));
      if (!startStreamingEndpoint) {
        throw refusal({
          kind: 'conflict',
          operation: 'StreamingEndpoints_Get',
          resource: name,
          message: 'the streaming endpoint is stopped and the plan forbids starting it',
          advice: 'start it, or leave vendorOptions.startStreamingEndpoint out; then retry the VOD',
        });
      }
      const ask = () => sdk.startStreamingEndpoint(name);
      return { step: 'start the streaming endpoint', request: ask, againMs: 5_000 };
    },
  );
}

async function readAsset(sdk: Sdk, url: string): Promise<Progress<VodAsset>> {
  const top = await fetchPlaylist(sdk, url, url);
  const variant = top && firstVariantOf(top, url);
  const body = variant === undefined ? undefined : await fetchPlaylist(sdk, variant, url);
  const media = body && readPlaylist(body);
  if (media?.kind !== 'media') return notYet('the playlist to be served', 5_000);
  const { ended, durationMs, from, until } = media;
  if (!ended) return notYet('the playlist to end', 2_000);
  return done({
    url,
    durationMs: Math.round(durationMs),
    // A gap in the recording lies between two dates, not in the durations.
    ...(from !== undefined && until !== undefined && { covers: { from, to: Math.round(until) } }),
    finality: 'the live output is deleted and the playlist ends (EXT-X-ENDLIST)',
  });
}

/** Undefined while the origin says that nothing is there yet: 404, or 412 for a fragment that is not ready. */
async function fetchPlaylist(sdk: Sdk, url: string, asset: string): Promise<Uint8Array | undefined> {
  const file = await sdk.fetchMedia(url, undefined, asset);
  if (file.status === 200) return file.body;
  if (file.status === 404 || file.status === 412) return undefined;
  throw refusal({
    kind: file.status >= 500 ? 'unavailable' : 'unauthorized',
    operation: 'media:Get',
    resource: new URL(url).pathname,
    message: 'the streaming endpoint did not give the playlist',
    httpStatus: file.status,
    advice: 'check the access control of the streaming endpoint',
  });
}

/** The first media playlist of a multivariant playlist, absolute. */
function firstVariantOf(body: Uint8Array, base: string): string | undefined {
  const list = readPlaylist(body);
  const uri = list?.kind === 'multivariant' ? list.uris[0] : undefined;
  return uri && new URL(uri, base).href;
}

/** A file as any player gets it. Ends of `range` are inclusive. */
export const fetchVod = (sdk: Sdk, url: string, range?: ByteRange, asset?: string): Promise<VodFile> =>
  sdk.fetchMedia(url, range, asset);
