import { Service, Signer } from '@volcengine/openapi';
import type { z } from 'zod';
import { unsigned } from '../../domain/playback.ts';
import { readAnswer } from '../answer.ts';
import { type Caller, createCaller } from '../call.ts';
import type { DriverContext } from '../context.ts';
import type { VendorDriver } from '../driver.ts';
import type { HttpClient } from '../http.ts';
import { signingOffsetMs } from '../vendor-clock.ts';
import { ApiFailure, classify } from './errors.ts';
import { vendor } from './names.ts';
import type { Settings } from './options.ts';
import type {
  Domain,
  IndexFile,
  PlayUrls,
  PushUrls,
  RecordFile,
  RecordPreset,
  RecordPresetConfig,
  RelayV3,
  RelayV4,
} from './shapes.ts';
import * as shapes from './shapes.ts';

type Params = Record<string, unknown>;
type RequestOptions = NonNullable<Parameters<ReturnType<Service['createAPI']>>[1]>;
type Transport = NonNullable<RequestOptions['adapter']>;

interface SignedCall {
  action: string;
  method: 'GET' | 'POST';
  mutates: boolean;
  resource?: string;
  params: Params;
}

/** One page of a list, and whether another follows. */
export interface ListPage<T> {
  items: T[];
  more: boolean;
}

const pageSize = 1000;
const relayPageSize = 500;
const filesPageSize = 100;

/** A list that does not say how many pages it has goes on after a full one. */
const isMoreAfter = (page: number, paging: { PageTotal?: number } | null | undefined, isFull: boolean): boolean =>
  paging?.PageTotal === undefined ? isFull : page < paging.PageTotal;

export type Sdk = ReturnType<typeof createSdk>;

/** The calls we make, one method each, over the vendor's own client. Every failure is a `VendorError`. */
export function createSdk(settings: Settings, context: DriverContext) {
  const call = createCaller(vendor, settings.account, classify, context);
  const wire = openWire(settings, call, context.http);
  return {
    now: call.now,

    /** https://www.volcengine.com/docs/6469/1126815 */
    domains: async (): Promise<Domain[]> => {
      const params = { PageNum: 1, PageSize: pageSize, DomainNameList: [settings.pushDomain, settings.pullDomain] };
      return (await wire.read(shapes.domains, 'ListDomainDetail', 'POST', params, settings.vhost)).DomainList;
    },
    ...streamCalls(wire),
    ...relayCalls(wire),
    ...recordCalls(wire),
    /** A file of a recording, over plain HTTP. */
    fetchMedia: recordingFetcher(settings, call, context.http),
  };
}

interface Wire {
  settings: Settings;
  /** Vhost and App of the account, as most calls want them. */
  scope: Params;
  /** The result, held against its shape. */
  read<T>(shape: z.ZodType<T>, action: string, method: 'GET' | 'POST', params: Params, resource?: string): Promise<T>;
  /** Without a shape the result says nothing: a later look does. */
  change<T>(action: string, params: Params, resource: string, shape?: z.ZodType<T>): Promise<T>;
}

function openWire(settings: Settings, caller: Caller, http: HttpClient): Wire {
  const call = callsOf(settings, caller, http);
  return {
    settings,
    scope: { Vhost: settings.vhost, App: settings.app },
    read: (shape, action, method, params, resource) =>
      call({ action, method, mutates: false, params, ...(resource && { resource }) }, shape),
    change: (action, params, resource, shape) =>
      call({ action, method: 'POST', mutates: true, params, resource }, shape),
  };
}

function streamCalls({ settings, scope, read, change }: Wire) {
  const streamsPage = async <T>(item: z.ZodType<T>, action: string, params: Params): Promise<ListPage<T>> => {
    const query = { ...scope, ...params, PageSize: pageSize };
    const { StreamInfoList: items } = await read(shapes.streamsOf(item), action, 'GET', query, settings.vhost);
    return { items, more: items.length === pageSize };
  };

  return {
    /** https://www.volcengine.com/docs/6469/1126847 */
    streamState: async (Stream: string): Promise<string> => {
      const query = { ...scope, Stream };
      const { stream_state } = await read(shapes.streamState, 'DescribeLiveStreamState', 'GET', query, Stream);
      return stream_state;
    },

    /** https://www.volcengine.com/docs/6469/1126841 */
    liveStreams: (params: { Stream?: string; QueryType?: 'strict' | 'fuzzy'; PageNum: number }) =>
      streamsPage(shapes.liveStream, 'DescribeLiveStreamInfoByPage', { ...params, StreamType: 'origin' }),

    /** https://www.volcengine.com/docs/6469/1126842 */
    closedStreams: (params: { Stream: string; EndTimeFrom: string; EndTimeTo: string; PageNum: number }) =>
      streamsPage(shapes.closedStream, 'DescribeClosedStreamInfoByPage', { ...params, Sort: 'asc' }),

    /** https://www.volcengine.com/docs/6469/1126843 */
    forbiddenStreams: (params: { Stream: string; QueryType: 'strict' | 'fuzzy'; PageNum: number }) =>
      streamsPage(shapes.forbiddenStream, 'DescribeForbiddenStreamInfoByPage', params),

    /** https://www.volcengine.com/docs/6469/1126845 */
    forbid: (Stream: string, EndTime: string) => change('ForbidStream', { ...scope, Stream, EndTime }, Stream),

    /** https://www.volcengine.com/docs/6469/1126846 */
    resume: (Stream: string) => change('ResumeStream', { ...scope, Stream }, Stream),

    /** https://www.volcengine.com/docs/6469/1126844 */
    kill: (Stream: string) => change('KillStream', { ...scope, Stream }, Stream),

    /** https://www.volcengine.com/docs/6469/1126838 */
    pushUrls: (Stream: string, ExpiredTime: string): Promise<PushUrls> =>
      read(
        shapes.pushUrls,
        'GeneratePushURL',
        'POST',
        { ...scope, Domain: settings.pushDomain, Stream, ExpiredTime },
        Stream,
      ),

    /** https://www.volcengine.com/docs/6469/1126838 */
    playUrls: (Stream: string, ExpiredTime: string): Promise<PlayUrls> =>
      read(
        shapes.playUrls,
        'GeneratePlayURL',
        'POST',
        { ...scope, Domain: settings.pullDomain, Stream, ExpiredTime },
        Stream,
      ),
  };
}

function relayCalls({ settings, scope, read, change }: Wire) {
  return {
    /** https://www.volcengine.com/docs/6469/1126875 */
    createRelayV4: (relay: RelayV4) => change('CreateRelaySourceV4', { ...relay }, relay.Stream),

    /** https://www.volcengine.com/docs/6469/1126877 */
    updateRelayV4: (relay: RelayV4) => change('UpdateRelaySourceV4', { ...relay }, relay.Stream),

    /** https://www.volcengine.com/docs/6469/1126876 */
    deleteRelayV4: ({ Domain, App, Stream }: RelayV4) => change('DeleteRelaySourceV4', { Domain, App, Stream }, Stream),

    /** https://www.volcengine.com/docs/6469/1126878 */
    relaysV4: async (Page: number): Promise<ListPage<RelayV4>> => {
      const params = { Domain: settings.pullDomain, Page, Size: relayPageSize };
      const { List: items, Pagination: paging } = await read(
        shapes.relaysV4,
        'ListRelaySourceV4',
        'POST',
        params,
        settings.pullDomain,
      );
      return { items, more: isMoreAfter(Page, paging, items.length === relayPageSize) };
    },

    /** https://www.volcengine.com/docs/6469/1126872 */
    putRelayV3: (group: RelayV3) => change('UpdateRelaySourceV3', { ...scope, GroupDetails: [group] }, group.Group),

    /** https://www.volcengine.com/docs/6469/1126873 */
    deleteRelayV3: (Group: string) => change('DeleteRelaySourceV3', { ...scope, Group }, Group),

    /** https://www.volcengine.com/docs/6469/1126874 */
    relaysV3: async (Group?: string): Promise<RelayV3[]> => {
      const { RelaySourceConfigList: configs } = await read(
        shapes.relaysV3,
        'DescribeRelaySourceV3',
        'POST',
        { ...scope, ...(Group && { Group }) },
        Group ?? settings.vhost,
      );
      return configs.filter((config) => config.App === settings.app).flatMap((config) => config.GroupDetails);
    },
  };
}

function recordCalls({ settings, scope, read, change }: Wire) {
  return {
    /** https://www.volcengine.com/docs/6469/1126858 */
    recordPresets: async (): Promise<RecordPreset[]> => {
      const { PresetList: presets } = await read(
        shapes.recordPresets,
        'ListVhostRecordPresetV2',
        'POST',
        { Vhost: settings.vhost, Type: 'tos' },
        settings.vhost,
      );
      return presets;
    },

    /** https://www.volcengine.com/docs/6469/1126855 */
    createRecordPreset: (RecordPresetConfig: RecordPresetConfig) =>
      change('CreateRecordPresetV2', { ...scope, RecordPresetConfig }, `${settings.vhost}/${settings.app}`),

    /** https://www.volcengine.com/docs/6469/1126857 */
    updateRecordPreset: (Preset: string, RecordPresetConfig: RecordPresetConfig) =>
      change('UpdateRecordPresetV2', { ...scope, Preset, RecordPresetConfig }, Preset),

    /** https://www.volcengine.com/docs/6469/1126859 */
    recordFiles: async (params: {
      Stream: string;
      DateFrom: string;
      DateTo: string;
      PageNum: number;
    }): Promise<ListPage<RecordFile>> => {
      const query = { ...scope, ...params, Type: 'tos', PageSize: filesPageSize };
      const { Data: items, Pagination: paging } = await read(
        shapes.recordFiles,
        'DescribeRecordTaskFileHistory',
        'POST',
        query,
        params.Stream,
      );
      return { items, more: isMoreAfter(params.PageNum, paging, items.length === filesPageSize) };
    },

    /** https://www.volcengine.com/docs/6469/1228485 */
    createIndexFile: (params: {
      Stream: string;
      StartTimeUTC: string;
      EndTimeUTC: string;
      OutputObject: string;
    }): Promise<IndexFile> =>
      change(
        'CreateLiveStreamRecordIndexFiles',
        { App: settings.app, Domain: settings.pushDomain, ...params },
        params.Stream,
        shapes.indexFile,
      ),
  };
}

function callsOf(
  settings: Settings,
  caller: Caller,
  http: HttpClient,
): <T>(call: SignedCall, shape?: z.ZodType<T>) => Promise<T> {
  // Everything is given, so that nothing is taken from VOLC_* variables or ~/.volc/config.
  const service = new Service({
    host: settings.host,
    protocol: `${settings.protocol}:`,
    region: settings.region,
    serviceName: 'live',
    defaultVersion: '2023-01-01',
    accessKeyId: settings.accessKeyId,
    secretKey: settings.secretKey,
    sessionToken: settings.sessionToken,
  });
  return <T>({ action, method, mutates, resource, params }: SignedCall, shape?: z.ZodType<T>) => {
    const send = service.createAPI<Params, T>(action, method === 'GET' ? { method } : { method, contentType: 'json' });
    return caller({ operation: action, mutates, ...(resource && { resource }) }, async () => {
      const seen: { status?: number } = {};
      const body: unknown = await send(withoutUndefined(params), {
        Action: action,
        adapter: transport(settings, http, seen),
      });
      const result = resultOf(body, seen.status);
      return shape ? readAnswer(shape, result, seen.status) : (undefined as T);
    });
  };
}

/** The SDK sends an undefined parameter as an empty one. */
const withoutUndefined = (params: Params): Params =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));

/**
 * How the SDK's HTTP client sends. Ours, because the SDK's own takes proxies from the environment, has no limit on the
 * whole exchange, and drops the status.
 */
const transport =
  (settings: Settings, http: HttpClient, seen: { status?: number }): Transport =>
  async (config) => {
    const { url = '', data: body } = config;
    const method = (config.method ?? 'GET').toUpperCase();
    const headersSent = dated(settings, { url, method, headers: config.headers, body });
    const answer = await http.send(url, { method, headers: headersSent, body, timeoutMs: settings.timeoutMs });
    const { status, headers } = answer;
    seen.status = status;
    return { data: answer.body.toString('utf8'), status, statusText: '', headers, config };
  };

interface Signed {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** The SDK signs with this machine's time; where that is wrong, the request is signed anew with the vendor's. */
function dated(settings: Settings, { url, method, headers, body }: Signed): Signed['headers'] {
  const offsetMs = signingOffsetMs();
  if (offsetMs === 0) return headers;
  const { pathname, searchParams } = new URL(url);
  const isSignature = (name: string) => /^(authorization|x-date|x-security-token|x-content-sha256)$/i.test(name);
  const plain = Object.fromEntries(Object.entries(headers).filter(([name]) => !isSignature(name)));
  const params = Object.fromEntries(searchParams);
  const request = { region: settings.region, method, pathname, params, headers: plain, body };
  const { accessKeyId, secretKey, sessionToken = '' } = settings;
  new Signer(request, 'live').addAuthorization(
    { accessKeyId, secretKey, sessionToken },
    new Date(Date.now() + offsetMs),
  );
  return request.headers;
}

/** An API error does not throw in this SDK, and a proxy's HTML page is returned as if it were a result. */
function resultOf(body: unknown, httpStatus: number | undefined): unknown {
  const status = httpStatus === undefined ? {} : { httpStatus };
  const { ResponseMetadata: metadata, Result: result } = readAnswer(shapes.envelope, body, httpStatus);
  const requestId = metadata.RequestId ? { requestId: metadata.RequestId } : {};
  const failure = metadata.Error;
  if (failure)
    throw new ApiFailure(failure.Message || failure.Code || 'no message', {
      ...status,
      ...requestId,
      ...(failure.Code && { code: failure.Code }),
      ...(failure.CodeN !== undefined && { codeN: failure.CodeN }),
    });
  if (httpStatus !== undefined && httpStatus >= 300)
    throw new ApiFailure(`HTTP ${httpStatus} without an error in the body`, { ...status, ...requestId });
  return result;
}

function recordingFetcher(settings: Settings, caller: Caller, http: HttpClient): VendorDriver['fetchVod'] {
  const { timeoutMs } = settings;
  return (url, range, asset) => {
    // A query may be a signature.
    const resource = unsigned(url);
    return caller({ operation: 'GetRecording', mutates: false, ...(resource && { resource }) }, () =>
      http.get(url, { range, timeoutMs, trusted: [settings.playbackBaseUrl, asset] }),
    );
  };
}
