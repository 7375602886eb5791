import { createHash } from 'node:crypto';
import type { SimRequest, SimResponse } from '../kit/types.ts';
import { Refused } from './errors.ts';
import type { Operation, OperationContext } from './operation.ts';
import { type Channel, type ChannelConfig, currentPush, type Push, statusOf } from './state.ts';
import { childOf, element, parent, parseXml, textOf, xmlDocument } from './xml.ts';

/** documented(https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel) */
const defaults = { fragDuration: 5, fragCount: 3, playlistName: 'playlist.m3u8' };
const descriptionMaxBytes = 128;

const xml = (body: string): SimResponse => ({ status: 200, headers: { 'content-type': 'application/xml' }, body });

export const channelOperations: Readonly<Record<string, Operation>> = {
  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel)
  PutLiveChannel: (context) => {
    const { req, key, state } = context;
    // The answer to a slash in a channel's name: assumed
    if (key.includes('/')) throw new Refused('InvalidArgument', 'A live channel name must hold no slash.');
    requireDigest(req);
    const channel = state.put(key, configOf(req.body.toString('utf8')));
    return xml(xmlDocument('CreateLiveChannelResult', ...urlsOf(context, channel)));
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelinfo)
  GetLiveChannelInfo: ({ key, state }) => {
    const { description, status, fragDuration, fragCount, playlistName } = state.get(key);
    const target = parent(
      'Target',
      element('Type', 'HLS'),
      element('FragDuration', fragDuration),
      element('FragCount', fragCount),
      element('PlaylistName', playlistName),
    );
    const children = [element('Description', description), element('Status', status), target];
    return xml(xmlDocument('LiveChannelConfiguration', ...children));
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannelstatus)
  PutLiveChannelStatus: ({ req, key, state, media }) => {
    const status = req.query.get('status');
    if (status !== 'enabled' && status !== 'disabled') {
      throw new Refused('InvalidArgument', 'status must be enabled or disabled.');
    }
    const channel = state.setStatus(key, status);
    if (status === 'disabled') void media.drop(channel);
    return { status: 200 };
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelstat)
  GetLiveChannelStat: ({ key, state }) => {
    const channel = state.get(key);
    const push = currentPush(channel);
    return xml(
      xmlDocument('LiveChannelStat', element('Status', statusOf(channel)), ...(push ? pushDetails(push) : [])),
    );
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelhistory)
  // That a push that goes on is listed as if it ended now, and the oldest first: assumed
  GetLiveChannelHistory: ({ key, state }) => {
    const records = state
      .get(key)
      .pushes.map(({ startedAt, endedAt, remoteAddr }) =>
        parent(
          'LiveRecord',
          element('StartTime', wholeSeconds(startedAt)),
          element('EndTime', wholeSeconds(endedAt ?? Date.now())),
          element('RemoteAddr', remoteAddr),
        ),
      );
    return xml(xmlDocument('LiveChannelHistory', ...records));
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/listlivechannel)
  ListLiveChannel: (context) => {
    const { req, state } = context;
    const prefix = req.query.get('prefix') ?? '';
    const marker = req.query.get('marker') ?? '';
    const max = maxKeysOf(req);
    const { page, truncated } = state.list(prefix, marker, max);
    const last = page.at(-1);
    return xml(
      xmlDocument(
        'ListLiveChannelResult',
        element('Prefix', prefix),
        element('Marker', marker),
        element('MaxKeys', max),
        element('IsTruncated', String(truncated)),
        truncated && last ? element('NextMarker', last.name) : '',
        ...page.map((channel) => listed(context, channel)),
      ),
    );
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/deletelivechannel)
  DeleteLiveChannel: ({ key, state }) => {
    state.delete(key);
    return { status: 204 };
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/postvodplaylist)
  PostVodPlaylist: async ({ req, key, state, media }) => {
    const slash = key.indexOf('/');
    const [channel, playlist] = [key.slice(0, slash), key.slice(slash + 1)];
    if (slash < 1) throw new Refused('InvalidArgument', 'Post to {channel}/{playlist}.');
    if (!playlist.endsWith('.m3u8')) throw new Refused('VodPlaylistSuffix');
    // It must exist. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/postvodplaylist)
    state.get(channel);
    const { etag } = await media.saveVodPlaylist(channel, playlist, state.filesIn(channel, ...spanOf(req)));
    return { status: 200, headers: { etag } };
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getvodplaylist)
  GetVodPlaylist: ({ req, key, state, media }) => {
    if (key.includes('/')) throw new Refused('VodChannelName');
    state.get(key);
    const body = media.vodPlaylist(state.filesIn(key, ...spanOf(req)));
    return { status: 200, headers: { 'content-type': 'application/x-mpegURL' }, body };
  },
};

/** 1 to 1000, default 100. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/listlivechannel) */
export function maxKeysOf(req: SimRequest): number {
  const given = req.query.get('max-keys') || '100';
  const max = Number(given);
  if (Number.isInteger(max) && max >= 1 && max <= 1000) return max;
  throw new Refused('InvalidArgument', 'max-keys must be 1 to 1000.');
}

function spanOf({ query }: SimRequest): [number, number] {
  const seconds = (name: string) => Number(query.get(name) || Number.NaN);
  return [seconds('startTime'), seconds('endTime')];
}

function requireDigest({ headers, body }: SimRequest): void {
  const given = headers['content-md5'];
  if (given !== undefined && given !== createHash('md5').update(body).digest('base64'))
    throw new Refused('InvalidDigest');
}

function configOf(body: string): ChannelConfig {
  const root = parseXml(body, 'LiveChannelConfiguration');
  if (!root) throw new Refused('MalformedXML');
  const target = childOf(root, 'Target');
  const description = textOf(root, 'Description') ?? '';
  if (Buffer.byteLength(description) > descriptionMaxBytes) {
    throw new Refused('InvalidArgument', `Description must not exceed ${descriptionMaxBytes} bytes.`);
  }
  const status = textOf(root, 'Status') || 'enabled';
  if (status !== 'enabled' && status !== 'disabled') {
    throw new Refused('BadStatus');
  }
  if (textOf(target, 'Type') !== 'HLS') throw new Refused('InvalidArgument', 'Type must be HLS.');
  const playlistName = textOf(target, 'PlaylistName') || defaults.playlistName;
  requirePlaylistName(playlistName);
  return {
    description,
    status,
    playlistName,
    ...fragmentsOf(textOf(target, 'FragDuration'), textOf(target, 'FragCount')),
  };
}

/** Both or neither, each 1 to 100. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel) */
function fragmentsOf(duration: string | undefined, count: string | undefined) {
  if (!duration && !count) return { fragDuration: defaults.fragDuration, fragCount: defaults.fragCount };
  const [fragDuration, fragCount] = [Number(duration || Number.NaN), Number(count || Number.NaN)];
  if (!isOneToHundred(fragDuration)) throw new Refused('BadFragDuration');
  if (!isOneToHundred(fragCount)) throw new Refused('BadFragCount');
  return { fragDuration, fragCount };
}

const isOneToHundred = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 100;

function requirePlaylistName(name: string): void {
  if (name.includes('/')) throw new Refused('PlaylistNameSlash');
  if (name.length < 6 || name.length > 128) throw new Refused('PlaylistNameLength');
  if (!name.endsWith('.m3u8')) throw new Refused('PlaylistNameSuffix');
}

const urlsOf = ({ publishUrl, playUrl }: OperationContext, { name, playlistName }: Channel): string[] => [
  parent('PublishUrls', element('Url', publishUrl(name))),
  parent('PlayUrls', element('Url', playUrl(name, playlistName))),
];

const listed = (context: OperationContext, channel: Channel): string =>
  parent(
    'LiveChannel',
    element('Name', channel.name),
    element('Description', channel.description),
    element('Status', channel.status),
    element('LastModified', wholeSeconds(channel.lastModified)),
    ...urlsOf(context, channel),
  );

function pushDetails(push: Push): string[] {
  const { video, audio } = push.look();
  const details = [element('ConnectedTime', wholeSeconds(push.startedAt)), element('RemoteAddr', push.remoteAddr)];
  if (video) {
    details.push(
      parent(
        'Video',
        element('Width', video.width),
        element('Height', video.height),
        element('FrameRate', video.frameRate),
        element('Bandwidth', video.bytesPerSecond),
        element('Codec', video.codec),
      ),
    );
  }
  if (audio) {
    details.push(
      parent(
        'Audio',
        element('Bandwidth', audio.bytesPerSecond),
        element('SampleRate', audio.sampleRate),
        element('Codec', audio.codec),
      ),
    );
  }
  return details;
}

/** documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelstat), as in the examples of all pages */
export const wholeSeconds = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString();
