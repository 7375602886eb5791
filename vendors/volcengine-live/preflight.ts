import { formatDuration } from '../../domain/time.ts';
import { type AskedOf, preflightBy, unusedName } from '../preflight.ts';
import { isReleased } from './ban.ts';
import { meaningOf } from './errors.ts';
import { expiryIn, namePrefix, refOf } from './names.ts';
import { type Options, optionsOf, type Settings } from './options.ts';
import { effectivePreset, unusable } from './output.ts';
import { rfc3339 } from './presence.ts';
import { maxSpanSeconds } from './relay.ts';
import type { Sdk } from './sdk.ts';
import type { Domain } from './shapes.ts';

const dayMs = 24 * 3_600_000;
const second = 1_000;
/** https://www.volcengine.com/docs/6469/1126845 */
const homeRegion = 'cn-north-1';

type Asked = AskedOf<Sdk, Settings, Options>;

/** Ten calls: what an event needs is more, so that what shows itself at allocation is not asked for. */
export const preflight = preflightBy(meaningOf, optionsOf, async (asked: Asked) => {
  const { name } = refOf(asked.settings.account, { ...asked.event, kept: asked.event.made?.name });
  await lookAtStream(asked, name);
  await lookAtDomains(asked);
  await lookAtPreset(asked);
  await lookAtAddresses(asked, name);
  await lookAtPermissions(asked, name);
  lookAtTimes(asked);
  await asked.looks.quota(asked.settings.slots, 'events', asked.planned);
});

async function lookAtStream({ sdk, settings, looks }: Asked, stream: string): Promise<void> {
  const live = await looks.ask('stream', () => sdk.liveStreams({ Stream: stream, QueryType: 'strict', PageNum: 1 }));
  if (live?.items.some((item) => item.Stream === stream)) {
    const advice = 'stop that encoder: the stream is forbidden, and it is dropped, when the event is allocated';
    looks.find('name', `an encoder sends to ${settings.app}/${stream} already`, advice);
  }
  const bans = await looks.ask('stream', () =>
    sdk.forbiddenStreams({ Stream: stream, QueryType: 'strict', PageNum: 1 }),
  );
  const ban = bans?.items.find((item) => item.Stream === stream && item.Status !== false);
  if (!ban || isReleased(ban)) return;
  looks.find(
    'stream',
    `the stream ${stream} is forbidden until ${ban.EndTime ?? 'an unknown instant'}, and not by a clean-up of ours`,
    'find out why: the event opens it again at its start; if it must stay closed, use another event id',
  );
}

async function lookAtDomains({ sdk, settings, looks }: Asked): Promise<void> {
  const { pushDomain, pullDomain, vhost, region } = settings;
  if (region !== homeRegion) {
    const message = `the region of the account is ${region}, and streams are forbidden in ${homeRegion} only`;
    looks.find('place', message, `set region to ${homeRegion}: without it no stream can be closed`);
  }
  const domains = await looks.ask('place', () => sdk.domains());
  if (!domains) return;
  for (const [setting, name] of [
    ['pushDomain', pushDomain],
    ['pullDomain', pullDomain],
  ] as const) {
    const why = whyUnusable(
      domains.find((one) => one.Domain === name),
      vhost,
    );
    if (why)
      looks.find('place', `${setting} ${name} ${why}`, `correct ${setting} or vhost of the account, or the domain`);
  }
}

const statuses = [
  'normal',
  'being reviewed',
  'disabled',
  'deleted',
  'refused',
  'stopped for an unpaid bill',
  'blocked',
];

function whyUnusable(domain: Domain | undefined, vhost: string): string | undefined {
  if (!domain) return 'is no domain of this Volcengine account';
  const { Vhost, Status, CnameCheck, DomainCheck } = domain;
  if (Vhost !== vhost) return `belongs to the domain space ${Vhost}, not to ${vhost}`;
  if (Status !== 0) return `is ${statuses[Status] ?? `in status ${Status}`}`;
  if (CnameCheck === 0) return 'has no CNAME: it does not lead to Volcengine';
  return DomainCheck === 2 ? 'is unusable' : undefined;
}

/** A preset applies to pushes from 3 to 5 minutes after its last change on, and its listing does not date that. */
async function lookAtPreset({ sdk, settings, looks, options }: Asked): Promise<void> {
  if (options.record === 'off') return;
  const presets = await looks.ask('preset', () => sdk.recordPresets());
  if (!presets) return;
  const preset = effectivePreset(presets, settings);
  const config = preset?.SlicePresetV2?.RecordPresetConfig;
  const reason = unusable(config);
  if (reason) {
    const advice = 'run showcaller setup at least 5 minutes before the encoder connects, or set record to "off"';
    looks.find('preset', `nothing would be recorded: ${reason}`, advice);
    return;
  }
  looks.cannotSee(
    'preset',
    'the age of the record preset: its listing has no date, and it applies 3 to 5 minutes late',
  );
  const bucket = config?.HlsParam?.TOSParam?.Bucket;
  if (settings.tosBucket && bucket && bucket !== settings.tosBucket) {
    const message = `the record preset stores in the bucket ${bucket}, and tosBucket of the account is ${settings.tosBucket}`;
    looks.find('bucket', message, 'correct tosBucket and playbackBaseUrl of the account, or the preset');
  }
}

async function lookAtAddresses({ sdk, looks, event }: Asked, stream: string): Promise<void> {
  const until = rfc3339(Math.ceil(event.hardEndsAt / second) * second);
  if (event.sources.length === 0) {
    const push = await looks.ask('key-life', () => sdk.pushUrls(stream, until));
    if (push && push.PushURLList.length === 0) {
      looks.find('key-life', 'the vendor makes no push address', 'check pushDomain of the account and its signing key');
    }
    const ends = push?.PushURLList.map(expiryIn).find((at) => at !== undefined);
    if (push && push.PushURLList.length > 0 && ends === undefined) {
      looks.cannotSee('key-life', 'when the push address ends: only one of authentication type B says so');
    }
    if (ends !== undefined && ends < event.endsAt) {
      const message = `a push address ends at ${new Date(ends).toISOString()}, before the show does`;
      looks.find('key-life', message, 'lengthen what the push domain allows, or shorten the show');
    }
  }
  const play = await looks.ask('playback', () => sdk.playUrls(stream, until));
  if (play && !play.URLList.some(({ URL: url }) => url?.split('?')[0]?.endsWith('.m3u8'))) {
    const advice = 'turn HLS on for the pull domain: it is what viewers and the look at the live picture ask for';
    looks.find('playback', 'the pull domain has no HLS address', advice);
  }
}

/** Of a stream that does not exist, or until an instant that is past, so that nothing can come of it. */
async function lookAtPermissions({ sdk, looks, options }: Asked, stream: string): Promise<void> {
  const absent = unusedName(namePrefix);
  const [from, to] = [sdk.now() - dayMs, sdk.now()].map(rfc3339) as [string, string];
  await looks.may('live:ForbidStream', () => sdk.forbid(absent, from));
  await looks.may('live:KillStream', () => sdk.kill(absent));
  if (options.record === 'preset') {
    const span = { Stream: absent, StartTimeUTC: from, EndTimeUTC: to, OutputObject: `${absent}.m3u8` };
    await looks.may('live:CreateLiveStreamRecordIndexFiles', () => sdk.createIndexFile(span));
    await looks.ask('permission', () => sdk.recordFiles({ Stream: stream, DateFrom: from, DateTo: to, PageNum: 1 }));
  }
  await looks.may('live:ResumeStream', () => sdk.resume(absent));
  await looks.may('live:DescribeLiveStreamState', () => sdk.streamState(absent));
  const span = { Stream: absent, EndTimeFrom: from, EndTimeTo: to, PageNum: 1 };
  await looks.may('live:DescribeClosedStreamInfoByPage', () => sdk.closedStreams(span));
}

function lookAtTimes({ sdk, settings, looks, event, options }: Asked): void {
  if (settings.sessionToken) looks.cannotSee('key-life', 'the end of the temporary credentials');
  const lasts = event.hardEndsAt - sdk.now();
  if (event.sources.length > 0 && options.relay === 'v4' && lasts > maxSpanSeconds * second) {
    const message = `a relay ends by itself after ${formatDuration(maxSpanSeconds * second)} at most, and the event may last longer: it is made without an end`;
    looks.find('archive', message, 'shorten waits.maxDuration, so that a relay that is forgotten ends by itself');
  }
}
