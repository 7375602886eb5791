import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { VendorEventAccount } from '../../../../domain/vendor-events/inbound.ts';
import { read } from '../../../../vendors/volcengine-live/vendor-events.ts';

const receivedAt = Date.UTC(2026, 11, 1, 12);
/** As the driver names it. */
const stream = `sc-show-1-${createHash('sha256').update('live-event/show-1').digest('hex').slice(0, 6)}`;

const accountOf = (name: string, callbackKey?: string): VendorEventAccount => ({
  name,
  settings: {
    vhost: `${name}.example`,
    pushDomain: `push.${name}.example`,
    app: 'live',
    ...(callbackKey && { callbackKey }),
  },
});
const [north, south, open] = [
  accountOf('north', 'key-of-north'),
  accountOf('south', 'key-of-south'),
  accountOf('open'),
];

const placeOf = (name: string) => ({ vhost: `${name}.example`, domain: `push.${name}.example`, app: 'live' });

function readSigned(key: string | undefined, fields: object, accounts = [north, south, open]) {
  const t = Math.floor(receivedAt / 1000);
  const sign = key === undefined ? {} : { t, sign: createHash('md5').update(`${key}${t}`).digest('hex') };
  const body = { event_type: 'push_start', stream, time_ms: receivedAt, ...fields, ...sign };
  return read({ method: 'POST', headers: {}, query: {}, raw: '', body, receivedAt, accounts });
}

const ofAccount = (account: string) => ({ kind: 'messages', messages: [{ channel: stream, account }], ignored: 0 });
const refused = { kind: 'refused', status: 403 };

describe('a callback of Volcengine', () => {
  it.each(['north', 'south'])('is about the account whose key signed it: %s', (name) => {
    expect(readSigned(`key-of-${name}`, placeOf(name))).toMatchObject(ofAccount(name));
  });

  it.each(['south', 'open'])('that names an account is refused where the key of another signed it: %s', (name) => {
    const without = [north, south, accountOf('open', 'key-of-open')];
    expect(readSigned('key-of-north', placeOf(name), without)).toMatchObject(refused);
  });

  it('that says nothing of its place is about the account whose key signed it', () => {
    expect(readSigned('key-of-south', {}, [open, north, south])).toMatchObject(ofAccount('south'));
  });

  it('needs no signature where its account has no key, whatever others have', () => {
    expect(readSigned(undefined, placeOf('open'))).toMatchObject(ofAccount('open'));
    expect(readSigned(undefined, placeOf('north'))).toMatchObject(refused);
    expect(readSigned('key-of-none', placeOf('south'))).toMatchObject(refused);
  });

  it('of an account that is not configured is about no channel, and is refused where each account has a key', () => {
    expect(readSigned('key-of-north', placeOf('west'))).toMatchObject({ kind: 'messages', messages: [], ignored: 1 });
    expect(readSigned(undefined, placeOf('west'), [north, south])).toMatchObject(refused);
  });
});
