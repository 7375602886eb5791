import type { Channel } from '../../domain/channel.ts';
import type { Playback } from '../../domain/playback.ts';
import type { Settings } from './options.ts';
import type { Sdk } from './sdk.ts';

/** How long a signed address may be used: a player asks for a live playlist every few seconds. */
const signedForSeconds = 3_600;

/** Fixed by the names alone. https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel */
export async function playback(settings: Settings, { ref, details }: Channel): Promise<Playback> {
  return {
    hls: `${settings.playbackBaseUrl}/${ref.name}/${details.playlistName}`,
    ...(settings.signedPlayback && {
      needs: 'signature' as const,
      note: 'a signed playlist does not sign its segments: viewers need a player or a CDN that signs each',
    }),
  };
}

export async function viewerUrl(sdk: Sdk, settings: Settings, url: string): Promise<string> {
  const ours = `${settings.playbackBaseUrl}/`;
  if (!settings.signedPlayback || !url.startsWith(ours)) return url;
  const object = decodeURIComponent(url.slice(ours.length).split('?')[0] ?? '');
  return `${ours}${encodeURI(object)}${sdk.signedReadQuery(object, signedForSeconds)}`;
}
