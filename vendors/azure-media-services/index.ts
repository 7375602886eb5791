import { z } from 'zod';
import { isLoopback } from '../../domain/loopback.ts';
import { hostOf, httpUrl, milliseconds, oneOf } from '../account-schema.ts';
import type { VendorManifest } from '../manifest.ts';
import { limits, optionsSchema } from './options.ts';

/** Bearer tokens in clear text are for the own machine only. */
const tokenUrl = z.string().refine((value) => {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}, 'must be an https URL (http only on loopback)');

const accountSchema = z.object({
  subscriptionId: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a GUID like 11111111-2222-…')
    .meta({ description: 'Subscription that holds the media account.' }),
  resourceGroup: z.string().meta({ description: 'Resource group of the media account.' }),
  accountName: z.string().meta({ description: 'Name of the media account.' }),
  location: z
    .string()
    .meta({ description: 'Region of the media account, e.g. westeurope; live events are made there.' }),
  endpoint: tokenUrl
    .default('https://management.azure.com')
    .meta({ description: 'Resource manager to talk to; a successor service has its own.' }),
  authMode: oneOf('entra', 'token', 'ravnur')
    .default('entra')
    .meta({ description: 'entra (client secret), token (a bearer token you bring) or ravnur (API key).' }),
  tenantId: z.string().optional().meta({ description: 'Directory of the service principal; for authMode entra.' }),
  clientId: z.string().optional().meta({ description: 'Application id of the service principal; for authMode entra.' }),
  clientSecret: z
    .string()
    .optional()
    .meta({ description: 'Secret of the service principal; for authMode entra.', secret: true }),
  authorityHost: tokenUrl.optional().meta({ description: 'Sign-in host of a sovereign cloud; for authMode entra.' }),
  token: z
    .string()
    .optional()
    .meta({ description: 'Bearer token, sent as it is and never renewed; for authMode token.', secret: true }),
  apiKey: z
    .string()
    .optional()
    .meta({ description: 'API key of the Ravnur instance; for authMode ravnur.', secret: true }),
  playbackBaseUrl: httpUrl
    .optional()
    .meta({ description: 'Where players read from instead of https:// and the streaming endpoint host.' }),
  timeoutMs: milliseconds
    .default('10000')
    .meta({ description: 'Longest wait for one answer of the vendor, milliseconds.' }),
  previewProbeMs: milliseconds.default('4000').meta({
    description:
      'Pause between two reads of the preview when the service cannot report its encoder, milliseconds; an encoder is absent when nothing came for one and a half segments.',
  }),
});

export const azureMediaServices: VendorManifest = {
  name: 'azure-media-services',
  title: 'Azure Media Services (and ARM-compatible successors)',
  docs: [
    'https://learn.microsoft.com/rest/api/media/',
    'https://learn.microsoft.com/azure/media-services/latest/live-event-states-billing-concept',
    'https://docs.ravnur.com/',
  ],
  envPrefix: 'AZURE_MEDIA_SERVICES',
  account: accountSchema,
  // Azure compares all of these names without case.
  placeOf: ({ subscriptionId, resourceGroup, accountName, endpoint = '' }) =>
    `subscription ${subscriptionId}, resource group ${resourceGroup}, media account ${accountName} at ${hostOf(endpoint)}`.toLowerCase(),
  capabilities: {
    standby: true,
    relay: false,
    vodNeedsChannel: false,
  },
  // https://learn.microsoft.com/azure/media-services/latest/live-event-states-billing-concept
  makes: [
    { what: 'a live event', billed: 'by the minute, from its start to its stop' },
    { what: 'a live output' },
    { what: 'an asset with the recording, and its streaming locator', billed: 'by stored GB', kept: true },
    {
      what: 'a start of the streaming endpoint, where it does not run: players need it',
      billed: 'by the hour until you stop it',
      kept: true,
    },
  ],
  // https://learn.microsoft.com/azure/media-services/latest/live-event-states-billing-concept
  bills: [
    { resource: 'live event', state: 'standby', classOption: 'encodingType' },
    { resource: 'live event', state: 'running', classOption: 'encodingType' },
    { resource: 'streaming endpoint', state: 'running', goesOn: true, optional: true, unseen: 'traffic is not seen' },
  ],
  defaults: { warmUpMs: 15 * 60_000, startLeadMs: 5 * 60_000 },
  rates: { '*': 10 },
  options: optionsSchema,
  limits,
  load: () => import('./driver.ts'),
  vendorEvents: () => import('./vendor-events.ts'),
};
