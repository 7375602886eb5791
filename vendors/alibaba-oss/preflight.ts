import { formatDuration } from '../../domain/time.ts';
import { type AskedOf, asksPlayback, preflightBy, unusedName } from '../preflight.ts';
import { meaningOf } from './errors.ts';
import { namePrefix, ownerIn, refOf } from './names.ts';
import { longestSessionMs, type Options, optionsOf, type Settings } from './options.ts';
import type { Sdk } from './sdk.ts';

type Asked = AskedOf<Sdk, Settings, Options>;

/** Ten calls: one for each permission, of which the listing also shows the name, and the last is a viewer's. */
export const preflight = preflightBy(meaningOf, optionsOf, async (asked: Asked) => {
  const isOurs = await lookAtName(asked);
  await lookAtStream(asked, isOurs);
  await lookAtPermissions(asked);
  await lookAtPlayback(asked);
  lookAtTimes(asked);
  await asked.looks.quota(asked.settings.slots, 'events', asked.planned);
});

/** Whether the channel of this event is there already. */
async function lookAtName({ sdk, settings, looks, event }: Asked): Promise<boolean> {
  const ref = refOf(settings.account, { ...event, kept: event.made?.name });
  const page = await looks.ask('name', () => sdk.listChannels(ref.name));
  const found = page?.items.find(({ name }) => name === ref.name);
  if (!found) return false;
  const owner = ownerIn(found.description);
  if (owner === ref.workflowId) return true;
  looks.find(
    'name',
    `the channel ${ref.name} is there, and ${owner ? `belongs to ${owner}` : 'its description is not our ownership tag'}`,
    'delete it, or give the event another id: a channel of another is never taken over',
  );
  return false;
}

async function lookAtStream({ sdk, settings, looks, event }: Asked, isOurs: boolean): Promise<void> {
  const { name } = refOf(settings.account, { ...event, kept: event.made?.name });
  if (!isOurs) {
    await looks.may('oss:GetLiveChannelStat', () => sdk.getChannelStat(unusedName(namePrefix)));
    return;
  }
  const stat = await looks.ask('stream', () => sdk.getChannelStat(name));
  if (stat?.status !== 'Live') return;
  const advice = 'stop that encoder, or let the run drop it when it allocates';
  looks.find('stream', `an encoder sends to ${name} already, which an earlier run has left`, advice);
}

/** Of a channel that does not exist, so that nothing can come of it. */
async function lookAtPermissions({ sdk, looks }: Asked): Promise<void> {
  const absent = unusedName(namePrefix);
  const endTime = Math.floor(sdk.now() / 1000);
  const span = { startTime: endTime - 60, endTime };
  await looks.may('oss:PutLiveChannel', () => sdk.askPutChannel(absent));
  await looks.may('oss:PutLiveChannelStatus', () => sdk.putChannelStatus(absent, 'disabled'));
  await looks.may('oss:DeleteLiveChannel', () => sdk.deleteChannel(absent));
  await looks.may('oss:PostVodPlaylist', () => sdk.postVodPlaylist(absent, 'vod-preflight.m3u8', span));
  await looks.may('oss:GetVodPlaylist', () => sdk.getVodPlaylist(absent, span));
  await looks.may('oss:GetLiveChannel', () => sdk.getChannel(absent));
  await looks.may('oss:GetLiveChannelHistory', () => sdk.getChannelHistory(absent));
}

/** OSS says of an object that is not there that it is not, to those who may read it. */
async function lookAtPlayback({ sdk, settings, looks }: Asked): Promise<void> {
  const object = `${unusedName(namePrefix)}/playlist.m3u8`;
  if (settings.signedPlayback) {
    const file = await looks.ask('bucket', () => sdk.getSigned(object));
    // Without oss:ListObjects it may be refused for not being there.
    if (file?.status === 403) looks.cannotSee('permission', 'oss:GetObject: OSS refused an object that is not there');
    return;
  }
  const url = `${settings.playbackBaseUrl}/${object}`;
  const status = await asksPlayback(looks, url, () => sdk.fetchMedia(url));
  if (status !== 401 && status !== 403) return;
  looks.find(
    'bucket',
    `viewers get HTTP ${status} at ${settings.playbackBaseUrl}: the bucket ${settings.bucket} is not open to them`,
    'make the bucket public-read, or set playbackAccess to signed and let a CDN sign for the viewers',
  );
}

function lookAtTimes({ sdk, settings, looks, options, event }: Asked): void {
  const untilEnd = event.endsAt - sdk.now();
  if (settings.stsToken && untilEnd > longestSessionMs) {
    const message = `the account has a temporary key, which ends after 12h at most, and the event ends in ${formatDuration(Math.round(untilEnd / 60_000) * 60_000)}`;
    looks.find('key-life', message, 'renew it before the event, or use the AccessKey of a RAM user');
  }
  const lives = (options.ingestExpiresSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const lasts = event.endsAt - event.startsAt;
  if (lives >= lasts) return;
  const message = `a publish URL lets an encoder connect for ${formatDuration(lives)}, and the show lasts ${formatDuration(lasts)}: an encoder that drops later cannot come back with it`;
  looks.find('key-life', message, 'leave ingestExpiresSeconds out, or give the encoder a new URL before it ends');
}
