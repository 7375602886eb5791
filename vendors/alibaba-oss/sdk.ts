import type { Agent, IncomingHttpHeaders } from 'node:http';
import OSS from 'ali-oss';
import type { z } from 'zod';
import { unsigned } from '../../domain/playback.ts';
import { readAnswer, UnknownAnswer } from '../answer.ts';
import { type Caller, createCaller } from '../call.ts';
import type { DriverContext } from '../context.ts';
import type { ByteRange, Page, VodFile } from '../driver.ts';
import { type HttpClient, rangeHeader, readFile, statusAnswer } from '../http.ts';
import { truncatedPage } from '../pages.ts';
import { signsByVendorClock } from '../vendor-clock.ts';
import { classify } from './errors.ts';
import { vendor } from './names.ts';
import type { Settings } from './options.ts';
import * as shapes from './shapes.ts';
import { signPublish, signRead } from './signed-queries.ts';

/** A LiveChannel's configuration as OSS gives it; every value is a string, an empty element is `''`. */
export interface ChannelConfig {
  description: string;
  status: 'enabled' | 'disabled';
  fragDuration: number;
  fragCount: number;
  playlistName: string;
}

export interface ChannelStat {
  status: 'Disabled' | 'Idle' | 'Live';
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
export interface UnixSpan {
  startTime: number;
  endTime: number;
}

/** The calls we make, under the vendor's names. Each throws a `VendorError`. */
export interface Sdk {
  /** Asks for a channel with a body that is no XML, which OSS refuses to those who may ask, and nothing is made. */
  askPutChannel(name: string): Promise<void>;
  putChannel(name: string, config: ChannelConfig): Promise<void>;
  getChannel(name: string): Promise<ChannelConfig>;
  putChannelStatus(name: string, status: 'enabled' | 'disabled'): Promise<void>;
  getChannelStat(name: string): Promise<ChannelStat>;
  getChannelHistory(name: string): Promise<PushRecord[]>;
  listChannels(prefix: string, marker?: string): Promise<Page<{ name: string; description: string }>>;
  deleteChannel(name: string): Promise<void>;
  postVodPlaylist(name: string, playlist: string, span: UnixSpan): Promise<void>;
  getVodPlaylist(name: string, span: UnixSpan): Promise<string>;
  /** A GET as the public would make it. */
  fetchMedia(url: string, range?: ByteRange, asset?: string): Promise<VodFile>;
  /** A GET with our key, by object name. */
  getSigned(object: string, range?: ByteRange): Promise<VodFile>;
  /** Made here, without a call: the query that lets a player read an object. A secret. */
  signedReadQuery(object: string, seconds: number): string;
  /** Made here, without a call. A secret. */
  signedPublishQuery(name: string, playlist: string, expiresAtSeconds: number): string;
  now(): number;
}

export function createSdk(settings: Settings, { http, ...context }: DriverContext): Sdk {
  const client = connect(settings, http);
  const call = createCaller(vendor, settings.account, classify, context);
  const on = (name: string) => `${settings.bucket}/${name}`;
  return {
    ...channelCalls(client, call, on),
    ...listCall(client, call, settings.bucket),
    ...recordingCalls(client, call, on, settings, http),
    signedReadQuery: (object, seconds) => signRead(settings, object, call.now(), seconds),
    signedPublishQuery: (name, playlist, expires) => signPublish(settings, name, playlist, expires),
    now: call.now,
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
  const client = new OSS(options);
  signsByVendorClock((client as unknown as { options: object }).options, 'amendTimeSkewed');
  return client;
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
  | 'askPutChannel'
  | 'putChannel'
  | 'getChannel'
  | 'putChannelStatus'
  | 'getChannelStat'
  | 'getChannelHistory'
  | 'deleteChannel'
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
    // https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel
    askPutChannel: (name) =>
      call({ operation: 'PutLiveChannel', mutates: false, resource: on(name) }, async () => {
        const raw = client as unknown as RawClient;
        const params = raw._objectRequestParams('PUT', name, { subres: { live: null } });
        await raw.request({ ...params, content: Buffer.from('<LiveChannelConfiguration>'), successStatuses: [200] });
      }),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelinfo
    getChannel: (name) =>
      call({ operation: 'GetLiveChannelInfo', mutates: false, resource: on(name) }, async () =>
        configOf(await readXml(client, name, { live: null }, 'LiveChannelConfiguration', shapes.liveChannel)),
      ),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannelstatus
    putChannelStatus: (name, status) =>
      call({ operation: 'PutLiveChannelStatus', mutates: true, resource: on(name) }, async () => {
        await client.putChannelStatus(name, status);
      }),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelstat
    getChannelStat: (name) =>
      call({ operation: 'GetLiveChannelStat', mutates: false, resource: on(name) }, async () =>
        statOf(await readXml(client, name, { live: null, comp: 'stat' }, 'LiveChannelStat', shapes.liveChannelStat)),
      ),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelhistory
    getChannelHistory: (name) =>
      call({ operation: 'GetLiveChannelHistory', mutates: false, resource: on(name) }, async () => {
        const subresource = { live: null, comp: 'history' };
        const history = await readXml(client, name, subresource, 'LiveChannelHistory', shapes.liveChannelHistory);
        return history.LiveRecord.map(recordOf);
      }),
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
        const page = await readXml(client, '', { live: null }, 'ListLiveChannelResult', shapes.liveChannels, query);
        const channels = page.LiveChannel.map(({ Name: name, Description: description }) => ({ name, description }));
        return truncatedPage(channels, page.IsTruncated === 'true', page.NextMarker);
      }),
  };
}

/** Not public in the SDK, which has no call for GetVodPlaylist and forgets the root element of what it reads. */
interface RawClient {
  _objectRequestParams(method: string, name: string, options: { subres: object }): object;
  request(params: object): Promise<{ status: number; data: Uint8Array }>;
  parseXML(text: string): Promise<unknown>;
}

async function readText(
  client: OSS,
  name: string,
  subres: object,
  query?: object,
): Promise<{ status: number; text: string }> {
  const raw = client as unknown as RawClient;
  const params = raw._objectRequestParams('GET', name, { subres });
  const { status, data } = await raw.request({ ...params, ...(query && { query }), successStatuses: [200] });
  return { status, text: Buffer.from(data).toString('utf8') };
}

/** The SDK takes any XML for the answer, and what is missing in it for empty: the root element and the shape decide here. */
async function readXml<T extends z.ZodType>(
  client: OSS,
  name: string,
  subresource: object,
  root: string,
  shape: T,
  query?: object,
): Promise<z.infer<T>> {
  const { status, text } = await readText(client, name, subresource, query);
  const begins = new RegExp(`^\\s*(<\\?xml[^>]*\\?>)?\\s*<${root}[\\s/>]`).test(text);
  if (!begins) throw new UnknownAnswer(`no ${root}`, text, { httpStatus: status });
  const read = await (client as unknown as RawClient).parseXML(text).catch((cause: unknown) => {
    throw new UnknownAnswer(`no whole ${root}`, text, { httpStatus: status, cause });
  });
  // An element without children is read as an empty text.
  return readAnswer(shape, typeof read === 'string' && read.trim() === '' ? {} : (read ?? {}), status) as z.infer<T>;
}

function recordingCalls(
  client: OSS,
  call: Caller,
  on: (name: string) => string,
  { timeoutMs, playbackBaseUrl }: Settings,
  http: HttpClient,
): Pick<Sdk, 'postVodPlaylist' | 'getVodPlaylist' | 'fetchMedia' | 'getSigned'> {
  return {
    // https://www.alibabacloud.com/help/en/oss/developer-reference/postvodplaylist
    postVodPlaylist: (name, playlist, span) =>
      call({ operation: 'PostVodPlaylist', mutates: true, resource: on(`${name}/${playlist}`) }, async () => {
        await client.createVod(name, playlist, span);
      }),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/getvodplaylist
    getVodPlaylist: (name, span) =>
      call({ operation: 'GetVodPlaylist', mutates: false, resource: on(name) }, async () => {
        const { status, text } = await readText(client, name, { vod: null, ...span });
        return readAnswer(shapes.playlist, text, status);
      }),
    // https://www.alibabacloud.com/help/en/oss/developer-reference/getobject
    fetchMedia: (url, range, asset) =>
      call({ operation: 'GetObject', mutates: false, resource: unsigned(url) }, () =>
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

const configOf = ({ Description, Status, Target }: z.infer<typeof shapes.liveChannel>): ChannelConfig => ({
  description: Description,
  status: Status,
  fragDuration: Target.FragDuration,
  fragCount: Target.FragCount,
  playlistName: Target.PlaylistName,
});

const statOf = (stat: z.infer<typeof shapes.liveChannelStat>): ChannelStat => ({
  status: stat.Status,
  ...(stat.ConnectedTime && { connectedTime: stat.ConnectedTime }),
  ...(stat.RemoteAddr && { remoteAddr: stat.RemoteAddr }),
  ...(stat.Video && { video: stat.Video }),
  ...(stat.Audio && { audio: stat.Audio }),
});

const recordOf = (record: z.infer<typeof shapes.liveChannelHistory>['LiveRecord'][number]): PushRecord => ({
  startTime: record.StartTime,
  ...(record.EndTime && { endTime: record.EndTime }),
  ...(record.RemoteAddr && { remoteAddr: record.RemoteAddr }),
});
