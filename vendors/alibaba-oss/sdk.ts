import { createHmac } from 'node:crypto';
import type { Agent, IncomingHttpHeaders } from 'node:http';
import OSS from 'ali-oss';
import { type Caller, createCaller } from '../call.ts';
import type { DriverContext } from '../context.ts';
import type { ByteRange, VodFile } from '../driver.ts';
import { type HttpClient, rangeHeader, readFile, statusAnswer } from '../http.ts';
import { classify } from './errors.ts';
import { vendor } from './names.ts';
import type { Settings } from './options.ts';

/** A LiveChannel's configuration as OSS gives it; every value is a string, an empty element is `''`. */
export interface ChannelConfig {
  description: string;
  status: 'enabled' | 'disabled';
  fragDuration: number;
  fragCount: number;
  playlistName: string;
}

export interface ChannelStat {
  /** `Disabled`, `Idle` or `Live`. */
  status: string;
  connectedTime?: string;
  remoteAddr?: string;
  video?: Readonly<Record<string, string>>;
  audio?: Readonly<Record<string, string>>;
}

export interface PushRecord {
  startTime: string;
  endTime?: string;
  remoteAddr?: string;
}

/** Instants in Unix seconds. OSS takes the files that begin inside; at most one day. */
export interface Span {
  startTime: number;
  endTime: number;
}

/** The calls we make, in the vendor's words. Each throws a `VendorError`. */
export interface Sdk {
  putChannel(name: string, config: ChannelConfig): Promise<void>;
  getChannel(name: string): Promise<ChannelConfig>;
  putChannelStatus(name: string, status: 'enabled' | 'disabled'): Promise<void>;
  getChannelStat(name: string): Promise<ChannelStat>;
  getChannelHistory(name: string): Promise<PushRecord[]>;
  listChannels(
    prefix: string,
    marker?: string,
  ): Promise<{ channels: { name: string; description: string }[]; next?: string }>;
  deleteChannel(name: string): Promise<void>;
  postVodPlaylist(name: string, playlist: string, span: Span): Promise<void>;
  getVodPlaylist(name: string, span: Span): Promise<string>;
  /** A GET as the public would make it. */
  getPublic(url: string, range?: ByteRange, asset?: string): Promise<VodFile>;
  /** A GET with our key, by object name. */
  getSigned(object: string, range?: ByteRange): Promise<VodFile>;
  /** Made here, without a call. A secret. */
  signedPublishQuery(name: string, playlist: string, expiresAtSeconds: number): string;
}

export function createSdk(settings: Settings, { hooks, http }: DriverContext): Sdk {
  const client = connect(settings, http);
  const call = createCaller(vendor, settings.account, classify, hooks);
  const on = (name: string) => `${settings.bucket}/${name}`;
  return {
    ...channelCalls(client, call, on),
    ...listCall(client, call, settings.bucket),
    ...recordingCalls(client, call, on, settings, http),
    signedPublishQuery: (name, playlist, expires) => signPublish(settings, name, playlist, expires),
  };
}

/** Leaves retrying to us: the SDK retries only when configured to. Its types lack some of its options. */
function connect(settings: Settings, { agent, agentTo }: HttpClient): OSS {
  const { accessKeyId, accessKeySecret, stsToken } = settings;
  const { endpoint, address } = named(settings);
  const route = address === undefined ? agent : agentTo(address);
  const options: OSS.Options & { sldEnable?: boolean; retryMax?: number; agent: Agent; httpsAgent: Agent } = {
    agent: route,
    httpsAgent: route,
    accessKeyId,
    accessKeySecret,
    bucket: settings.bucket,
    region: settings.region,
    endpoint,
    timeout: settings.timeoutMs,
    authorizationV4: settings.signatureVersion === 'v4',
    cname: settings.addressing === 'cname',
    sldEnable: settings.addressing === 'path',
    retryMax: 0,
    ...(stsToken && {
      stsToken,
      // Without it the SDK prints advice to the console; new credentials come with a restart of the worker.
      refreshSTSToken: async () => ({ accessKeyId, accessKeySecret, stsToken }),
    }),
  };
  return new OSS(options);
}

/**
 * The SDK refuses an IPv6 address as its endpoint. With an IPv4 address it names the public host in its requests; here
 * that host is its endpoint, and the address is where its requests are sent.
 */
function named({ endpoint, region }: Settings): { endpoint: string; address?: string } {
  const { protocol, hostname, port } = new URL(endpoint);
  if (!hostname.startsWith('[')) return { endpoint };
  return { endpoint: `${protocol}//${region}.aliyuncs.com${port && `:${port}`}`, address: hostname.slice(1, -1) };
}

type ChannelCalls = Pick<
  Sdk,
  'putChannel' | 'getChannel' | 'putChannelStatus' | 'getChannelStat' | 'getChannelHistory' | 'deleteChannel'
>;

function channelCalls(client: OSS, call: Caller, on: (name: string) => string): ChannelCalls {
  return {
    // https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel
    putChannel: (name, config) =>
      call({ operation: 'PutLiveChannel', mutates: true, resource: on(name) }, async () => {
        await client.putChannel(name, {
          Description: config.description,
          Status: config.status,
          Target: {
            Type: 'HLS',
            FragDuration: config.fragDuration,
            FragCount: config.fragCount,
            PlaylistName: config.playlistName,
          },
        });
      }),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelinfo
    getChannel: (name) =>
      call({ operation: 'GetLiveChannelInfo', mutates: false, resource: on(name) }, async () =>
        configOf((await client.getChannel(name)).data),
      ),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannelstatus
    putChannelStatus: (name, status) =>
      call({ operation: 'PutLiveChannelStatus', mutates: true, resource: on(name) }, async () => {
        await client.putChannelStatus(name, status);
      }),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelstat
    getChannelStat: (name) =>
      call({ operation: 'GetLiveChannelStat', mutates: false, resource: on(name) }, async () =>
        statOf(((await client.getChannelStatus(name)) as unknown as { data: unknown }).data),
      ),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelhistory
    getChannelHistory: (name) =>
      call({ operation: 'GetLiveChannelHistory', mutates: false, resource: on(name) }, async () =>
        ((await client.getChannelHistory(name)).records as unknown as Record<string, string>[]).map(recordOf),
      ),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/deletelivechannel
    deleteChannel: (name) =>
      call({ operation: 'DeleteLiveChannel', mutates: true, resource: on(name) }, async () => {
        await client.deleteChannel(name);
      }),
  };
}

const pageSize = 100;

function listCall(client: OSS, call: Caller, bucket: string): Pick<Sdk, 'listChannels'> {
  return {
    // https://www.alibabacloud.com/help/en/oss/developer-reference/listlivechannel
    listChannels: (prefix, marker) =>
      call({ operation: 'ListLiveChannel', mutates: false, resource: bucket }, async () => {
        const query = { prefix, 'max-keys': pageSize, ...(marker && { marker }) };
        // The SDK's type of the query has a blank inside `max-keys `.
        const page = await client.listChannels(query as unknown as OSS.ListChannelsQuery);
        return {
          channels: page.channels.map((channel) => ({ name: channel.Name, description: channel.Description })),
          ...(page.isTruncated && page.nextMarker && { next: page.nextMarker }),
        };
      }),
  };
}

/** Not public in the SDK, which has no call for GetVodPlaylist; used here and nowhere else. */
interface RawClient {
  _objectRequestParams(method: string, name: string, options: { subres: object }): object;
  request(params: object): Promise<{ data: Uint8Array }>;
}

function recordingCalls(
  client: OSS,
  call: Caller,
  on: (name: string) => string,
  { timeoutMs, playbackBaseUrl }: Settings,
  http: HttpClient,
): Pick<Sdk, 'postVodPlaylist' | 'getVodPlaylist' | 'getPublic' | 'getSigned'> {
  return {
    // https://www.alibabacloud.com/help/en/oss/developer-reference/postvodplaylist
    postVodPlaylist: (name, playlist, span) =>
      call({ operation: 'PostVodPlaylist', mutates: true, resource: on(`${name}/${playlist}`) }, async () => {
        await client.createVod(name, playlist, span);
      }),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/getvodplaylist
    getVodPlaylist: (name, span) =>
      call({ operation: 'GetVodPlaylist', mutates: false, resource: on(name) }, async () => {
        const raw = client as unknown as RawClient;
        const params = raw._objectRequestParams('GET', name, { subres: { vod: null, ...span } });
        const answer = await raw.request({ ...params, successStatuses: [200] });
        return Buffer.from(answer.data).toString('utf8');
      }),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/getobject
    getPublic: (url, range, asset) =>
      call({ operation: 'GetObject', mutates: false, resource: withoutQuery(url) }, () =>
        http.get(url, { range, timeoutMs, trusted: [playbackBaseUrl, asset] }),
      ),
    getSigned: async (object, range) => {
      try {
        // https://www.alibabacloud.com/help/en/oss/developer-reference/getobject
        return await call({ operation: 'GetObject', mutates: false, resource: on(object) }, async () => {
          const { stream, res } = await client.getStream(object, { headers: rangeHeader(range) });
          return readFile({ status: res.status, headers: res.headers as IncomingHttpHeaders, body: stream }, range);
        });
      } catch (error) {
        return statusAnswer(error);
      }
    },
  };
}

const withoutQuery = (url: string): string => url.split('?')[0] ?? '';

/**
 * Publish URLs know signature V1 only. The SDK leaves the security token out of them, which makes them useless with
 * temporary keys, so this is our own:
 * https://www.alibabacloud.com/help/en/oss/developer-reference/rtmp-ingest-urls-and-signatures
 */
function signPublish(settings: Settings, name: string, playlistName: string, expires: number): string {
  const signed: [string, string][] = [['playlistName', playlistName]];
  if (settings.stsToken) signed.push(['security-token', settings.stsToken]);
  const lines = signed.map(([key, value]) => `${key}:${value}\n`).join('');
  const signature = createHmac('sha1', settings.accessKeySecret)
    .update(`${expires}\n${lines}/${settings.bucket}/${name}`)
    .digest('base64');
  const query = { OSSAccessKeyId: settings.accessKeyId, Expires: String(expires), Signature: signature };
  return [...signed, ...Object.entries(query)].map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
}

function configOf(data: unknown): ChannelConfig {
  const { Description, Status, Target } = fields(data, 'LiveChannelConfiguration');
  const target = typeof Target === 'object' && Target !== null ? (Target as Record<string, unknown>) : {};
  return {
    description: typeof Description === 'string' ? Description : '',
    status: Status === 'disabled' ? 'disabled' : 'enabled',
    fragDuration: Number(target.FragDuration),
    fragCount: Number(target.FragCount),
    playlistName: String(target.PlaylistName ?? ''),
  };
}

function statOf(data: unknown): ChannelStat {
  const { Status, ConnectedTime, RemoteAddr, Video, Audio } = fields(data, 'LiveChannelStat');
  return {
    status: String(Status),
    ...(typeof ConnectedTime === 'string' && { connectedTime: ConnectedTime }),
    ...(typeof RemoteAddr === 'string' && { remoteAddr: RemoteAddr }),
    ...(typeof Video === 'object' && { video: Video as Record<string, string> }),
    ...(typeof Audio === 'object' && { audio: Audio as Record<string, string> }),
  };
}

const recordOf = (record: Record<string, string>): PushRecord => ({
  startTime: record.StartTime ?? '',
  ...(record.EndTime && { endTime: record.EndTime }),
  ...(record.RemoteAddr && { remoteAddr: record.RemoteAddr }),
});

/** An empty 200 gives `null`; it says nothing about the channel and is asked again. */
function fields(data: unknown, expected: string): Record<string, unknown> {
  if (typeof data === 'object' && data !== null && 'Status' in data) return data as Record<string, unknown>;
  throw Object.assign(new Error(`the answer holds no ${expected}`), { name: 'ResponseError', code: 'ResponseError' });
}
