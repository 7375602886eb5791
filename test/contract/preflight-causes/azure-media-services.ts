import { workflowIdOf } from '../../../domain/ids.ts';
import { startAzureMediaServices } from '../../../simulators/azure-media-services/index.ts';
import type { Behaviour } from '../../../simulators/azure-media-services/routes.ts';
import type { ContractHarnessOptions } from '../contract-harness.ts';
import { reach } from '../reach.ts';
import { type Cause, denied, ends, hour, nowhere, skewed, takeName } from './causes.ts';

const azure = (behaviour: Partial<Behaviour>): ContractHarnessOptions => ({
  start: (kit, options) => startAzureMediaServices(kit, options, behaviour),
});

const armAction = (action: string) => `Microsoft.Media/mediaservices/${action}`;

export const azureMediaServices: Cause[] = [
  {
    what: 'the token is wrong',
    harness: { settings: { token: 'not-the-token' } },
    check: 'credentials',
    message: /InvalidAuthenticationToken/,
    advice: /credentials/,
  },
  {
    what: 'the API key is wrong',
    harness: { settings: { authMode: 'ravnur', apiKey: 'not-the-key' } },
    check: 'credentials',
    message: /Auth_Token: HTTP 401/,
    advice: /credentials/,
  },
  {
    what: 'the token ends before the event',
    harness: { settings: { token: `e30.${Buffer.from(JSON.stringify({ exp: 1 })).toString('base64url')}.x` } },
    check: 'key-life',
    message: /token expires at 1970/,
    advice: /lasts longer/,
  },
  {
    what: 'the subscription is another',
    harness: { settings: { subscriptionId: '11111111-2222-3333-4444-555555555555' } },
    check: 'place',
    message: /SubscriptionNotFound/,
    advice: /subscriptionId/,
  },
  {
    what: 'the resource group is another',
    harness: { settings: { resourceGroup: 'elsewhere' } },
    check: 'place',
    message: /ResourceGroupNotFound/,
    advice: /resourceGroup/,
  },
  {
    what: 'the media account does not exist',
    harness: { settings: { accountName: 'nosuch' } },
    check: 'place',
    message: /nosuch.*was not found/,
    advice: /\w/,
  },
  {
    what: 'the location is another',
    harness: { settings: { location: 'eastus' } },
    check: 'place',
    message: /is in West Europe, and the account's location is eastus/,
    advice: /set location/,
  },
  {
    what: 'no storage account is attached',
    harness: azure({ storage: false }),
    check: 'bucket',
    message: /no primary storage account/,
    advice: /attach/,
  },
  denied(armAction('liveEvents/write'), /role/),
  denied(armAction('streamingLocators/write'), /role/),
  denied(armAction('liveEvents/read'), /role/),
  {
    what: 'a lock keeps the clean-up from deleting',
    harness: azure({ locks: [{ name: 'keep', level: 'CanNotDelete' }] }),
    check: 'permission',
    message: /lock keep \(CanNotDelete\).*clean-up/,
    advice: /remove the lock/,
  },
  {
    what: 'more events are planned than the account may hold',
    planned: { events: 5 },
    check: 'quota',
    message: /may hold 5 live events, and there are 5 other events/,
    advice: /move an event/,
  },
  {
    what: 'live events of others fill the account',
    plant: async ({ driver }, event) => {
      for (const id of ['a', 'b', 'c', 'd', 'e'])
        await reach(() => driver.allocate({ ...event, eventId: id, workflowId: workflowIdOf(id) }));
    },
    planned: { unknown: 'Temporal was not asked' },
    check: 'quota',
    message: /there are 5 that are there/,
    advice: /delete what is not needed/,
  },
  {
    what: 'the name is taken',
    plant: takeName,
    check: 'name',
    message: /is there, and its tag/,
    advice: /set the tag/,
  },
  {
    what: 'there is no such streaming endpoint',
    event: { options: { streamingEndpointName: 'nosuch' } },
    check: 'playback',
    message: /no streaming endpoint nosuch/,
    advice: /create it/,
  },
  {
    what: 'the streaming endpoint is stopped and stays so',
    event: { options: { startStreamingEndpoint: false } },
    check: 'playback',
    message: /is stopped/,
    advice: /start it/,
  },
  {
    what: 'viewers cannot reach the streaming endpoint',
    harness: { settings: { playbackBaseUrl: nowhere } },
    check: 'playback',
    message: /cannot reach 127\.0\.0\.1:9/,
    advice: /playbackBaseUrl/,
  },
  {
    what: 'the recording forgets the beginning of the show',
    event: { ...ends(30 * hour, 9 * hour), options: { encodingType: 'PassthroughBasic' } },
    check: 'archive',
    message: /keeps the last 8h, and the show lasts 9h/,
    advice: /shorten/,
  },
  skewed(-60_000, /(5\ds|1m) ahead of/),
];
