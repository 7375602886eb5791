import { expect, it } from 'vitest';
import { isSecretName } from '../../../domain/secret-names.ts';

it.each(
  'token access_token accessToken secret wsSecret txSecret volcSecret password passwd pwd pass passphrase key Key streamKey stream_key auth_key apiKey X-Amz-Signature X-Amz-Credential X-Amz-Security-Token Signature sig sign auth Authorization hdnts Policy Key-Pair-Id jwt'.split(
    ' ',
  ),
)('%s is the name of a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

it.each(
  'monkey author authority passenger compass signal design title latency stream app volcTime expires mode'.split(' '),
)('%s is not', (name) => {
  expect(isSecretName(name)).toBe(false);
});
