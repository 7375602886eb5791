import type { AzureMediaServices, MediaService } from '@azure/arm-mediaservices';
import { createSerializer, type OperationSpec } from '@azure/core-client';
import type { z } from 'zod';
import type { Json } from '../../domain/json.ts';
import { readAnswer } from '../answer.ts';
import type { Caller, CallOptions } from '../call.ts';
import type { Settings } from './options.ts';
import * as shapes from './shapes.ts';

export interface AnswerHeaders {
  get(name: string): string | undefined;
}
export interface BeginOptions {
  abortSignal: AbortSignal;
  onResponse: (response: { status: number; headers: AnswerHeaders; parsedBody?: unknown }) => void;
}

export const anyBody = { bodyMapper: { type: { name: 'any' as const }, serializedName: 'body' } };

export const operationSpec = (url: string): OperationSpec => ({
  path: url,
  httpMethod: 'GET',
  responses: { 200: anyBody, default: { isError: true } },
  serializer: createSerializer({}, false),
});

export interface AccountCalls {
  getAccount(): Promise<MediaService>;
  /** What the account may do; undefined where the service has no such question. */
  listPermissions(): Promise<shapes.Permissions | undefined>;
  /** What keeps the media account, and what is in it, from being changed; undefined as above. */
  listLocks(): Promise<shapes.Locks | undefined>;
}

type CheckedCall = <T>(schema: z.ZodType, send: (options: BeginOptions) => Promise<T>) => Promise<T>;

/** The calls about the media account itself. */
export function accountCalls(
  client: AzureMediaServices,
  call: Caller,
  checked: CheckedCall,
  { endpoint, subscriptionId, resourceGroup: group, accountName: media, timeoutMs }: Settings,
): AccountCalls {
  const reads = (operation: string): CallOptions => ({ operation, mutates: false, resource: media });
  const account = `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Media/mediaservices/${media}`;

  /** Of the resource manager itself, so that the media SDK has no function for it. */
  const askManager = <T>(operation: string, what: string, version: string, schema: z.ZodType<T>) =>
    call(reads(operation), async (): Promise<T | undefined> => {
      let status: number | undefined;
      const onResponse: BeginOptions['onResponse'] = (response) => {
        status = response.status;
      };
      const url = `${endpoint}${account}/providers/Microsoft.Authorization/${what}?api-version=${version}`;
      try {
        const sent = { options: { abortSignal: AbortSignal.timeout(timeoutMs), onResponse } };
        return readAnswer(schema, await client.sendOperationRequest<Json>(sent, operationSpec(url)), status);
      } catch (error) {
        if (status === 404) return undefined;
        throw error;
      }
    });

  return {
    // https://learn.microsoft.com/rest/api/media/mediaservices/get
    getAccount: () =>
      call(reads('Mediaservices_Get'), () =>
        checked(shapes.mediaService, (options) => client.mediaservices.get(group, media, options)),
      ),

    // https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource
    listPermissions: async () =>
      (await askManager('Permissions_ListForResource', 'permissions', '2022-04-01', shapes.permissions))?.value,

    // https://learn.microsoft.com/rest/api/resources/management-locks/list-at-resource-level
    listLocks: async () =>
      (await askManager('ManagementLocks_ListAtResourceLevel', 'locks', '2020-05-01', shapes.locks))?.value,
  };
}
