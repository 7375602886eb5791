import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateRecordingConfigurationCommand } from '@aws-sdk/client-ivs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../../../domain/channel.ts';
import { VendorError } from '../../../../domain/errors.ts';
import type { FaultKind } from '../../../../simulators/kit/types.ts';
import { createDriver } from '../../../../vendors/aws-ivs/driver.ts';
import { classify, meaningOf } from '../../../../vendors/aws-ivs/errors.ts';
import { optionsSchema } from '../../../../vendors/aws-ivs/options.ts';
import type { VendorDriver } from '../../../../vendors/driver.ts';
import { driverContext } from '../../../support/accounts.ts';
import { finish, untilPasses } from '../../../support/until.ts';
import { type AwsIvsHarness, eventOf, opened, openHarness } from './aws-ivs-harness.ts';

const arn = 'arn:aws:ivs:us-west-2:123456789012:channel/abcdefghijkl';
const channel: Channel = {
  ref: { vendor: 'aws-ivs', account: 'default', name: 'showcaller-x', workflowId: 'live-event/x', id: arn },
  details: { arn },
};
const settings = { region: 'us-west-2', accessKeyId: 'a', secretAccessKey: 'b', timeoutMs: '5000' };

const failureOf = async (work: Promise<unknown>): Promise<VendorError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof VendorError) return error;
  throw new Error('no VendorError was thrown', { cause: error });
};

describe('an answer of AWS in our words', () => {
  let answer: { status: number; headers?: Record<string, string>; body: string };
  let driver: VendorDriver;
  const server = createServer((_, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body);
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    driver = createDriver({ name: 'default', settings: { ...settings, endpoint } }, driverContext);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    [400, 'ValidationException', 'invalid-request'],
    [402, 'ServiceQuotaExceededException', 'quota-exceeded'],
    [403, 'AccessDeniedException', 'unauthorized'],
    [403, 'PendingVerification', 'unauthorized'],
    [403, 'InvalidSignatureException', 'unauthorized'],
    [403, 'ExpiredTokenException', 'unauthorized'],
    [403, 'UnrecognizedClientException', 'unauthorized'],
    [404, 'ResourceNotFoundException', 'not-found'],
    [409, 'ConflictException', 'conflict'],
    [429, 'ThrottlingException', 'throttled'],
    [500, 'InternalServerException', 'unavailable'],
    [503, 'ServiceUnavailable', 'unavailable'],
    [503, 'StreamUnavailable', 'unavailable'],
    [400, 'ThrottlingException', 'throttled'],
    [400, 'Throttling', 'throttled'],
    [403, 'RequestThrottled', 'throttled'],
    [400, 'RequestTimeout', 'unavailable'],
    [403, 'RequestInTheFuture', 'clock-skew'],
    [400, 'IncompleteSignature', 'unauthorized'],
    [403, 'MissingAuthenticationToken', 'unauthorized'],
    [400, 'NeverHeardOf', 'invalid-request'],
    [418, 'NeverHeardOf', 'unknown'],
  ] as const)('%i %s is %s', async (status, code, kind) => {
    answer = { status, headers: { 'x-amzn-errortype': `${code}:http://x/` }, body: '{"exceptionMessage":"the words"}' };
    const { facts } = await failureOf(driver.observe(channel));
    expect(facts).toMatchObject({ kind, code, httpStatus: status, message: 'the words', operation: 'GetStream' });
    expect(facts.resource).toBe(arn);
  });

  it.each([
    ['BandwidthLimitExceeded', 'EC2ThrottledException', 'LimitExceededException', 'PriorRequestNotComplete'],
    ['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'RequestThrottled', 'RequestThrottledException'],
    ['SlowDown', 'ThrottledException', 'Throttling', 'ThrottlingException', 'TooManyRequestsException'],
  ])('is throttled for every code that the SDK takes for it: %s, %s, %s, %s', (...codes) => {
    for (const name of codes)
      expect(classify({ name, $metadata: { httpStatusCode: 400 } }), name).toMatchObject({ kind: 'throttled' });
  });

  it.each(['IncompleteSignature', 'MissingAuthenticationToken', 'InvalidAccessKeyId', 'ExpiredToken'])(
    'is about the credentials, and says what to do: %s',
    (name) => {
      const facts = classify({ name, $metadata: { httpStatusCode: 403 } });
      expect(facts).toMatchObject({ kind: 'unauthorized', advice: expect.stringMatching(/credentials|access key/) });
      expect(meaningOf(new VendorError({ vendor: 'aws-ivs', operation: 'GetStream', ...facts }))).toBe('credentials');
    },
  );

  it('takes the offline answer for an absent encoder and for nothing else', async () => {
    const headers = { 'x-amzn-errortype': 'ChannelNotBroadcasting' };
    answer = { status: 404, headers, body: '{"exceptionMessage":"offline"}' };
    expect(await driver.observe(channel)).toMatchObject({ encoder: 'absent' });
  });

  it('does not take a 404 of something in between for absence', async () => {
    answer = { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>no such host</html>' };
    expect(await failureOf(driver.stop(channel))).not.toMatchObject({ kind: 'not-found' });
    expect(await failureOf(driver.cleanUp(channel.ref))).not.toMatchObject({ kind: 'not-found' });
  });

  it('keeps how long AWS asked to wait', async () => {
    const headers = { 'x-amzn-errortype': 'ThrottlingException', 'retry-after': '7' };
    answer = { status: 429, headers, body: '{"exceptionMessage":"Rate exceeded"}' };
    expect((await failureOf(driver.observe(channel))).facts.retryAfterMs).toBe(7000);
  });

  it('never carries a stream key or a session token', async () => {
    const words = 'bad key sk_us-west-2_abcDEF123456_xyzXYZ7890 x-amz-security-token:verySecret';
    const headers = { 'x-amzn-errortype': 'ValidationException' };
    answer = { status: 400, headers, body: JSON.stringify({ exceptionMessage: words }) };
    const error = await failureOf(driver.observe(channel));
    expect(error.message).toContain('bad key');
    expect(error.message).not.toMatch(/abcDEF123456|verySecret/);
  });
});

describe('an account that is in trouble', () => {
  let harness: AwsIvsHarness;
  beforeEach(async () => {
    harness = await openHarness();
  });
  afterEach(() => harness.close());

  it.each([
    ['throttle', 'throttled'],
    ['unavailable', 'unavailable'],
    ['quota', 'quota-exceeded'],
    ['unauthorized', 'unauthorized'],
    ['invalid', 'invalid-request'],
    ['reset', 'unavailable'],
    ['lose-response', 'unavailable'],
  ] as [FaultKind, string][])('reports a fault of kind %s as %s, after one attempt', async (fault, kind) => {
    harness.fault('ListChannels', fault);
    const error = await failureOf(harness.driver.allocate(eventOf('trouble')));
    expect(error).toMatchObject({ kind, facts: { operation: 'ListChannels' } });
    expect(harness.calls('ListChannels')).toBe(1);
  });

  it('is unavailable when it does not answer within the time of the account', async () => {
    harness.fault('ListChannels', 'hang');
    const driver = harness.driverWith({ timeoutMs: '200' });
    expect(await failureOf(driver.owned())).toMatchObject({ kind: 'unavailable', facts: { code: 'TimeoutError' } });
  });

  it('is unavailable when no server listens', async () => {
    const { endpoint = '' } = harness.sim.client;
    await harness.close();
    const driver = harness.driverWith({ endpoint });
    expect(await failureOf(driver.owned())).toMatchObject({ kind: 'unavailable', facts: { code: 'ECONNREFUSED' } });
    harness = await openHarness();
  });

  it('says that its keys are wrong, for IVS and for the bucket', async () => {
    const { channel: made } = await opened(harness.driver, eventOf('keys'));
    const wrong = harness.driverWith({ secretAccessKey: 'wrong' });
    expect(await failureOf(wrong.owned())).toMatchObject({ facts: { code: 'InvalidSignatureException' } });
    const output = { details: { bucket: 'showcaller-recordings' } };
    const refused = await failureOf(wrong.publishVod(made, output, []));
    expect(refused).toMatchObject({ kind: 'unauthorized', facts: { code: 'SignatureDoesNotMatch' } });
  });

  it('cannot start a show whose recordings it could not read', async () => {
    const made = await finish(() => harness.driver.allocate(eventOf('unreadable')));
    const wrong = harness.driverWith({ s3Endpoint: harness.sim.client.endpoint ?? '' });
    harness.fault('ListObjectsV2', 'unauthorized');
    expect(await failureOf(wrong.createOutput(made))).toMatchObject({ kind: 'unauthorized' });
  });
});

describe('where a show is recorded to', () => {
  let harness: AwsIvsHarness;
  beforeEach(async () => {
    harness = await openHarness();
  });
  afterEach(() => harness.close());

  it('must be said by the account or the plan, before anything is made', async () => {
    const driver = harness.driverWith({ recordingBucket: '' });
    expect(await failureOf(driver.allocate(eventOf('nowhere')))).toMatchObject({ kind: 'invalid-request' });
    expect(harness.sim.made()).toEqual({});
  });

  it('must be a bucket that IVS can write to; what it refused is not kept', async () => {
    const driver = harness.driverWith({ recordingBucket: harness.sim.client.elsewhereBucket ?? '' });
    const refused = await untilPasses(async () => {
      const error = await failureOf(driver.allocate(eventOf('elsewhere')));
      return error;
    });
    expect(refused).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining('bucket') });
    expect([harness.left('recording-configuration'), harness.left('channel')]).toEqual([0, 0]);
  });

  it('may be a recording configuration of the plan, with its own window', async () => {
    const destinationConfiguration = { s3: { bucketName: harness.sim.client.recordingBucket } };
    const { recordingConfiguration } = await harness.ivs.send(
      new CreateRecordingConfigurationCommand({ destinationConfiguration, recordingReconnectWindowSeconds: 30 }),
    );
    const recordingConfigurationArn = recordingConfiguration?.arn ?? '';
    const { output } = await opened(harness.driver, eventOf('given', { recordingConfigurationArn }));
    expect(output.details).toMatchObject({ recordingConfigurationArn, reconnectWindowSeconds: 30 });
    expect(harness.sim.made()['recording-configuration']).toBe(1);
  });

  it('has a configuration of its own for each reconnect window', async () => {
    const shows = [0, 60, 60].map((reconnectWindowSeconds, n) => eventOf(`w${n}`, { reconnectWindowSeconds }));
    const outputs = await Promise.all(shows.map(async (event) => (await opened(harness.driver, event)).output.details));
    expect(outputs.map((details) => details.reconnectWindowSeconds)).toEqual([0, 60, 60]);
    expect(harness.sim.made()['recording-configuration']).toBe(2);
  });

  it('must be ACTIVE before it is used', async () => {
    const slow = await openHarness({ slowness: 1000 });
    await slow.driver.allocate(eventOf('creating'));
    const waiting = await slow.driver.allocate(eventOf('creating'));
    expect(waiting).toMatchObject({ done: false, waitingFor: expect.stringContaining('ACTIVE') });
    expect(slow.left('channel')).toBe(0);
    await slow.close();
  });
});

describe('vendorOptions', () => {
  const policy = 'arn:aws:ivs:us-west-2:1:playback-restriction-policy/abc';
  const recording = 'arn:aws:ivs:us-west-2:1:recording-configuration/abc';

  it.each([
    {},
    { latencyMode: 'NORMAL', type: 'ADVANCED_HD', preset: 'CONSTRAINED_BANDWIDTH_DELIVERY', containerFormat: 'TS' },
    { insecureIngest: true, authorized: true, playbackRestrictionPolicyArn: policy, reconnectWindowSeconds: 300 },
    { recordingConfigurationArn: recording, tags: { team: 'éire/=+:@' } },
  ])('may be %j', (options) => {
    expect(optionsSchema.safeParse(options).success).toBe(true);
  });

  it.each([
    [{ latencyMode: 'FAST' }, 'latencyMode'],
    [{ preset: 'HIGHER_BANDWIDTH_DELIVERY', type: 'BASIC' }, 'preset'],
    [{ reconnectWindowSeconds: 301 }, 'reconnectWindowSeconds'],
    [{ reconnectWindowSeconds: 1.5 }, 'reconnectWindowSeconds'],
    [{ recordingConfigurationArn: 'arn:aws:s3:::bucket' }, 'recordingConfigurationArn'],
    [{ recordingConfigurationArn: recording, reconnectWindowSeconds: 0 }, 'reconnectWindowSeconds'],
    [{ tags: { 'showcaller-workflow': 'x' } }, 'tags'],
    [{ unheardOf: 1 }, ''],
  ])('may not be %j', (options, path) => {
    const issues = optionsSchema.safeParse(options).error?.issues ?? [];
    expect(issues.map((issue) => String(issue.path[0] ?? ''))).toEqual([path]);
  });
});
