import { IvsError } from './errors.ts';
import { arns, type Body, flag, oneOf, pageOf, requiredText, rules, tags, text } from './fields.ts';
import type { ChannelRecord, StreamKeyRecord } from './records.ts';
import type { IvsAccount } from './state.ts';

/** An answer's body; nothing means 204. */
export type Handler = (account: IvsAccount, body: Body) => object | undefined;

export const channelOperations: Record<string, Handler> = {
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateChannel.html)
  CreateChannel: (account, body) => {
    const settings = settingsOf(account, body);
    const type = settings.type ?? 'STANDARD';
    const channel = account.createChannel({
      name: '',
      ...settings,
      preset: presetOf(type, settings.preset),
      tags: tags(body),
    });
    // That the channel's tags are not put on its key: assumed.
    return { channel: shown(channel), streamKey: keyShown(account.createStreamKey(channel.arn, {}, false)) };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetChannel.html)
  GetChannel: (account, body) => ({ channel: shown(account.channel(requiredText(body, 'arn', rules.channelArn))) }),
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_BatchGetChannel.html)
  BatchGetChannel: (account, body) => batch(arns(body, rules.channelArn), account.channels, 'channels', shown),
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UpdateChannel.html)
  UpdateChannel: (account, body) => {
    const channel = account.channel(requiredText(body, 'arn', rules.channelArn));
    const settings = settingsOf(account, body);
    account.refuseIfLive(channel);
    const type = settings.type ?? channel.type;
    const preset = presetOf(type, settings.preset ?? (type === channel.type ? channel.preset || undefined : undefined));
    Object.assign(channel, settings, { preset });
    return { channel: shown(channel) };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteChannel.html)
  DeleteChannel: (account, body) => {
    account.deleteChannel(requiredText(body, 'arn', rules.channelArn));
    return undefined;
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListChannels.html)
  ListChannels: (account, body) => {
    const { items, nextToken } = pageOf(filtered(account, body), body, 100);
    return { channels: items.map(summary), nextToken };
  },
};

export const streamKeyOperations: Record<string, Handler> = {
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateStreamKey.html)
  CreateStreamKey: (account, body) => {
    const key = account.createStreamKey(requiredText(body, 'channelArn', rules.channelArn), tags(body));
    return { streamKey: keyShown(key) };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStreamKey.html)
  GetStreamKey: (account, body) => ({
    streamKey: keyShown(keyOf(account, requiredText(body, 'arn', rules.streamKeyArn))),
  }),
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_BatchGetStreamKey.html)
  BatchGetStreamKey: (account, body) =>
    batch(arns(body, rules.streamKeyArn), account.streamKeys, 'streamKeys', keyShown),
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreamKeys.html)
  ListStreamKeys: (account, body) => {
    const channel = account.channel(requiredText(body, 'channelArn', rules.channelArn));
    const { items, nextToken } = pageOf(account.keysOf(channel.arn), body, 50);
    // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_StreamKeySummary.html):
    // the value is only given by Create and Get.
    return {
      streamKeys: items.map(({ arn, channelArn, tags }) => ({ arn, channelArn, tags })),
      nextToken,
    };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteStreamKey.html)
  DeleteStreamKey: (account, body) => {
    account.streamKeys.delete(keyOf(account, requiredText(body, 'arn', rules.streamKeyArn)).arn);
    return undefined;
  },
};

function keyOf(account: IvsAccount, arn: string): StreamKeyRecord {
  const key = account.streamKeys.get(arn);
  if (key) return key;
  throw new IvsError('ResourceNotFoundException', `Resource: ${arn} not found`);
}

/** What CreateChannel and UpdateChannel share; only what was given. */
function settingsOf(account: IvsAccount, body: Body): Partial<ChannelRecord> {
  const recordingConfigurationArn = text(body, 'recordingConfigurationArn', rules.recordingArnOrNone);
  if (recordingConfigurationArn) account.recording(recordingConfigurationArn);
  const playbackRestrictionPolicyArn = text(body, 'playbackRestrictionPolicyArn', rules.policyArnOrNone);
  if (playbackRestrictionPolicyArn) account.policy(playbackRestrictionPolicyArn);
  const settings: Partial<ChannelRecord> = {
    name: text(body, 'name', rules.name),
    latencyMode: oneOf(body, 'latencyMode', ['NORMAL', 'LOW']),
    type: oneOf(body, 'type', ['BASIC', 'STANDARD', 'ADVANCED_SD', 'ADVANCED_HD']),
    preset: oneOf(body, 'preset', ['HIGHER_BANDWIDTH_DELIVERY', 'CONSTRAINED_BANDWIDTH_DELIVERY']),
    containerFormat: oneOf(body, 'containerFormat', ['TS', 'FRAGMENTED_MP4']),
    authorized: flag(body, 'authorized'),
    insecureIngest: flag(body, 'insecureIngest'),
    recordingConfigurationArn,
    playbackRestrictionPolicyArn,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_Channel.html):
 * presets exist for the ADVANCED types only, where HIGHER_BANDWIDTH_DELIVERY is the default.
 */
function presetOf(type: string, preset: string | undefined): string {
  const advanced = type.startsWith('ADVANCED_');
  if (preset && !advanced) throw new IvsError('ValidationException', `A preset cannot be used with type ${type}.`);
  return preset ?? (advanced ? 'HIGHER_BANDWIDTH_DELIVERY' : '');
}

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListChannels.html):
 * one filter at a time. That the name is compared exactly: assumed.
 */
function filtered(account: IvsAccount, body: Body): ChannelRecord[] {
  const name = text(body, 'filterByName', rules.name);
  const recording = text(body, 'filterByRecordingConfigurationArn', rules.recordingArnOrNone);
  const policy = text(body, 'filterByPlaybackRestrictionPolicyArn', rules.policyArnOrNone);
  if ([name, recording, policy].filter((filter) => filter !== undefined).length > 1)
    throw new IvsError('ConflictException', 'Only one filter can be used at a time.');
  return [...account.channels.values()].filter(
    (channel) =>
      account.isListed(channel) &&
      (name === undefined || channel.name === name) &&
      (recording === undefined || channel.recordingConfigurationArn === recording) &&
      (policy === undefined || channel.playbackRestrictionPolicyArn === policy),
  );
}

const keyShown = ({ seq, ...key }: StreamKeyRecord): object => key;

export const shown = ({ seq, ...channel }: ChannelRecord): object => channel;

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ChannelSummary.html):
 * summaries have neither the endpoints nor the container format.
 */
const summary = ({ seq, ingestEndpoint, playbackUrl, containerFormat, ...rest }: ChannelRecord): object => rest;

function batch<T>(wanted: string[], all: ReadonlyMap<string, T>, key: string, show: (one: T) => object): object {
  const found = wanted.flatMap((arn) => all.get(arn) ?? []);
  const errors = wanted
    .filter((arn) => !all.has(arn))
    .map((arn) => ({ arn, code: 'ResourceNotFoundException', message: `Resource: ${arn} not found` }));
  return { [key]: found.map(show), errors };
}
