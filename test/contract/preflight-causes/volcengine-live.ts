import { type Behaviour, volcengineLiveSimulatorWith } from '../../../simulators/volcengine-live/index.ts';
import type { ContractHarnessOptions } from '../contract-harness.ts';
import { reach } from '../reach.ts';
import { type Cause, denied, ends, hour, sendAlready, skewed } from './causes.ts';

const volcengine = (behaviour: Behaviour): ContractHarnessOptions => ({
  start: (kit, options) => volcengineLiveSimulatorWith(behaviour).start(kit, options),
});

export const volcengineLive: Cause[] = [
  {
    what: 'the access key is unknown',
    harness: { settings: { accessKeyId: 'AKLTnosuch' } },
    check: 'credentials',
    message: /InvalidAccessKey/,
    advice: /accessKeyId/,
  },
  {
    what: 'the secret is wrong',
    harness: { settings: { secretKey: 'not-the-secret' } },
    check: 'credentials',
    message: /SignatureDoesNotMatch/,
    advice: /secretKey/,
  },
  {
    what: 'the domain space is of another account',
    harness: { settings: { vhost: 'elsewhere.test' } },
    check: 'place',
    message: /RequestForbidden/,
    advice: /belong to this/,
  },
  {
    what: 'the push domain is of another account',
    harness: { settings: { pushDomain: 'push.elsewhere.test' } },
    check: 'place',
    message: /pushDomain push\.elsewhere\.test is no domain/,
    advice: /correct pushDomain/,
  },
  {
    what: 'the domains are stopped for an unpaid bill',
    harness: volcengine({ domains: { Status: 5 } }),
    check: 'place',
    message: /unpaid bill/,
    advice: /the domain/,
  },
  {
    what: 'the domains have no CNAME',
    harness: volcengine({ domains: { CnameCheck: 0 } }),
    check: 'place',
    message: /no CNAME/,
    advice: /the domain/,
  },
  denied('live:ForbidStream', /VeLive permissions/),
  denied('live:KillStream', /VeLive permissions/),
  denied('live:CreateLiveStreamRecordIndexFiles', /VeLive permissions/),
  denied('live:DescribeRecordTaskFileHistory', /VeLive permissions/),
  denied('live:GeneratePushURL', /VeLive permissions/),
  {
    what: 'there is no record preset',
    harness: volcengine({ presetBucket: 'none' }),
    check: 'preset',
    message: /nothing would be recorded: there is no record preset/,
    advice: /5 minutes before/,
  },
  {
    what: 'the record preset stores in another bucket',
    harness: volcengine({ presetBucket: 'another' }),
    check: 'bucket',
    message: /stores in the bucket another/,
    advice: /tosBucket/,
  },
  {
    what: 'the stream is forbidden already',
    plant: async ({ driver }, event) => {
      await reach(() => driver.allocate(event));
    },
    check: 'stream',
    message: /is forbidden until/,
    advice: /find out why/,
  },
  {
    what: 'an encoder sends to the stream',
    plant: sendAlready,
    check: 'name',
    message: /an encoder sends to/,
    advice: /stop that encoder/,
  },
  {
    what: 'push addresses end before the show does',
    harness: volcengine({ pushUrlSeconds: 600 }),
    event: ends(2 * hour),
    check: 'key-life',
    message: /a push address ends at .* before the show does/,
    advice: /shorten the show/,
  },
  {
    what: 'the push domain gives no address',
    harness: volcengine({ pushUrlSeconds: 0 }),
    check: 'key-life',
    message: /makes no push address/,
    advice: /signing key/,
  },
  {
    what: 'the pull domain has no HLS',
    harness: volcengine({ withoutHls: true }),
    check: 'playback',
    message: /no HLS address/,
    advice: /turn HLS on/,
  },
  {
    what: 'a relay may outlast what the vendor lets it last',
    event: { sources: ['rtmp://source.test/live/one'], hardEndsAt: Date.now() + 8 * 24 * hour },
    check: 'archive',
    message: /relay ends by itself/,
    advice: /maxDuration/,
  },
  {
    what: 'more events are planned than the account may hold',
    harness: { settings: { slots: '2' } },
    planned: { events: 2 },
    check: 'quota',
    message: /may hold 2 events/,
    advice: /move an event/,
  },
  skewed(-60_000, /(5\ds|1m) ahead of/),
];
