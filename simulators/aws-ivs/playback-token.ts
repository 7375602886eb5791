import { verify } from 'node:crypto';
import type { IvsAccount } from './state.ts';

/**
 * Whether a token lets its bearer watch the channel: signed by one of the account's playback keys, for this channel, not
 * expired. documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html)
 */
export function isViewer(account: IvsAccount, channelArn: string, token: string): boolean {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const { alg } = decoded(header);
  const claims = decoded(payload);
  if (alg !== 'ES384' || claims['aws:channel-arn'] !== channelArn) return false;
  if (typeof claims.exp !== 'number' || claims.exp * 1000 <= Date.now()) return false;
  return [...account.keyPairs.values()].some(({ publicKey: key }) =>
    verify(
      'sha384',
      Buffer.from(`${header}.${payload}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    ),
  );
}

function decoded(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
