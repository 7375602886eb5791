import { sign } from 'node:crypto';
import type { Channel } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { messageOf } from '../../domain/message-of.ts';
import type { Playback } from '../../domain/playback.ts';
import { detail, vendor } from './names.ts';
import { getOwn } from './ownership.ts';
import type { Sdk } from './sdk.ts';

/** Fixed from the channel's creation on. https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_Channel.html */
export async function playback(sdk: Sdk, channel: Channel): Promise<Playback> {
  const arn = detail(channel, 'arn');
  const { playbackUrl, authorized, playbackRestrictionPolicyArn } = await getOwn(sdk, channel.ref, 'GetChannel', arn);
  return {
    ...(playbackUrl && { hls: playbackUrl }),
    ...(authorized && { needs: 'viewer-token' as const }),
    ...(playbackRestrictionPolicyArn && { note: 'a playback restriction policy limits countries or origins' }),
  };
}

/** How long a token may be used to begin to watch: the addresses behind it carry one of their own. */
const tokenSeconds = 300;

/** With a token, which a private channel asks for: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels.html */
export async function viewerUrl(
  sdk: Sdk,
  playbackKey: string | undefined,
  channel: Channel,
  url: string,
): Promise<string> {
  const { hls, needs } = await playback(sdk, channel);
  if (url !== hls || needs === undefined) return url;
  const arn = detail(channel, 'arn');
  try {
    if (playbackKey) return `${url}?token=${tokenFor(arn, playbackKey, sdk.now())}`;
  } catch (error) {
    throw refusal(arn, `no token can be signed: ${messageOf(error)}`);
  }
  throw refusal(
    arn,
    'the channel is private: its viewers need tokens, and the account has no playback key to sign one',
  );
}

/** A JSON web token. https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html */
function tokenFor(arn: string, key: string, now: number): string {
  const exp = Math.floor(now / 1000) + tokenSeconds;
  const claims = { 'aws:channel-arn': arn, 'aws:access-control-allow-origin': '*', exp };
  const body = [{ alg: 'ES384', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${body}.${sign('sha384', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const refusal = (resource: string, message: string): VendorError =>
  new VendorError({
    vendor,
    operation: 'viewerUrl',
    kind: 'unauthorized',
    resource,
    message,
    advice:
      'Set AWS_IVS_PLAYBACK_KEY to the private key of a playback key pair, or leave vendorOptions.authorized out.',
  });
