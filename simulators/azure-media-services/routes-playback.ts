import { fileResponse, playlistResponse } from '../kit/file-response.ts';
import { mediaPlaylist, multivariantPlaylist } from '../kit/playlist.ts';
import type { SimRequest, SimResponse } from '../kit/types.ts';
import { originError } from './errors.ts';
import type { Fragment } from './records.ts';
import type { World } from './routes.ts';

/** What stands behind a locator: a live preview or an archive. */
interface PlayedMedia {
  fragments: Fragment[];
  dropped: number;
  ended: boolean;
  bitsPerSecond: number;
  size?: { width: number; height: number };
}

const playlistType = 'application/vnd.apple.mpegurl';
const unknownBitsPerSecond = 1_000_000;
const path = /^\/([0-9a-f-]{36})\/([^/]+)\.ism\/(.+)$/i;
const manifest = /^manifest\(format=m3u8-cmaf\)$/i;
const level = /^QualityLevels\(\d+\)\/Manifest\(video,format=m3u8-cmaf\)$/i;
const piece = /^QualityLevels\(\d+\)\/Fragments\(video=(\d+),format=m3u8-cmaf\)$/i;

/** Where an encoder would push fragmented MP4. recorded(https://github.com/Azure/azure-cli#test_live_event_standby) */
const smoothIngest = /^\/[^/]+\/[^/]+\/ingest\.isml(\/|$)/i;

/**
 * `media:Playlist` and `media:Fragment`, so that faults on `*` leave players alone. The forms of the URLs:
 * documented(https://learn.microsoft.com/azure/media-services/latest/encode-dynamic-packaging-concept); the fragments
 * behind them are MPEG-TS here and CMAF there.
 */
export function playbackOperation(req: SimRequest): string {
  if (smoothIngest.test(decode(req.path))) return 'media:Ingest';
  return piece.test(partsOf(req)?.rest ?? '') ? 'media:Fragment' : 'media:Playlist';
}

function partsOf(req: SimRequest): { locator: string; name: string; rest: string } | undefined {
  const [, locator, name, rest] = path.exec(decode(req.path)) ?? [];
  return locator && name && rest ? { locator, name, rest } : undefined;
}

/**
 * 404 when there is nothing, 412 before the first fragment.
 * documented(https://learn.microsoft.com/azure/media-services/latest/streaming-endpoint-error-codes)
 */
export async function answerPlayback(world: World, req: SimRequest): Promise<SimResponse> {
  if (smoothIngest.test(decode(req.path))) return originError(501, 'FRAGMENTED_MP4_INGEST_IS_NOT_SIMULATED_USE_RTMP');
  const parts = partsOf(req);
  if (!parts || !['GET', 'HEAD'].includes(req.method)) return originError(404, 'MPE_RESOURCE_NOT_FOUND');
  const shown = parts.name === 'preview' ? preview(world, parts.locator) : archive(world, parts.locator, parts.name);
  if ('status' in shown) return shown;
  if (shown.fragments.length === 0) return originError(412, 'MPE_FRAGMENT_NOT_READY');
  if (manifest.test(parts.rest)) return playlistResponse(req, top(shown), playlistType);
  if (level.test(parts.rest)) return playlistResponse(req, playlist(shown), playlistType);
  return fragment(world, req, shown, piece.exec(parts.rest)?.[1]);
}

function preview({ account, media }: World, locator: string): PlayedMedia | SimResponse {
  const event = account.events.all().find((one) => one.previewLocator.toLowerCase() === locator.toLowerCase());
  if (event?.state !== 'Running') return originError(404, 'MPE_RESOURCE_NOT_FOUND');
  return { ...media.previewOf(event), ended: false, bitsPerSecond: unknownBitsPerSecond };
}

/** A stopped streaming endpoint has no host at all in reality; 503 is the nearest thing: assumed. */
function archive({ account }: World, locatorId: string, name: string): PlayedMedia | SimResponse {
  if (!account.endpoints.all().some((endpoint) => endpoint.state === 'Running')) {
    return originError(503, 'STREAMING_ENDPOINT_STOPPED');
  }
  const locator = account.locators
    .all()
    .find((one) => one.streamingLocatorId.toLowerCase() === locatorId.toLowerCase());
  const found = locator && account.assets.get(locator.assetName)?.archive;
  if (found?.manifestName !== name) return originError(404, 'MPE_RESOURCE_NOT_FOUND');
  return { ...found, bitsPerSecond: found.bitsPerSecond ?? unknownBitsPerSecond };
}

const top = (shown: PlayedMedia): string =>
  multivariantPlaylist({
    variants: [
      {
        uri: `QualityLevels(${shown.bitsPerSecond})/Manifest(video,format=m3u8-cmaf)`,
        bitsPerSecond: shown.bitsPerSecond,
        ...shown.size,
      },
    ],
  });

const playlist = ({ fragments, dropped, ended }: PlayedMedia): string =>
  mediaPlaylist({
    type: ended ? 'VOD' : 'LIVE',
    ended,
    programDateTime: true,
    mediaSequence: dropped,
    segments: fragments.map(({ durationMs, startedAt, discontinuity }, index) => ({
      uri: `Fragments(video=${dropped + index},format=m3u8-cmaf)`,
      durationMs,
      startedAt,
      discontinuity,
    })),
  });

async function fragment(world: World, req: SimRequest, shown: PlayedMedia, number?: string): Promise<SimResponse> {
  const found = number === undefined ? undefined : shown.fragments[Number(number) - shown.dropped];
  const body = found && (await world.media.read(found.storeKey));
  if (!body) return originError(404, 'MPE_FRAGMENT_TIMESTAMP_NOT_FOUND');
  return fileResponse(req, { body, contentType: 'video/mp2t' });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
