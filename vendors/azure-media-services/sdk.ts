import {
  type Asset,
  getContinuationToken,
  type LiveEvent,
  type LiveOutput,
  type StreamingEndpoint,
  type StreamingLocator,
  type StreamingPath,
} from '@azure/arm-mediaservices';
import { createSerializer, type OperationSpec } from '@azure/core-client';
import type { z } from 'zod';
import type { Json } from '../../domain/json.ts';
import { retryAfterMs } from '../../domain/retry-after.ts';
import { readAnswer, UnknownAnswer } from '../answer.ts';
import { type CallOptions, createCaller } from '../call.ts';
import type { DriverContext } from '../context.ts';
import type { ByteRange, Page, VodFile } from '../driver.ts';
import { allOf, pageOf } from '../pages.ts';
import { type AnswerHeaders, accountCalls, anyBody, type BeginOptions, operationSpec } from './account-sdk.ts';
import { createClient } from './client-sdk.ts';
import { classify } from './errors.ts';
import { vendor } from './names.ts';
import { isOf, type OperationAnswer, Operations } from './operations.ts';
import type { Settings } from './options.ts';
import * as shapes from './shapes.ts';

export type { Asset, LiveEvent, LiveOutput, StreamingEndpoint, StreamingLocator, StreamingPath };

/** The answer to a status question, with the server's own clock. */
export interface StatusAnswer {
  body: Json;
  /** Epoch milliseconds of the answer's `Date`. */
  at?: number;
}

type Named = Required<CallOptions>;
const callOf =
  (operation: string, mutates: boolean) =>
  (resource: string): Named => ({ operation, mutates, resource });
const reads = (operation: string) => callOf(operation, false);
const changes = (operation: string) => callOf(operation, true);

/** Every call to the service: one function per wire call, each with a timeout and no retries. */
export function createSdk(settings: Settings, { http, ...context }: DriverContext) {
  const { timeoutMs, resourceGroup: group, accountName: media } = settings;
  const call = createCaller(vendor, settings.account, classify, context);
  const client = createClient(settings, call, http);
  const timed = () => ({ abortSignal: AbortSignal.timeout(timeoutMs) });
  const operations = new Operations(settings.endpoint, readOperation);

  /** Holds each answer, every page of a list, against its shape before the SDK makes something of it. */
  const checked = async <T>(schema: z.ZodType, send: (options: BeginOptions) => Promise<T>): Promise<T> => {
    let unknown: unknown;
    const onResponse: BeginOptions['onResponse'] = ({ status, parsedBody }) => {
      if (status >= 300) return;
      try {
        readAnswer(schema, parsedBody, status);
      } catch (error) {
        unknown = error;
        throw error;
      }
    };
    try {
      return await send({ ...timed(), onResponse });
    } catch (error) {
      throw unknown ?? error;
    }
  };

  /** Undefined only when the vendor says that the resource does not exist. */
  const find = async <T>(
    options: CallOptions,
    schema: z.ZodType,
    send: (options: BeginOptions) => Promise<T>,
  ): Promise<T | undefined> => {
    let absent = false;
    const found = await call(options, async () => {
      try {
        return await checked(schema, send);
      } catch (error) {
        if (error instanceof UnknownAnswer || classify(error).kind !== 'not-found') throw error;
        absent = true;
        return undefined;
      }
    });
    return absent ? undefined : found;
  };

  /**
   * Sends only the first request of a long-running operation. Left alone the SDK polls at once, and when that poll
   * fails it rejects a request that was accepted; the state of the resource says more than its poller. Nothing is sent
   * while the last one is under way, and its failure is thrown before it is sent anew.
   */
  const begin = async (options: Named, send: (options: BeginOptions) => Promise<unknown>): Promise<void> => {
    const { operation, resource } = options;
    if (await operations.isUnderWay(operation, resource)) return;
    const accepted = new Accepted();
    // Errors come here too, and the SDK does not say so: the status does.
    const onResponse: BeginOptions['onResponse'] = ({ status, headers }) => {
      if (status >= 300) return;
      operations.accepted(operation, resource, headers.get('azure-asyncoperation'));
      throw accepted;
    };
    await call(options, async () => {
      try {
        await send({ ...timed(), onResponse });
      } catch (error) {
        if (error !== accepted) throw error;
      }
    });
  };

  return {
    now: call.now,

    ...accountCalls(client, call, checked, settings),
    accountId: [settings.subscriptionId, group, media].join('/').toLowerCase(),

    // https://learn.microsoft.com/rest/api/media/live-events/get
    getEvent: (name: string): Promise<LiveEvent | undefined> =>
      find(reads('LiveEvents_Get')(name), shapes.liveEvent, (options) =>
        client.liveEvents.get(group, media, name, options),
      ),

    // https://learn.microsoft.com/rest/api/media/live-events/list
    listEvents: (cursor?: string): Promise<Page<LiveEvent>> =>
      call(reads('LiveEvents_List')(media), () =>
        checked(shapes.page(shapes.liveEvent), (options) =>
          pageAt(client.liveEvents.list(group, media, options), cursor),
        ),
      ),

    // https://learn.microsoft.com/rest/api/media/live-events/create
    createEvent: (name: string, body: LiveEvent) =>
      begin(changes('LiveEvents_Create')(name), (options) =>
        client.liveEvents.beginCreate(group, media, name, body, { ...options, autoStart: false }),
      ),

    // https://learn.microsoft.com/rest/api/media/live-events/allocate
    allocateEvent: (name: string) =>
      begin(changes('LiveEvents_Allocate')(name), (options) =>
        client.liveEvents.beginAllocate(group, media, name, options),
      ),

    // https://learn.microsoft.com/rest/api/media/live-events/start
    startEvent: (name: string) =>
      begin(changes('LiveEvents_Start')(name), (options) => client.liveEvents.beginStart(group, media, name, options)),

    // https://learn.microsoft.com/rest/api/media/live-events/reset
    resetEvent: (name: string) =>
      begin(changes('LiveEvents_Reset')(name), (options) => client.liveEvents.beginReset(group, media, name, options)),

    // https://learn.microsoft.com/rest/api/media/live-events/stop
    stopEvent: (name: string) =>
      begin(changes('LiveEvents_Stop')(name), (options) =>
        client.liveEvents.beginStop(group, media, name, { removeOutputsOnStop: true }, options),
      ),

    // https://learn.microsoft.com/rest/api/media/live-events/delete
    deleteEvent: (name: string) =>
      begin(changes('LiveEvents_Delete')(name), (options) =>
        client.liveEvents.beginDelete(group, media, name, options),
      ),

    /** A live event that does not exist has no outputs. */
    // https://learn.microsoft.com/rest/api/media/live-outputs/list
    listOutputs: (event: string): Promise<LiveOutput[]> => {
      const list = reads('LiveOutputs_List')(event);
      const page = shapes.page(shapes.liveOutput);
      return allOf({ vendor, ...list }, async (cursor) => {
        const found = await find(list, page, (options) =>
          pageAt(client.liveOutputs.list(group, media, event, options), cursor),
        );
        return found ?? { items: [] };
      });
    },

    // https://learn.microsoft.com/rest/api/media/live-outputs/create
    createOutput: (event: string, name: string, body: LiveOutput) =>
      begin(changes('LiveOutputs_Create')(`${event}/${name}`), (options) =>
        client.liveOutputs.beginCreate(group, media, event, name, body, options),
      ),

    // https://learn.microsoft.com/rest/api/media/live-outputs/delete
    deleteOutput: (event: string, name: string) =>
      begin(changes('LiveOutputs_Delete')(`${event}/${name}`), (options) =>
        client.liveOutputs.beginDelete(group, media, event, name, options),
      ),

    // https://learn.microsoft.com/rest/api/media/assets/get
    getAsset: (name: string): Promise<Asset | undefined> =>
      find(reads('Assets_Get')(name), shapes.asset, (options) => client.assets.get(group, media, name, options)),

    // https://learn.microsoft.com/rest/api/media/assets/create-or-update
    putAsset: (name: string, body: Asset): Promise<Asset> =>
      call(changes('Assets_CreateOrUpdate')(name), () =>
        checked(shapes.asset, (options) => client.assets.createOrUpdate(group, media, name, body, options)),
      ),

    // https://learn.microsoft.com/rest/api/media/streaming-locators/get
    getLocator: (name: string): Promise<StreamingLocator | undefined> =>
      find(reads('StreamingLocators_Get')(name), shapes.locator, (options) =>
        client.streamingLocators.get(group, media, name, options),
      ),

    // https://learn.microsoft.com/rest/api/media/streaming-locators/create
    createLocator: (name: string, body: StreamingLocator): Promise<StreamingLocator> =>
      call(changes('StreamingLocators_Create')(name), () =>
        checked(shapes.locator, (options) => client.streamingLocators.create(group, media, name, body, options)),
      ),

    // https://learn.microsoft.com/rest/api/media/streaming-locators/list-paths
    listPaths: async (locator: string): Promise<StreamingPath[]> => {
      const answer = await call(reads('StreamingLocators_ListPaths')(locator), () =>
        checked(shapes.paths, (options) => client.streamingLocators.listPaths(group, media, locator, options)),
      );
      return answer.streamingPaths ?? [];
    },

    // https://learn.microsoft.com/rest/api/media/streaming-endpoints/get
    getStreamingEndpoint: (name: string): Promise<StreamingEndpoint | undefined> =>
      find(reads('StreamingEndpoints_Get')(name), shapes.streamingEndpoint, (options) =>
        client.streamingEndpoints.get(group, media, name, options),
      ),

    // https://learn.microsoft.com/rest/api/media/streaming-endpoints/start
    startStreamingEndpoint: (name: string) =>
      begin(changes('StreamingEndpoints_Start')(name), (options) =>
        client.streamingEndpoints.beginStart(group, media, name, options),
      ),

    /** What the service knows of the encoder; undefined when it has no such question (404) or will not answer it (400). */
    // https://learn.microsoft.com/rest/api/media/live-events/list-get-status
    getStatus: (event: string): Promise<StatusAnswer | undefined> =>
      ask(reads('LiveEvents_ListGetStatus')(event), 'getStatus', event),

    /** The log of what happened on the ingest; undefined as for `getStatus`. */
    // https://learn.microsoft.com/rest/api/media/live-events/list-get-stream-events
    getStreamEvents: (event: string): Promise<StatusAnswer | undefined> =>
      ask(reads('LiveEvents_ListGetStreamEvents')(event), 'getStreamEvents', event),

    /** A file as a player would get it; `trusted` are addresses that the service gave itself. */
    fetchMedia: (url: string, range?: ByteRange, ...trusted: (string | undefined)[]): Promise<VodFile> =>
      call(reads('media:Get')(new URL(url).pathname), () =>
        http.get(url, { range, timeoutMs, trusted: [settings.playbackBaseUrl, ...trusted] }),
      ),
  };

  /** Its own address, as it was given: successors have others. */
  // https://learn.microsoft.com/rest/api/media/live-events/async-operation
  function readOperation(url: string): Promise<OperationAnswer | undefined> {
    return call(reads('AsyncOperation')(new URL(url).pathname), async () => {
      let status: number | undefined;
      const onResponse: BeginOptions['onResponse'] = (response) => {
        status = response.status;
      };
      try {
        const body = await client.sendOperationRequest<Json>(
          { options: { ...timed(), onResponse } },
          operationSpec(url),
        );
        return readAnswer(shapes.operation, body, status);
      } catch (error) {
        if (status === 404) return undefined;
        throw error;
      }
    });
  }

  /** The SDK's release knows api-version 2022-08-01; these questions came with 2022-11-01, so we spell them out. */
  function ask(options: CallOptions, action: string, event: string): Promise<StatusAnswer | undefined> {
    return call(options, async () => {
      const signal = AbortSignal.timeout(timeoutMs);
      const args = { subscriptionId: client.subscriptionId, group, media, event };
      let spec = statusSpec(action);
      for (;;) {
        const seen: { status?: number; headers?: AnswerHeaders } = {};
        const onResponse: BeginOptions['onResponse'] = ({ status, headers }) => {
          seen.status = status;
          seen.headers = headers;
        };
        try {
          const body = await client.sendOperationRequest<Json>(
            { ...args, options: { abortSignal: signal, onResponse } },
            spec,
          );
          const at = Date.parse(seen.headers?.get('date') ?? '');
          if (seen.status === 200) {
            readAnswer(shapes.entries, body, seen.status);
            return { body, ...(!Number.isNaN(at) && { at }) };
          }
        } catch (error) {
          // A web page comes from a proxy, not from the service: its status says nothing of the operation.
          const isPage = seen.headers?.get('content-type')?.startsWith('text/html') === true;
          if (!isPage && (seen.status === 404 || seen.status === 400)) return undefined;
          throw error;
        }
        const location = seen.headers?.get('location');
        if (!location || !isOf(settings.endpoint, location)) return undefined;
        spec = { ...spec, httpMethod: 'GET', path: location };
        await pause(pauseBefore(seen.headers), signal);
      }
    });
  }
}

export type Sdk = ReturnType<typeof createSdk>;

/** One page: the SDK follows the links of a list by itself, also one that leads back. */
async function pageAt<T>(list: PagedList<T>, cursor?: string): Promise<Page<T>> {
  const { value: items = [] }: { value?: T[] } = await list.byPage({ continuationToken: cursor }).next();
  return pageOf(items, getContinuationToken(items));
}

interface PagedList<T> {
  byPage(from: { continuationToken?: string | undefined }): AsyncIterator<T[]>;
}

/** Thrown through the SDK to leave it after the first answer. */
class Accepted {}

const pathParameter = (parameterPath: string, serializedName: string) => ({
  parameterPath,
  mapper: { serializedName, required: true, type: { name: 'String' as const } },
});

const statusSpec = (action: string): OperationSpec => ({
  path: `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Media/mediaServices/{media}/liveEvents/{event}/${action}`,
  httpMethod: 'POST',
  responses: {
    200: anyBody,
    202: {},
    304: {},
    default: { isError: true },
  },
  urlParameters: [
    pathParameter('subscriptionId', 'subscriptionId'),
    pathParameter('group', 'group'),
    pathParameter('media', 'media'),
    pathParameter('event', 'event'),
  ],
  queryParameters: [
    {
      parameterPath: 'apiVersion',
      mapper: {
        defaultValue: '2022-11-01',
        isConstant: true,
        serializedName: 'api-version',
        type: { name: 'String' },
      },
    },
  ],
  serializer: createSerializer({}, false),
});

const usualPauseMs = 500;
const pauseBefore = (headers: AnswerHeaders | undefined): number => {
  const header = (name: string) => headers?.get(name) ?? undefined;
  return retryAfterMs({ 'retry-after': header('retry-after'), date: header('date') }) ?? usualPauseMs;
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
