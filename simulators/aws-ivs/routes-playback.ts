import { createHash, createPublicKey } from 'node:crypto';
import { IvsError } from './errors.ts';
import { type Body, flag, pageOf, requiredText, rules, tags, text, texts } from './fields.ts';
import type { KeyPairRecord, RestrictionPolicyRecord } from './records.ts';
import type { Handler } from './routes-channels.ts';

/**
 * What a channel's `playbackRestrictionPolicyArn` and `authorized` name. Viewers are held to `authorized` alone.
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreatePlaybackRestrictionPolicy.html)
 */
export const playbackOperations: Record<string, Handler> = {
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreatePlaybackRestrictionPolicy.html)
  CreatePlaybackRestrictionPolicy: (account, body) => {
    const made = account.createPolicy({
      allowedCountries: [],
      allowedOrigins: [],
      enableStrictOriginEnforcement: false,
      name: '',
      ...policySettings(body),
      tags: tags(body),
    });
    return { playbackRestrictionPolicy: shown(made) };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetPlaybackRestrictionPolicy.html)
  GetPlaybackRestrictionPolicy: (account, body) => ({
    playbackRestrictionPolicy: shown(account.policy(requiredText(body, 'arn', rules.policyArn))),
  }),
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UpdatePlaybackRestrictionPolicy.html)
  UpdatePlaybackRestrictionPolicy: (account, body) => {
    const policy = account.policy(requiredText(body, 'arn', rules.policyArn));
    Object.assign(policy, policySettings(body));
    return { playbackRestrictionPolicy: shown(policy) };
  },
  /** documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeletePlaybackRestrictionPolicy.html) */
  DeletePlaybackRestrictionPolicy: (account, body) => {
    account.deletePolicy(requiredText(body, 'arn', rules.policyArn));
    return undefined;
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListPlaybackRestrictionPolicies.html)
  ListPlaybackRestrictionPolicies: (account, body) => {
    const { items, nextToken } = pageOf([...account.policies.values()], body, 100);
    return { playbackRestrictionPolicies: items.map(shown), nextToken };
  },
  /** documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ImportPlaybackKeyPair.html) */
  ImportPlaybackKeyPair: (account, body) => {
    const publicKey = requiredText(body, 'publicKeyMaterial', rules.publicKey);
    const fingerprint = fingerprintOf(publicKey);
    const name = text(body, 'name', rules.name) ?? '';
    const pair = account.importKeyPair({ name, fingerprint, publicKey, tags: tags(body) });
    return { keyPair: pairShown(pair) };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetPlaybackKeyPair.html)
  GetPlaybackKeyPair: (account, body) => ({
    keyPair: pairShown(account.keyPair(requiredText(body, 'arn', rules.keyPairArn))),
  }),
  /** 200, unlike the other deletions. documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeletePlaybackKeyPair.html) */
  DeletePlaybackKeyPair: (account, body) => {
    account.keyPairs.delete(account.keyPair(requiredText(body, 'arn', rules.keyPairArn)).arn);
    return {};
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListPlaybackKeyPairs.html)
  ListPlaybackKeyPairs: (account, body) => {
    const { items, nextToken } = pageOf([...account.keyPairs.values()], body, 100);
    return { keyPairs: items.map(({ arn, name, tags: given }) => ({ arn, name, tags: given })), nextToken };
  },
};

function policySettings(body: Body): Partial<RestrictionPolicyRecord> {
  const settings: Partial<RestrictionPolicyRecord> = {
    allowedCountries: texts(body, 'allowedCountries', rules.country),
    allowedOrigins: texts(body, 'allowedOrigins', rules.origin),
    enableStrictOriginEnforcement: flag(body, 'enableStrictOriginEnforcement'),
    name: text(body, 'name', rules.name),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** The MD5 of the key, which must be an ECDSA one of P-384. documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_PlaybackKeyPair.html) */
function fingerprintOf(pem: string): string {
  const key = parsedKey(pem);
  if (key?.asymmetricKeyDetails?.namedCurve !== 'secp384r1') {
    throw new IvsError('ValidationException', 'publicKeyMaterial must be a public key of the curve P-384.');
  }
  const digest = createHash('md5')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  return digest.replace(/(..)(?=.)/g, '$1:');
}

function parsedKey(pem: string) {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

const shown = ({ seq, ...policy }: RestrictionPolicyRecord): object => policy;
const pairShown = ({ seq, publicKey, ...pair }: KeyPairRecord): object => pair;
