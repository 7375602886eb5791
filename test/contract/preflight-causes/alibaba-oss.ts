import OSS from 'ali-oss';
import type { ContractHarness } from '../contract-harness.ts';
import { type Cause, denied, ends, hour, nowhere, sendAlready, skewed, takeName } from './causes.ts';

async function closeBucket({ sim: { client } }: ContractHarness): Promise<undefined> {
  const { endpoint, bucket = '', region, accessKeyId = '', accessKeySecret = '' } = client;
  await new OSS({ endpoint, bucket, region, accessKeyId, accessKeySecret }).putBucketACL(bucket, 'private');
}

export const alibabaOss: Cause[] = [
  {
    what: 'the AccessKey is unknown',
    harness: { settings: { accessKeyId: 'nosuch' } },
    check: 'credentials',
    message: /InvalidAccessKeyId/,
    advice: /accessKeyId/,
  },
  {
    what: 'the secret is wrong',
    harness: { settings: { accessKeySecret: 'not-the-secret' } },
    check: 'credentials',
    message: /SignatureDoesNotMatch/,
    advice: /accessKeySecret/,
  },
  {
    what: 'the security token is wrong',
    harness: {
      settings: { accessKeyId: 'STS.rehearsal', accessKeySecret: 'rehearsal-sts-secret', stsToken: 'another' },
    },
    check: 'credentials',
    message: /InvalidSecurityToken/,
    advice: /stsToken/,
  },
  {
    what: 'the bucket does not exist',
    harness: { settings: { bucket: 'nosuch' } },
    check: 'place',
    message: /NoSuchBucket/,
    advice: /check bucket/,
  },
  {
    what: 'the region is another',
    harness: { settings: { region: 'oss-ap-southeast-1' } },
    check: 'place',
    message: /signing region/,
    advice: /region of the account/,
  },
  denied('oss:PutLiveChannel', /oss:/),
  denied('oss:PutLiveChannelStatus', /oss:/),
  denied('oss:DeleteLiveChannel', /oss:/),
  denied('oss:PostVodPlaylist', /oss:/),
  denied('oss:GetVodPlaylist', /oss:/),
  denied('oss:GetLiveChannelStat', /oss:/),
  denied('oss:GetLiveChannelHistory', /oss:/),
  denied('oss:ListLiveChannel', /oss:/),
  {
    what: 'more events are planned than the account may hold',
    harness: { settings: { slots: '1' } },
    planned: { events: 1 },
    check: 'quota',
    message: /may hold 1 events, and there are 1 other event /,
    advice: /move an event/,
  },
  { what: 'the name is taken', plant: takeName, check: 'name', message: /belongs to live-event/, advice: /another id/ },
  {
    what: 'an encoder sends to the channel that an earlier run left',
    plant: sendAlready,
    check: 'stream',
    message: /sends to .* already/,
    advice: /stop that encoder/,
  },
  {
    what: 'the bucket is private',
    plant: closeBucket,
    check: 'bucket',
    message: /HTTP 403.*not open to them/,
    advice: /public-read/,
  },
  {
    what: 'viewers cannot reach the bucket',
    harness: { settings: { playbackBaseUrl: nowhere } },
    check: 'playback',
    message: /cannot reach 127\.0\.0\.1:9/,
    advice: /playbackBaseUrl/,
  },
  {
    what: 'the temporary key ends before the event',
    harness: {
      settings: {
        accessKeyId: 'STS.rehearsal',
        accessKeySecret: 'rehearsal-sts-secret',
        stsToken: 'rehearsal-sts-token/+=',
      },
    },
    event: ends(20 * hour),
    check: 'key-life',
    message: /12h at most.*ends in (20h|19h59m)/,
    advice: /renew/,
  },
  {
    what: 'the publish URL does not last as long as the show',
    event: { options: { ingestExpiresSeconds: 600 } },
    check: 'key-life',
    message: /connect for 10m.*lasts 1h/,
    advice: /ingestExpiresSeconds/,
  },
  skewed(-60_000, /(5\ds|1m) ahead of/),
];
