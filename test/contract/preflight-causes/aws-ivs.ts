import {
  CreateRecordingConfigurationCommand,
  GetRecordingConfigurationCommand,
  IvsClient,
  TagResourceCommand,
} from '@aws-sdk/client-ivs';
import { expect } from 'vitest';
import { workflowIdOf } from '../../../domain/ids.ts';
import { untilPasses } from '../../support/until.ts';
import { type Cause, denied, ends, hour, nowhere, skewed, takeName } from './causes.ts';

const recordingArn = 'arn:aws:ivs:us-west-2:123456789012:recording-configuration/AbCdEfGhIjKl';
const policyArn = 'arn:aws:ivs:us-west-2:123456789012:playback-restriction-policy/AbCdEfGhIjKl';

export const awsIvs: Cause[] = [
  {
    what: 'the secret is wrong',
    harness: { settings: { secretAccessKey: 'not-the-secret' } },
    check: 'credentials',
    message: /GetCallerIdentity: SignatureDoesNotMatch/,
    advice: /access key/,
  },
  {
    what: 'the access key is unknown',
    harness: { settings: { accessKeyId: 'AKIAUNKNOWN000000001' } },
    check: 'credentials',
    message: /InvalidClientTokenId/,
    advice: /access key/,
  },
  denied('ivs:DeleteChannel', /Least permissions/),
  denied('ivs:ListChannels', /docs\/|allow/i),
  denied('s3:GetObject', /allow/i),
  denied('s3:ListBucket', /allow/i),
  {
    what: 'the bucket does not exist',
    harness: { settings: { recordingBucket: 'no-such-bucket' } },
    check: 'bucket',
    message: /NoSuchBucket/,
    advice: /recordingBucket/,
  },
  {
    what: 'the bucket is in another region',
    harness: { settings: { recordingBucket: 'showcaller-elsewhere' } },
    check: 'bucket',
    message: /PermanentRedirect/,
    advice: /another region/,
  },
  {
    what: 'nothing says where to record to',
    harness: { settings: { recordingBucket: '' } },
    check: 'bucket',
    message: /nothing says where to record/,
    advice: /recordingBucket/,
  },
  {
    what: 'the recording configuration of the plan does not exist',
    event: { options: { recordingConfigurationArn: recordingArn } },
    check: 'preset',
    message: /ResourceNotFoundException/,
    advice: /\w/,
  },
  {
    what: 'the recording configuration has failed',
    harness: { settings: { recordingBucket: 'showcaller-elsewhere' } },
    plant: async ({ driver }, event) => {
      await driver.allocate({ ...event, eventId: 'earlier', workflowId: workflowIdOf('earlier') });
      await untilPasses(async () => {
        const { findings } = await driver.preflight(event, async () => ({ events: 0 }));
        expect(findings).toContainEqual(expect.objectContaining({ message: expect.stringContaining('CREATE_FAILED') }));
      });
    },
    check: 'preset',
    message: /CREATE_FAILED/,
    advice: /bucket exists/,
  },
  {
    what: 'the recording configuration is too young',
    harness: { slowness: 600 },
    plant: async ({ driver }, event) => {
      await driver.allocate({ ...event, eventId: 'earlier', workflowId: workflowIdOf('earlier') });
    },
    check: 'preset',
    message: /CREATING: it is too young/,
    advice: /setup/,
  },
  { what: 'the name is taken', plant: takeName, check: 'name', message: /is taken by arn:/, advice: /another id/ },
  {
    what: 'the name is taken by a channel without our ownership tag',
    plant: async (harness, event) => {
      await takeName(harness, event);
      const { endpoint = '', region = '', accessKeyId = '', secretAccessKey = '' } = harness.sim.client;
      const client = new IvsClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
      const [ref] = (await harness.driver.owned()).items;
      await client.send(new TagResourceCommand({ resourceArn: ref?.id ?? '', tags: { 'showcaller-workflow': '' } }));
    },
    check: 'name',
    message: /has no ownership tag/,
    advice: /set its tag/,
  },
  {
    what: 'more events are planned than the account may hold',
    harness: { settings: { slots: '3' } },
    planned: { events: 3 },
    check: 'quota',
    message: /may hold 3 events, and there are 3 other events/,
    advice: /move an event/,
  },
  {
    what: 'the channel is private and no playback key is set',
    event: { options: { authorized: true } },
    check: 'playback',
    message: /no playback key to sign/,
    advice: /AWS_IVS_PLAYBACK_KEY/,
  },
  {
    what: 'the channel is private and IVS has no playback key pair',
    event: { options: { authorized: true } },
    harness: { settings: { playbackKey: 'a key' } },
    check: 'playback',
    message: /no playback key pair/,
    advice: /ImportPlaybackKeyPair/,
  },
  {
    what: 'the playback restriction policy does not exist',
    event: { options: { playbackRestrictionPolicyArn: policyArn } },
    check: 'playback',
    message: /GetPlaybackRestrictionPolicy.*ResourceNotFoundException/,
    advice: /\w/,
  },
  {
    what: 'viewers cannot reach the recordings',
    harness: { settings: { playbackBaseUrl: nowhere } },
    check: 'playback',
    message: /cannot reach 127\.0\.0\.1:9/,
    advice: /playbackBaseUrl/,
  },
  {
    what: 'the temporary credentials end before the event',
    harness: {
      settings: {
        accessKeyId: 'ASIASIMULATEDIVS0001',
        secretAccessKey: 'simulated-secret-of-a-temporary-key',
        sessionToken: 'simulated-session-token',
      },
    },
    event: ends(50 * hour),
    check: 'key-life',
    message: /36h at most.*ends in (2d2h|2d1h59m)/,
    advice: /renew/,
  },
  {
    what: 'the show is longer than what the recording configuration of the plan merges',
    event: ends(60 * hour, 50 * hour),
    plant: async ({ sim }, event) => {
      const { endpoint = '', region = '', accessKeyId = '', secretAccessKey = '', recordingBucket = '' } = sim.client;
      const client = new IvsClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
      const { recordingConfiguration: { arn = '' } = {} } = await client.send(
        new CreateRecordingConfigurationCommand({
          destinationConfiguration: { s3: { bucketName: recordingBucket } },
          recordingReconnectWindowSeconds: 60,
        }),
      );
      event.options = { recordingConfigurationArn: arn };
      await untilPasses(async () => {
        const { recordingConfiguration } = await client.send(new GetRecordingConfigurationCommand({ arn }));
        expect(recordingConfiguration?.state).toBe('ACTIVE');
      });
      client.destroy();
      return undefined;
    },
    check: 'archive',
    message: /merges what its window of 60s.*at most 2d .*lasts 2d2h/,
    advice: /without a window/,
  },
  skewed(-60_000, /(5\ds|1m) ahead of/),
  skewed(60_000, /(5\ds|1m) behind/),
];
