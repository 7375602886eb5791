import type { AccountField, VendorManifest } from '../manifest.ts';
import { optionsSchema } from './options.ts';

const positiveInteger = (value: string): string | undefined =>
  /^[1-9]\d*$/.test(value) ? undefined : 'must be a whole number of milliseconds greater than 0';

const guid = (value: string): string | undefined =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? undefined : 'must be a GUID like 11111111-2222-…';

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Bearer tokens in clear text are for the own machine only. */
const endpointUrl = (value: string): string | undefined => {
  if (!URL.canParse(value)) return 'must be a URL';
  const { protocol, hostname } = new URL(value);
  if (protocol === 'https:') return undefined;
  return protocol === 'http:' && loopbackHost.test(hostname) ? undefined : 'must be https (http only on loopback)';
};

const httpUrl = (value: string): string | undefined =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) ? undefined : 'must be an http or https URL';

const authMode = (value: string): string | undefined =>
  ['entra', 'token', 'ravnur'].includes(value) ? undefined : 'must be entra, token or ravnur';

const setting = (key: string, about: string, more: Partial<AccountField> = {}): AccountField => ({
  key,
  about,
  secret: false,
  required: false,
  ...more,
});
const required = { required: true };
const secret = { secret: true };

export const azureMediaServices: VendorManifest = {
  name: 'azure-media-services',
  title: 'Azure Media Services (and ARM-compatible successors)',
  docs: [
    'https://learn.microsoft.com/rest/api/media/',
    'https://learn.microsoft.com/azure/media-services/latest/live-event-states-billing-concept',
    'https://docs.ravnur.com/',
  ],
  envPrefix: 'AZURE_MEDIA_SERVICES',
  accountFields: [
    setting('subscriptionId', 'Subscription that holds the media account.', { ...required, check: guid }),
    setting('resourceGroup', 'Resource group of the media account.', required),
    setting('accountName', 'Name of the media account.', required),
    setting('location', 'Region of the media account, e.g. westeurope; live events are made there.', required),
    setting('endpoint', 'Resource manager to talk to; a successor service has its own.', {
      fallback: 'https://management.azure.com',
      check: endpointUrl,
    }),
    setting('authMode', 'entra (client secret), token (a bearer token you bring) or ravnur (API key).', {
      fallback: 'entra',
      check: authMode,
    }),
    setting('tenantId', 'Directory of the service principal; for authMode entra.'),
    setting('clientId', 'Application id of the service principal; for authMode entra.'),
    setting('clientSecret', 'Secret of the service principal; for authMode entra.', secret),
    setting('authorityHost', 'Sign-in host of a sovereign cloud; for authMode entra.', { check: endpointUrl }),
    setting('token', 'Bearer token, sent as it is and never renewed; for authMode token.', secret),
    setting('apiKey', 'API key of the Ravnur instance; for authMode ravnur.', secret),
    setting('playbackBaseUrl', 'Where players read from instead of https:// and the streaming endpoint host.', {
      check: httpUrl,
    }),
    setting('timeoutMs', 'Longest wait for one answer of the vendor, milliseconds.', {
      fallback: '10000',
      check: positiveInteger,
    }),
    setting(
      'previewProbeMs',
      'Pause between two looks at the preview when the service cannot report its encoder, milliseconds.',
      { fallback: '4000', check: positiveInteger },
    ),
  ],
  capabilities: {
    standby: true,
    relay: false,
    vodNeedsChannel: false,
  },
  defaults: { warmUpMs: 15 * 60_000, startLeadMs: 5 * 60_000 },
  rates: { '*': 10 },
  options: optionsSchema,
  load: () => import('./driver.ts'),
  vendorEvents: () => import('./vendor-events.ts'),
};
