import { z } from 'zod';

/*
 * What decides something in the answers of the service, after the SDK, which makes an empty object of whatever is not
 * JSON. https://learn.microsoft.com/rest/api/media/live-events/get; what a successor may leave out is optional.
 */

const tags = z.record(z.string(), z.string()).nullish();
const text = z.string().nullish();

export const liveEvent = z.object({
  name: z.string(),
  tags,
  resourceState: z.enum(['Stopped', 'Allocating', 'StandBy', 'Starting', 'Running', 'Stopping', 'Deleting']),
  provisioningState: text,
});

export const liveOutput = z.object({
  name: z.string(),
  assetName: z.string(),
  resourceState: z.enum(['Creating', 'Running', 'Deleting']),
  provisioningState: text,
});

export const asset = z.object({ name: z.string(), alternateId: text, created: z.date().nullish() });

export const locator = z.object({ assetName: z.string() });

export const paths = z.object({ streamingPaths: z.array(z.object({ streamingProtocol: z.string() })).nullish() });

export const streamingEndpoint = z.object({ resourceState: z.string(), hostName: z.string() });

export const page = (item: z.ZodType) => z.object({ value: z.array(item), odataNextLink: text });

/** There is an `error` on success too. https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations */
export const operation = z.object({
  status: z.string(),
  error: z.object({ code: text, message: text }).nullish(),
});

/** The answers to status questions; what is in an entry differs between the service and its successors. */
export const entries = z.object({ value: z.array(z.record(z.string(), z.unknown())) });

/** https://learn.microsoft.com/rest/api/media/mediaservices/get */
export const mediaService = z.object({
  name: z.string(),
  location: z.string(),
  storageAccounts: z.array(z.object({ type: z.string() })).nullish(),
});

/** https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource */
export const permissions = z.object({
  value: z.array(z.object({ actions: z.array(z.string()).nullish(), notActions: z.array(z.string()).nullish() })),
});
export type Permissions = z.infer<typeof permissions>['value'];

/** https://learn.microsoft.com/rest/api/resources/management-locks/list-at-resource-level */
export const locks = z.object({
  value: z.array(z.object({ name: z.string(), properties: z.object({ level: z.string() }) })),
});
export type Locks = z.infer<typeof locks>['value'];
