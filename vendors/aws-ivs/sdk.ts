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
  GetRecordingConfigurationCommand,
  GetStreamCommand,
  GetStreamKeyCommand,
  GetStreamSessionCommand,
  IvsClient,
  ListChannelsCommand,
  type ListChannelsRequest,
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
import { type Caller, createCaller } from '../call.ts';
import type { DriverContext } from '../context.ts';
import type { VodFile } from '../driver.ts';
import { classify } from './errors.ts';
import type { Settings } from './options.ts';

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

export interface ByteRange {
  start: number;
  end: number;
}

export interface Listing {
  keys: string[];
  /** What lies one level deeper, each ending with `/`. */
  folders: string[];
}

export function createSdk(settings: Settings, account: string, { hooks }: DriverContext) {
  const call = createCaller('aws-ivs', account, classify, hooks);
  return { ...ivsCalls(createIvs(settings), call), ...s3Calls(createS3(settings), call), ...webCalls(settings, call) };
}

/** Retries are the caller's business; and without `throwOnRequestTimeout` a timeout is only a line in the log. */
const clientOptions = ({ region, keys, timeoutMs }: Settings) => ({
  region,
  ...(keys && { credentials: keys }),
  maxAttempts: 1,
  requestHandler: {
    requestTimeout: timeoutMs,
    throwOnRequestTimeout: true,
    connectionTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  },
});

const createIvs = (settings: Settings) =>
  new IvsClient({ ...clientOptions(settings), ...(settings.endpoint && { endpoint: settings.endpoint }) });

const createS3 = (settings: Settings) =>
  new S3Client({
    ...clientOptions(settings),
    ...(settings.s3Endpoint && { endpoint: settings.s3Endpoint, forcePathStyle: true }),
  });

function ivsCalls(ivs: IvsClient, call: Caller) {
  const look = (operation: string, resource?: string) => ({ operation, mutates: false, resource });
  const change = (operation: string, resource?: string) => ({ operation, mutates: true, resource });
  return {
    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateChannel.html */
    createChannel: (input: CreateChannelRequest) =>
      call(change('CreateChannel', input.name), () => ivs.send(new CreateChannelCommand(input))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetChannel.html */
    getChannel: (arn: string) =>
      call(look('GetChannel', arn), async () => (await ivs.send(new GetChannelCommand({ arn }))).channel),

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
      call(look('ListChannels', input.filterByName), () => ivs.send(new ListChannelsCommand(input))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateStreamKey.html */
    createStreamKey: (channelArn: string, tags: Record<string, string>) =>
      call(change('CreateStreamKey', channelArn), () => ivs.send(new CreateStreamKeyCommand({ channelArn, tags }))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStreamKey.html */
    getStreamKey: (arn: string) =>
      call(look('GetStreamKey', arn), async () => (await ivs.send(new GetStreamKeyCommand({ arn }))).streamKey),

    // Only their ARNs; a channel has at most one.
    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreamKeys.html */
    listStreamKeys: (channelArn: string) =>
      call(look('ListStreamKeys', channelArn), async () => {
        const { streamKeys = [] } = await ivs.send(new ListStreamKeysCommand({ channelArn, maxResults: 50 }));
        return streamKeys.flatMap((key) => key.arn ?? []);
      }),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteStreamKey.html */
    deleteStreamKey: (arn: string) =>
      call(change('DeleteStreamKey', arn), () => ivs.send(new DeleteStreamKeyCommand({ arn }))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStream.html */
    getStream: (channelArn: string) =>
      call(look('GetStream', channelArn), async () => (await ivs.send(new GetStreamCommand({ channelArn }))).stream),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreams.html */
    listStreams: (input: ListStreamsRequest) =>
      call(look('ListStreams'), () => ivs.send(new ListStreamsCommand(input))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_StopStream.html */
    stopStream: (channelArn: string) =>
      call(change('StopStream', channelArn), () => ivs.send(new StopStreamCommand({ channelArn }))),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStreamSession.html */
    getStreamSession: (channelArn: string, streamId: string) =>
      call(look('GetStreamSession', channelArn), async () => {
        const answer = await ivs.send(new GetStreamSessionCommand({ channelArn, streamId }));
        return answer.streamSession;
      }),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreamSessions.html */
    listStreamSessions: (channelArn: string, nextToken?: string) =>
      call(look('ListStreamSessions', channelArn), () =>
        ivs.send(new ListStreamSessionsCommand({ channelArn, nextToken, maxResults: 100 })),
      ),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateRecordingConfiguration.html */
    createRecordingConfiguration: (input: CreateRecordingConfigurationRequest) =>
      call(change('CreateRecordingConfiguration', input.name), () =>
        ivs.send(new CreateRecordingConfigurationCommand(input)),
      ),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetRecordingConfiguration.html */
    getRecordingConfiguration: (arn: string) =>
      call(look('GetRecordingConfiguration', arn), async () => {
        const answer = await ivs.send(new GetRecordingConfigurationCommand({ arn }));
        return answer.recordingConfiguration;
      }),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListRecordingConfigurations.html */
    listRecordingConfigurations: (nextToken?: string) =>
      call(look('ListRecordingConfigurations'), () =>
        ivs.send(new ListRecordingConfigurationsCommand({ nextToken, maxResults: 100 })),
      ),

    /** https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteRecordingConfiguration.html */
    deleteRecordingConfiguration: (arn: string) =>
      call(change('DeleteRecordingConfiguration', arn), () =>
        ivs.send(new DeleteRecordingConfigurationCommand({ arn })),
      ),
  };
}

function s3Calls(s3: S3Client, call: Caller) {
  return {
    /** One level of a prefix, all pages. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
    async listObjects(bucket: string, prefix: string): Promise<Listing> {
      const listing: Listing = { keys: [], folders: [] };
      let token: string | undefined;
      do {
        const input = { Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: token };
        const page = await call(
          { operation: 'ListObjectsV2', mutates: false, resource: `s3://${bucket}/${prefix}` },
          () => s3.send(new ListObjectsV2Command(input)),
        );
        listing.keys.push(...(page.Contents ?? []).flatMap((object) => object.Key ?? []));
        listing.folders.push(...(page.CommonPrefixes ?? []).flatMap((folder) => folder.Prefix ?? []));
        token = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (token);
      return listing;
    },

    /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
    getObject: (bucket: string, key: string, range?: ByteRange): Promise<VodFile> =>
      call({ operation: 'GetObject', mutates: false, resource: `s3://${bucket}/${key}` }, async () => {
        try {
          const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: rangeHeader(range) }));
          const body = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
          const totalBytes = totalOf(answer.ContentRange) ?? answer.ContentLength ?? body.length;
          const contentType = answer.ContentType ?? 'application/octet-stream';
          return { status: answer.$metadata.httpStatusCode ?? 200, contentType, totalBytes, body };
        } catch (error) {
          const { code } = classify(error);
          if (code === 'NoSuchKey') return missing(404);
          if (code === 'InvalidRange') return missing(416);
          throw error;
        }
      }),
  };
}

function webCalls({ timeoutMs }: Settings, call: Caller) {
  return {
    /** A file through the account's playback address, as a player gets it. */
    getUrl: (url: string, range?: ByteRange): Promise<VodFile> =>
      call({ operation: 'GetPlaybackFile', mutates: false, resource: url }, async () => {
        const header = rangeHeader(range);
        const answer = await fetch(url, {
          signal: AbortSignal.timeout(timeoutMs),
          ...(header && { headers: { range: header } }),
        });
        if (answer.status === 429 || answer.status >= 500) throw await refused(answer);
        const body = new Uint8Array(await answer.arrayBuffer());
        const totalBytes = totalOf(answer.headers.get('content-range')) ?? body.length;
        const contentType = answer.headers.get('content-type') ?? 'application/octet-stream';
        return { status: answer.status, ...(answer.redirected && { url: answer.url }), contentType, totalBytes, body };
      }),
  };
}

/** An answer that says nothing about the file, shaped like the SDK's errors. */
async function refused(answer: Response): Promise<Error> {
  await answer.body?.cancel();
  return Object.assign(new Error(`the playback address answered ${answer.status} ${answer.statusText}`), {
    $metadata: { httpStatusCode: answer.status },
    $response: { headers: Object.fromEntries(answer.headers) },
  });
}

const rangeHeader = (range?: ByteRange): string | undefined => range && `bytes=${range.start}-${range.end}`;

const totalOf = (contentRange: string | null | undefined): number | undefined => {
  const total = contentRange?.split('/')[1];
  return total && /^\d+$/.test(total) ? Number(total) : undefined;
};

const missing = (status: number): VodFile => ({ status, contentType: '', body: new Uint8Array() });
