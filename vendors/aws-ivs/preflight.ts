import type { ChannelRef, EventSpec } from '../../domain/channel.ts';
import { formatDuration } from '../../domain/time.ts';
import { namedAsMade } from '../naming.ts';
import { type AskedOf, asksPlayback, type Looks, preflightBy, unusedName } from '../preflight.ts';
import { meaningOf } from './errors.ts';
import type { IamSdk, Identity } from './iam-sdk.ts';
import { recordingName, recordingTag, refOf, workflowTag } from './names.ts';
import { longestMergedMs, type Options, optionsOf, type Settings } from './options.ts';
import type { Sdk } from './sdk.ts';

const hourMs = 3_600_000;
/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
const longestSessionMs = 36 * hourMs;
/** https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/service-quotas.html */
const mostRecordingConfigurations = 20;

/** What the driver's calls need. */
const actions = [
  'ivs:CreateChannel',
  'ivs:CreateRecordingConfiguration',
  'ivs:CreateStreamKey',
  'ivs:DeleteChannel',
  'ivs:DeleteRecordingConfiguration',
  'ivs:DeleteStreamKey',
  'ivs:GetChannel',
  'ivs:GetRecordingConfiguration',
  'ivs:GetStream',
  'ivs:GetStreamKey',
  'ivs:GetStreamSession',
  'ivs:ListChannels',
  'ivs:ListRecordingConfigurations',
  'ivs:ListStreamKeys',
  'ivs:ListStreamSessions',
  'ivs:ListStreams',
  'ivs:StopStream',
  'ivs:TagResource',
  'ivs:UpdateChannel',
  's3:GetObject',
  's3:ListBucket',
];

type Asked = AskedOf<Sdk & { iam: IamSdk }, Settings, Options>;

/** At most nine calls: two to IAM, five to IVS, three to the bucket and in front of it, of which no plan needs all. */
export const preflight = preflightBy(meaningOf, optionsOf, async (asked: Asked) => {
  const { sdk, settings, looks, event, planned } = asked;
  const who = await looks.ask('credentials', () => sdk.iam.getCallerIdentity());
  await lookAtName(asked, namedAsMade(refOf(settings.account, event), event));
  const bucket = await lookAtRecording(asked);
  if (bucket !== undefined) await lookAtBucket(asked, bucket);
  if (who) await lookAtPermissions(asked, who, bucket);
  await lookAtPlayback(asked);
  lookAtTimes(asked);
  await looks.quota(settings.slots, 'events', planned);
});

async function lookAtName({ sdk, looks }: Asked, { name, workflowId }: ChannelRef): Promise<void> {
  const page = await looks.ask('name', () => sdk.listChannels({ filterByName: name, maxResults: 100 }));
  const named = (page?.channels ?? []).filter((channel) => channel.name === name);
  const foreign = named.find(({ tags }) => tags?.[workflowTag] !== workflowId);
  if (!foreign || named.some(({ tags }) => tags?.[workflowTag] === workflowId)) return;
  const owner = foreign.tags?.[workflowTag];
  looks.find(
    'name',
    `the name ${name} is taken by ${foreign.arn}, which ${owner ? `belongs to ${owner}` : 'has no ownership tag'}`,
    `delete or rename that channel, set its tag ${workflowTag} if it is this event's, or give the event another id`,
  );
}

/** The bucket that the show is recorded to, as far as it is known. */
async function lookAtRecording({ sdk, settings, looks, options, event }: Asked): Promise<string | undefined> {
  const { recordingConfigurationArn: named, reconnectWindowSeconds = 0 } = options;
  if (named) {
    const found = await looks.ask('preset', () => sdk.getRecordingConfiguration(named));
    if (found) {
      lookAtState(looks, found.arn ?? named, found.state);
      lookAtWindow(looks, event, found.arn ?? named, found.recordingReconnectWindowSeconds ?? 0);
    }
    return found?.destinationConfiguration?.s3?.bucketName;
  }
  const { recordingBucket: bucket } = settings;
  if (!bucket) {
    const advice = 'set recordingBucket of the account, or recordingConfigurationArn in vendorOptions';
    looks.find('bucket', 'nothing says where to record to', advice);
    return undefined;
  }
  const page = await looks.ask('preset', () => sdk.listRecordingConfigurations());
  const all = page?.recordingConfigurations ?? [];
  const name = recordingName(bucket, reconnectWindowSeconds);
  const ours = all.filter((one) => one.name === name && one.tags?.[recordingTag] !== undefined);
  const best = ours.find(({ state }) => state === 'ACTIVE') ?? ours[0];
  if (best) lookAtState(looks, best.arn ?? name, best.state);
  else if (all.length >= mostRecordingConfigurations) {
    const message = `the account has ${all.length} recording configurations, as many as it may, and none is ${name}`;
    looks.find('quota', message, 'delete one that no channel uses, or ask AWS to raise the quota');
  }
  return bucket;
}

function lookAtState(looks: Looks, arn: string, state: string | undefined): void {
  if (state === 'CREATE_FAILED') {
    const advice = 'check that the bucket exists in the account’s region and that IVS may write to it; then delete it';
    looks.find('preset', `the recording configuration ${arn} is CREATE_FAILED: IVS cannot record with it`, advice);
  } else if (state !== 'ACTIVE') {
    const message = `the recording configuration ${arn} is ${state ?? 'in no state'}: it is too young to record with`;
    looks.find(
      'preset',
      message,
      'wait until it is ACTIVE, which takes seconds; make it earlier with showcaller setup',
    );
  }
}

/** The plan's own `reconnectWindowSeconds` is held against its times before, by the limits of the plan. */
function lookAtWindow(looks: Looks, { startsAt, endsAt }: EventSpec, arn: string, windowSeconds: number): void {
  if (windowSeconds === 0 || endsAt - startsAt <= longestMergedMs) return;
  const message = `the recording configuration ${arn} merges what its window of ${windowSeconds}s allows, at most ${formatDuration(longestMergedMs)} into one recording, and the show lasts ${formatDuration(endsAt - startsAt)}`;
  looks.find('archive', message, 'name one without a window, or divide the show into several events');
}

/** S3 answers for an object that is not there with 404 only to those who may read it. */
async function lookAtBucket({ sdk, looks }: Asked, bucket: string): Promise<void> {
  const listed = await looks.ask('bucket', () => sdk.listObjects(bucket, unusedName('ivs/v1/')));
  if (!listed) return;
  const file = await looks.ask('bucket', () => sdk.getObject(bucket, unusedName('ivs/v1/')));
  if (!file || file.status === 404) return;
  if (file.status !== 403) {
    looks.cannotSee('permission', `s3:GetObject: S3 answers HTTP ${file.status} for a file that does not exist`);
    return;
  }
  const advice = 'allow s3:GetObject on the bucket to the account’s key: without it no recording is proved';
  looks.find('permission', `s3:GetObject is not allowed on ${bucket}`, advice);
}

/** IAM says whether its policies would allow each action, and no action is run. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html */
async function lookAtPermissions(
  { sdk, settings, looks }: Asked,
  who: Identity,
  bucket: string | undefined,
): Promise<void> {
  const principal = principalOf(who);
  if (!principal) {
    looks.cannotSee('permission', `IAM says nothing about ${who.arn}: use a user or a role`);
    return;
  }
  const partition = who.arn.split(':')[1] ?? 'aws';
  const nouns = ['channel', 'stream-key', 'recording-configuration'];
  const resources = [
    ...nouns.map((noun) => `arn:${partition}:ivs:${settings.region}:${who.account}:${noun}/AbCdEfGhIjKl`),
    ...(bucket === undefined ? [] : [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/ivs/v1/file`]),
  ];
  const wanted = actions.filter((action) => bucket !== undefined || !action.startsWith('s3:'));
  let denied = false;
  const decisions = await looks.ask('permission', () =>
    sdk.iam.simulatePrincipalPolicy(principal, wanted, resources).catch((error: unknown) => {
      if (!isDenied(error)) throw error;
      denied = true;
      return undefined;
    }),
  );
  if (denied) {
    looks.cannotSee(
      'permission',
      'the account’s key may not ask IAM what it may do: allow iam:SimulatePrincipalPolicy',
    );
  }
  for (const { EvalActionName, EvalDecision, MissingContextValues = [], ResourceSpecificResults = [] } of decisions ??
    []) {
    const all = [EvalDecision, ...ResourceSpecificResults.map((one) => one.EvalResourceDecision)];
    if (all.includes('allowed') || MissingContextValues.length > 0) continue;
    const message = `${EvalActionName} is not allowed to ${who.arn} (${EvalDecision})`;
    looks.find('permission', message, 'allow it, as docs/security.md has it under “Least permissions”');
  }
}

const isDenied = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'kind' in error &&
  ['unauthorized', 'not-found'].includes(String(error.kind));

/** Who has the policies: of a session of a role, the role. */
function principalOf({ arn, account }: Identity): string | undefined {
  const [, partition, , , , resource = ''] = arn.split(':');
  const role = /^assumed-role\/([^/]+)\//.exec(resource)?.[1];
  if (role) return `arn:${partition}:iam::${account}:role/${role}`;
  return resource.startsWith('user/') || resource.startsWith('role/') ? arn : undefined;
}

async function lookAtPlayback({ sdk, settings, looks, options }: Asked): Promise<void> {
  const { authorized, playbackRestrictionPolicyArn: policy } = options;
  if (authorized) {
    const advice = 'set AWS_IVS_PLAYBACK_KEY to the private key of a playback key pair, or leave authorized out';
    if (!settings.playbackKey) {
      looks.find('playback', 'the channel is private and the account has no playback key to sign tokens with', advice);
    }
    const pairs = await looks.ask('playback', () => sdk.listPlaybackKeyPairs());
    if (pairs?.length === 0) {
      const message = 'the channel is private and IVS has no playback key pair: it refuses every viewer’s token';
      looks.find('playback', message, 'import the public key with ImportPlaybackKeyPair, or leave authorized out');
    }
  }
  if (policy) await looks.ask('playback', () => sdk.getPlaybackRestrictionPolicy(policy));
  const { playbackBaseUrl } = settings;
  if (!playbackBaseUrl) return;
  const url = `${playbackBaseUrl}/${unusedName('ivs/v1/')}`;
  await asksPlayback(looks, url, () => sdk.fetchMedia(url));
}

function lookAtTimes({ sdk, settings, looks, event }: Asked): void {
  const untilEnd = event.endsAt - sdk.now();
  if (settings.keys?.sessionToken && untilEnd > longestSessionMs) {
    const message = `the account has temporary credentials, which end after 36h at most, and the event ends in ${formatDuration(roundToMinutes(untilEnd))}`;
    looks.find(
      'key-life',
      message,
      'renew them before the event, or use a role (credentials: default) or a key that lasts',
    );
  }
}

const roundToMinutes = (ms: number): number => Math.round(ms / 60_000) * 60_000;
