import type { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import {
  CreateChannelCommand,
  type CreateChannelRequest,
  CreateRecordingConfigurationCommand,
  type CreateRecordingConfigurationRequest,
  CreateStreamKeyCommand,
  DeleteChannelCommand,
  DeleteRecordingConfigurationCommand,
  DeleteStreamKeyCommand,
  GetChannelCommand,
  GetPlaybackRestrictionPolicyCommand,
  GetRecordingConfigurationCommand,
  GetStreamCommand,
  GetStreamKeyCommand,
  GetStreamSessionCommand,
  IvsClient,
  ListChannelsCommand,
  type ListChannelsRequest,
  ListPlaybackKeyPairsCommand,
  ListRecordingConfigurationsCommand,
  ListStreamKeysCommand,
  ListStreamSessionsCommand,
  ListStreamsCommand,
  type ListStreamsRequest,
  StopStreamCommand,
  UpdateChannelCommand,
  type UpdateChannelRequest,
} from '@aws-sdk/client-ivs';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { z } from 'zod';
import { unsigned } from '../../domain/playback.ts';
import { readAnswer } from '../answer.ts';
import { type Caller, createCaller } from '../call.ts';
import type { DriverContext } from '../context.ts';
import type { ByteRange, VodFile } from '../driver.ts';
import { type HttpClient, rangeHeader, readFile, statusAnswer } from '../http.ts';
import { allOf, truncatedPage } from '../pages.ts';
import { signsByVendorClock } from '../vendor-clock.ts';
import { classify } from './errors.ts';
import { vendor } from './names.ts';
import type { Settings } from './options.ts';
import * as shapes from './shapes.ts';

export type {
  _Stream as LiveStream,
  ChannelSummary,
  CreateChannelRequest,
  RecordingConfiguration,
  RecordingConfigurationSummary,
  StreamSession,
  StreamSessionSummary,
} from '@aws-sdk/client-ivs';

/** Every call the driver makes, under the vendor's own names. Each rejects with a `VendorError`. */
export type Sdk = ReturnType<typeof createSdk>;

export interface StreamKey {
  arn: string;
  tags: Record<string, string>;
}

export interface Listing {
  keys: string[];
  /** The prefixes one level deeper, each ending with `/`. */
  folders: string[];
}

export function createSdk(settings: Settings, { http, ...context }: DriverContext) {
  const call = createCaller(vendor, settings.account, classify, context);
  const ivs = createIvs(settings, http);
  return {
    ...ivsCalls(ivs, call),
    ...playbackCalls(ivs, call),
    ...s3Calls(createS3(settings, http), call),
    ...webCalls(settings, call, http),
    now: call.now,
  };
}

/** Retries are the caller's business; and without `throwOnRequestTimeout` a timeout is only a line in the log. */
export const clientOptions = ({ region, keys, timeoutMs }: Settings, { agent }: HttpClient) => ({
  region,
  ...(keys && { credentials: keys }),
  maxAttempts: 1,
  requestHandler: {
    httpAgent: agent,
    httpsAgent: agent as HttpsAgent,
    requestTimeout: timeoutMs,
    throwOnRequestTimeout: true,
    connectionTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  },
});

/** Signs with the vendor's time, whatever this machine's clock says. */
export function datedByVendor<T extends { config: object }>(client: T): T {
  signsByVendorClock(client.config, 'systemClockOffset');
  return client;
}

const createIvs = (settings: Settings, http: HttpClient) =>
  datedByVendor(
    new IvsClient({ ...clientOptions(settings, http), ...(settings.endpoint && { endpoint: settings.endpoint }) }),
  );

const createS3 = (settings: Settings, http: HttpClient) =>
  datedByVendor(
    new S3Client({
      ...clientOptions(settings, http),
      ...(settings.s3Endpoint && { endpoint: settings.s3Endpoint, forcePathStyle: true }),
    }),
  );

function ivsCalls(ivs: IvsClient, call: Caller) {
  const look = (operation: string, resource?: string) => ({ operation, mutates: false, resource });
  const change = (operation: string, resource?: string) => ({ operation, mutates: true, resource });
  /** The SDK makes an answer of anything that is JSON, and of nothing: what decides is held against its shape. */
  const checked = async <T extends { $metadata: { httpStatusCode?: number } }>(
    schema: z.ZodType,
    answer: Promise<T>,
  ): Promise<T> => {
    const given = await answer;
    readAnswer(schema, given, given.$metadata.httpStatusCode);
    return given;
  };
  return {
    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateChannel.html */
    createChannel: (input: CreateChannelRequest) =>
      call(change('CreateChannel', input.name), () =>
        checked(shapes.channel, ivs.send(new CreateChannelCommand(input))),
      ),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetChannel.html */
    getChannel: (arn: string) =>
      call(
        look('GetChannel', arn),
        async () => (await checked(shapes.channel, ivs.send(new GetChannelCommand({ arn })))).channel,
      ),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UpdateChannel.html */
    updateChannel: (input: UpdateChannelRequest) =>
      call(change('UpdateChannel', input.arn), () => ivs.send(new UpdateChannelCommand(input))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteChannel.html */
    deleteChannel: (arn: string) =>
      call(change('DeleteChannel', arn), async () => {
        await ivs.send(new DeleteChannelCommand({ arn }));
      }),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListChannels.html */
    listChannels: (input: ListChannelsRequest) =>
      call(look('ListChannels', input.filterByName), () =>
        checked(shapes.channels, ivs.send(new ListChannelsCommand(input))),
      ),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateStreamKey.html */
    createStreamKey: (channelArn: string, tags: Record<string, string>) =>
      call(change('CreateStreamKey', channelArn), () => ivs.send(new CreateStreamKeyCommand({ channelArn, tags }))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStreamKey.html */
    getStreamKey: (arn: string) =>
      call(
        look('GetStreamKey', arn),
        async () => (await checked(shapes.streamKey, ivs.send(new GetStreamKeyCommand({ arn })))).streamKey,
      ),

    // A channel has at most one.
    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreamKeys.html */
    listStreamKeys: (channelArn: string) =>
      call(look('ListStreamKeys', channelArn), async () => {
        const { streamKeys = [] } = await checked(
          shapes.streamKeys,
          ivs.send(new ListStreamKeysCommand({ channelArn, maxResults: 50 })),
        );
        return streamKeys.flatMap(({ arn, tags = {} }): StreamKey[] => (arn ? [{ arn, tags }] : []));
      }),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteStreamKey.html */
    deleteStreamKey: (arn: string) =>
      call(change('DeleteStreamKey', arn), () => ivs.send(new DeleteStreamKeyCommand({ arn }))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStream.html */
    getStream: (channelArn: string) =>
      call(
        look('GetStream', channelArn),
        async () => (await checked(shapes.stream, ivs.send(new GetStreamCommand({ channelArn })))).stream,
      ),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreams.html */
    listStreams: (input: ListStreamsRequest) =>
      call(look('ListStreams'), () => checked(shapes.streams, ivs.send(new ListStreamsCommand(input)))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_StopStream.html */
    stopStream: (channelArn: string) =>
      call(change('StopStream', channelArn), () => ivs.send(new StopStreamCommand({ channelArn }))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStreamSession.html */
    getStreamSession: (channelArn: string, streamId: string) =>
      call(look('GetStreamSession', channelArn), async () => {
        const answer = await checked(
          shapes.streamSession,
          ivs.send(new GetStreamSessionCommand({ channelArn, streamId })),
        );
        return answer.streamSession;
      }),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreamSessions.html */
    listStreamSessions: (channelArn: string, nextToken?: string) =>
      call(look('ListStreamSessions', channelArn), () =>
        checked(
          shapes.streamSessions,
          ivs.send(new ListStreamSessionsCommand({ channelArn, nextToken, maxResults: 100 })),
        ),
      ),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateRecordingConfiguration.html */
    createRecordingConfiguration: (input: CreateRecordingConfigurationRequest) =>
      call(change('CreateRecordingConfiguration', input.name), () =>
        ivs.send(new CreateRecordingConfigurationCommand(input)),
      ),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetRecordingConfiguration.html */
    getRecordingConfiguration: (arn: string) =>
      call(look('GetRecordingConfiguration', arn), async () => {
        const answer = await checked(
          shapes.recordingConfiguration,
          ivs.send(new GetRecordingConfigurationCommand({ arn })),
        );
        return answer.recordingConfiguration;
      }),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListRecordingConfigurations.html */
    listRecordingConfigurations: (nextToken?: string) =>
      call(look('ListRecordingConfigurations'), () =>
        checked(
          shapes.recordingConfigurations,
          ivs.send(new ListRecordingConfigurationsCommand({ nextToken, maxResults: 100 })),
        ),
      ),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteRecordingConfiguration.html */
    deleteRecordingConfiguration: (arn: string) =>
      call(change('DeleteRecordingConfiguration', arn), () =>
        ivs.send(new DeleteRecordingConfigurationCommand({ arn })),
      ),
  };
}

function playbackCalls(ivs: IvsClient, call: Caller) {
  return {
    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListPlaybackKeyPairs.html */
    listPlaybackKeyPairs: () =>
      call({ operation: 'ListPlaybackKeyPairs', mutates: false }, async () => {
        const answer = await ivs.send(new ListPlaybackKeyPairsCommand({ maxResults: 100 }));
        readAnswer(shapes.keyPairs, answer, answer.$metadata.httpStatusCode);
        return answer.keyPairs ?? [];
      }),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetPlaybackRestrictionPolicy.html */
    getPlaybackRestrictionPolicy: (arn: string) =>
      call({ operation: 'GetPlaybackRestrictionPolicy', mutates: false, resource: arn }, async () => {
        const answer = await ivs.send(new GetPlaybackRestrictionPolicyCommand({ arn }));
        readAnswer(shapes.restrictionPolicy, answer, answer.$metadata.httpStatusCode);
      }),
  };
}

function s3Calls(s3: S3Client, call: Caller) {
  return {
    /** One level of a prefix, all pages. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
    async listObjects(bucket: string, prefix: string): Promise<Listing> {
      const list = { operation: 'ListObjectsV2', resource: `s3://${bucket}/${prefix}` };
      const pages = await allOf({ vendor, ...list }, (cursor) =>
        call({ ...list, mutates: false }, async () => {
          const input = { Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: cursor };
          const answer = await s3.send(new ListObjectsV2Command(input));
          readAnswer(shapes.listing, answer, answer.$metadata.httpStatusCode);
          const { Contents: objects = [], CommonPrefixes: folders = [] } = answer;
          return truncatedPage([{ objects, folders }], answer.IsTruncated === true, answer.NextContinuationToken);
        }),
      );
      return {
        keys: pages.flatMap(({ objects }) => objects.flatMap(({ Key }) => Key ?? [])),
        folders: pages.flatMap(({ folders }) => folders.flatMap(({ Prefix }) => Prefix ?? [])),
      };
    },

    /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
    getObject: (bucket: string, key: string, range?: ByteRange): Promise<VodFile> =>
      call({ operation: 'GetObject', mutates: false, resource: `s3://${bucket}/${key}` }, async () => {
        const input = { Bucket: bucket, Key: key, Range: rangeHeader(range).range };
        const answer = await s3.send(new GetObjectCommand(input));
        const { ContentRange, ContentLength, ContentType = 'application/octet-stream' } = answer;
        const headers = {
          'content-type': ContentType,
          'content-length': ContentLength?.toString(),
          'content-range': ContentRange,
        };
        const status = answer.$metadata.httpStatusCode ?? 200;
        return readFile({ status, headers, body: answer.Body as Readable }, range);
      }).catch(statusAnswer),
  };
}

function webCalls({ timeoutMs, playbackBaseUrl }: Settings, call: Caller, http: HttpClient) {
  return {
    /** A file through the account's playback address, as a player gets it. */
    fetchMedia: (url: string, range?: ByteRange, asset?: string): Promise<VodFile> =>
      // A query may be a signature.
      call({ operation: 'GetPlaybackFile', mutates: false, resource: unsigned(url) }, () =>
        http.get(url, { range, timeoutMs, trusted: [playbackBaseUrl, asset] }),
      ),
  };
}
