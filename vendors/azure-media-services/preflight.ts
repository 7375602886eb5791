import { formatDuration, parseDuration } from '../../domain/time.ts';
import { namedAsMade } from '../naming.ts';
import { type AskedOf, asksPlayback, preflightBy, unusedName } from '../preflight.ts';
import { meaningOf } from './errors.ts';
import { ownershipTag, refOf } from './names.ts';
import { archiveWindowOf, type Options, optionsOf, type Settings } from './options.ts';
import type { LiveEvent, Sdk } from './sdk.ts';
import type { Permissions } from './shapes.ts';
import { expiryOf } from './token.ts';

/** What the driver's calls need, below `Microsoft.Media/mediaservices/`. */
const actions = [
  'assets/read',
  'assets/write',
  'liveEvents/delete',
  'liveEvents/getStatus/action',
  'liveEvents/getStreamEvents/action',
  'liveEvents/liveOutputs/delete',
  'liveEvents/liveOutputs/read',
  'liveEvents/liveOutputs/write',
  'liveEvents/read',
  'liveEvents/reset/action',
  'liveEvents/start/action',
  'liveEvents/stop/action',
  'liveEvents/write',
  'streamingEndpoints/read',
  'streamingLocators/listPaths/action',
  'streamingLocators/read',
  'streamingLocators/write',
];

type Asked = AskedOf<Sdk, Settings, Options>;

/** Six calls, and one for a token where the service gives one. */
export const preflight = preflightBy(meaningOf, optionsOf, async (asked: Asked) => {
  await lookAtAccount(asked);
  await lookAtPermissions(asked);
  await lookAtEvents(asked);
  await lookAtPlayback(asked);
  lookAtTimes(asked);
});

async function lookAtAccount({ sdk, settings, looks }: Asked): Promise<void> {
  const account = await looks.ask('place', () => sdk.getAccount());
  if (!account) return;
  if (plain(account.location) !== plain(settings.location)) {
    const message = `the media account is in ${account.location}, and the account's location is ${settings.location}`;
    looks.find('place', message, 'set location to the region of the media account: live events are made there');
  }
  if (!account.storageAccounts?.some(({ type }) => type === 'Primary')) {
    const message = `the media account ${settings.accountName} has no primary storage account: nothing can be recorded`;
    looks.find('bucket', message, 'attach a storage account to the media account as its primary one');
  }
}

/** `West Europe` and `westeurope` are one. */
const plain = (region: string): string => region.toLowerCase().replace(/\s/g, '');

/** The resource manager lists what it would allow, and nothing is done. */
async function lookAtPermissions({ sdk, looks, options, event }: Asked): Promise<void> {
  const unknown = 'this service cannot be asked what the account may do';
  const granted = await looks.ask('permission', async () => (await sdk.listPermissions()) ?? 'unknown');
  if (granted === 'unknown') {
    looks.cannotSee('permission', unknown);
    return;
  }
  const wanted = [
    ...actions,
    ...(event.standby ? ['liveEvents/allocate/action'] : []),
    ...(options.startStreamingEndpoint ? ['streamingEndpoints/start/action'] : []),
  ].map((action) => `Microsoft.Media/mediaservices/${action}`);
  for (const action of granted ? wanted.filter((one) => !allows(granted, one)) : []) {
    const advice = 'add it to the role of the service principal, as docs/security.md has it under “Least permissions”';
    looks.find('permission', `${action} is not allowed`, advice);
  }
  const locks = await looks.ask('permission', () => sdk.listLocks());
  for (const { name, properties } of locks ?? []) {
    const refuses = /readonly/i.test(properties.level) ? 'every change' : 'every deletion, the clean-up’s too';
    const advice = 'remove the lock, or lock something that no live event is in';
    looks.find('permission', `the lock ${name} (${properties.level}) on the media account refuses ${refuses}`, advice);
  }
}

/** https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions */
const allows = (granted: Permissions, action: string): boolean =>
  granted.some(
    ({ actions: given, notActions }) =>
      given?.some((pattern) => fits(pattern, action)) && !notActions?.some((pattern) => fits(pattern, action)),
  );

const fits = (pattern: string, action: string): boolean =>
  new RegExp(`^${pattern.replace(/[.\\^$+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*')}$`, 'i').test(action);

/** One page of live events: names are one account's, and an account holds few. */
async function lookAtEvents({ sdk, settings, looks, event, planned }: Asked): Promise<void> {
  const page = await looks.ask('name', () => sdk.listEvents());
  if (!page) return;
  const ref = namedAsMade(refOf(settings.account, event), event);
  const owner = (one: LiveEvent) => one.tags?.[ownershipTag];
  const others = page.items.filter(({ name }) => name?.toLowerCase() !== ref.name.toLowerCase());
  const taken = page.items.find((one) => !others.includes(one));
  if (taken && owner(taken) !== ref.workflowId) {
    looks.find(
      'name',
      `the live event ${ref.name} is there, and its tag ${ownershipTag} is ${JSON.stringify(owner(taken) ?? null)}`,
      `set the tag to ${ref.workflowId} if it is this event's; else delete it, or choose another event id`,
    );
  }
  // What carries our tag is counted as planned, where that is known.
  const held = (isKnown: boolean) => others.filter((one) => !(isKnown && owner(one))).length;
  await looks.quota(settings.slots, 'live events', planned, held);
}

async function lookAtPlayback({ sdk, settings, looks, options }: Asked): Promise<void> {
  const { streamingEndpointName: name, startStreamingEndpoint } = options;
  const endpoint = await looks.ask('playback', async () => (await sdk.getStreamingEndpoint(name)) ?? 'absent');
  if (endpoint === 'absent') {
    const advice = 'create it, or name another with streamingEndpointName';
    looks.find('playback', `there is no streaming endpoint ${name}: viewers could not play`, advice);
  } else if (endpoint?.resourceState === 'Stopped' && !startStreamingEndpoint) {
    const advice = 'start it before the show, or leave startStreamingEndpoint out';
    looks.find(
      'playback',
      `the streaming endpoint ${name} is stopped, and the plan does not let it be started`,
      advice,
    );
  }
  const { playbackBaseUrl } = settings;
  if (!playbackBaseUrl) return;
  const url = `${playbackBaseUrl.replace(/\/+$/, '')}/${unusedName('showcaller-')}.ism/manifest`;
  await asksPlayback(looks, url, () => sdk.fetchMedia(url));
}

function lookAtTimes({ settings, looks, options, event }: Asked): void {
  const expiresAt = settings.authMode === 'token' ? expiryOf(settings.token ?? '') : 0;
  if (expiresAt > 0 && expiresAt < event.hardEndsAt) {
    const message = `the account's token expires at ${new Date(expiresAt).toISOString()}, and the event may last until ${new Date(event.hardEndsAt).toISOString()}`;
    looks.find('key-life', message, 'bring a token that lasts longer, or use authMode entra, which renews its tokens');
  }
  const window = archiveWindowOf(event, options);
  const windowMs = parseDuration(window) ?? Number.POSITIVE_INFINITY;
  const lastsMs = event.endsAt - event.startsAt;
  if (windowMs >= lastsMs) return;
  const message = `the recording keeps the last ${formatDuration(windowMs)}, and the show lasts ${formatDuration(lastsMs)}: its beginning is lost`;
  looks.find('archive', message, 'shorten the show, divide it into several events, or choose options that keep more');
}
