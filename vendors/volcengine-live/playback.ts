import type { Channel } from '../../domain/channel.ts';
import { type Playback, unsigned } from '../../domain/playback.ts';
import { rfc3339 } from './presence.ts';
import type { Sdk } from './sdk.ts';

/** How long a signed address may be used: a player asks for a live playlist every few seconds. */
const signedForMs = 3_600_000;

/** The pull domain's addresses, which the vendor signs where the domain asks for it. */
export async function playback(sdk: Sdk, { ref }: Channel): Promise<Playback> {
  const urls = await playUrls(sdk, ref.name);
  const ending = (suffix: string) => urls.map(unsigned).find((url) => /^https?:/.test(url) && url.endsWith(suffix));
  const [hls, flv] = [ending('.m3u8'), ending('.flv')];
  return {
    ...(hls && { hls }),
    ...(flv && { flv }),
    ...(urls.some((url) => url !== unsigned(url)) && { needs: 'signature' as const }),
  };
}

/** Only addresses of playlists need a signature; the files that a playlist names carry their own. */
export async function viewerUrl(sdk: Sdk, { ref }: Channel, url: string): Promise<string> {
  if (!/\.(m3u8|flv)$/.test(url)) return url;
  return (await playUrls(sdk, ref.name)).find((signed) => unsigned(signed) === url) ?? url;
}

async function playUrls(sdk: Sdk, name: string): Promise<string[]> {
  const { URLList } = await sdk.playUrls(name, rfc3339(sdk.now() + signedForMs));
  return URLList.flatMap(({ URL: url }) => url ?? []);
}
