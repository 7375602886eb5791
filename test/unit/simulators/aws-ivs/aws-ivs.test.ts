import { generateKeyPairSync } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AwsIvsSimulatorOptions, awsIvsSimulator } from '../../../../simulators/aws-ivs/index.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { RunningSimulator, SimulatorKit } from '../../../../simulators/kit/types.ts';
import { type Signed, sendSigned } from './signer.ts';

let kit: SimulatorKit;
let sim: RunningSimulator;
const restart = async (options: AwsIvsSimulatorOptions = {}) => {
  await sim?.close();
  kit = createKit();
  sim = await awsIvsSimulator.start(kit, { slowness: 0, ...options });
};
beforeEach(() => restart());
afterEach(() => sim.close());

const send = (path: string, request: Partial<Signed> = {}): Promise<Response> => {
  const { endpoint, accessKeyId, secretAccessKey } = sim.client;
  return sendSigned({ method: 'POST', url: `${endpoint}${path}`, accessKeyId, secretAccessKey, ...request });
};

/** What these tests read of an answer; each says what it expects of it. */
interface AnswerBody {
  channel: { arn: string; preset: string };
  channels: { arn: string; name: string }[];
  nextToken?: string;
  streamKey: { arn: string };
  streamKeys: object[];
  recordingConfiguration: { arn: string; state: string };
}

interface Answer {
  status: number;
  type: string | null;
  json: AnswerBody;
}

async function call(operation: string, input: object = {}): Promise<Answer> {
  return read(await send(`/${operation}`, { body: JSON.stringify(input) }));
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, type: response.headers.get('x-amzn-errortype')?.split(':')[0] ?? null, json };
}

describe('signatures of the IVS API', () => {
  it('are accepted when right, also of temporary credentials', async () => {
    expect(await call('ListChannels')).toMatchObject({ status: 200, json: { channels: [] } });
    const { temporaryAccessKeyId, temporarySecretAccessKey, temporarySessionToken } = sim.client;
    const temporary = {
      accessKeyId: temporaryAccessKeyId,
      secretAccessKey: temporarySecretAccessKey,
      sessionToken: temporarySessionToken,
    };
    expect((await send('/ListChannels', { body: '{}', ...temporary })).status).toBe(200);
    const forgotten = await read(await send('/ListChannels', { body: '{}', ...temporary, sessionToken: undefined }));
    expect(forgotten).toMatchObject({ status: 403, type: 'UnrecognizedClientException' });
  });

  it.each([
    ['a wrong secret', { secretAccessKey: 'wrong' }, 'InvalidSignatureException'],
    ['an unknown key', { accessKeyId: 'AKIAUNKNOWN' }, 'UnrecognizedClientException'],
    ['a stray session token', { sessionToken: 'stray' }, 'UnrecognizedClientException'],
    ['another region', { region: 'eu-west-1' }, 'InvalidSignatureException'],
    ['a body changed on the way', { sentBody: '{"maxResults":2}' }, 'InvalidSignatureException'],
    ['a clock 16 minutes slow', { at: new Date(Date.now() - 16 * 60_000) }, 'InvalidSignatureException'],
    ['a clock 16 minutes fast', { at: new Date(Date.now() + 16 * 60_000) }, 'InvalidSignatureException'],
  ])('are refused with %s', async (_, wrong, type) => {
    const answer = await read(await send('/ListChannels', { body: '{"maxResults":1}', ...wrong }));
    expect(answer).toMatchObject({ status: 403, type, json: { message: expect.any(String) } });
  });

  it('must be there and well formed', async () => {
    const url = `${sim.client.endpoint}/ListChannels`;
    const unsigned = await read(await fetch(url, { method: 'POST', body: '{}' }));
    expect(unsigned).toMatchObject({ status: 403, type: 'MissingAuthenticationTokenException' });
    const odd = await read(await fetch(url, { method: 'POST', body: '{}', headers: { authorization: 'AWS4 x' } }));
    expect(odd).toMatchObject({ status: 400, type: 'IncompleteSignatureException' });
  });

  it('are made over the path encoded twice', async () => {
    const { json } = await call('CreateChannel', { name: 'n', tags: { a: 'b' } });
    const path = `/tags/${encodeURIComponent(json.channel.arn)}`;
    expect(await read(await send(path, { method: 'GET' }))).toMatchObject({ status: 200, json: { tags: { a: 'b' } } });
  });
});

describe('the shapes of the IVS API', () => {
  it('gives a channel with its documented defaults, and a stream key with its value', async () => {
    const { status, json } = await call('CreateChannel', { name: 'n' });
    expect(status).toBe(200);
    expect(json.channel).toEqual({
      arn: expect.stringMatching(/^arn:aws:ivs:us-west-2:123456789012:channel\/\w{12}$/),
      name: 'n',
      latencyMode: 'LOW',
      type: 'STANDARD',
      recordingConfigurationArn: '',
      ingestEndpoint: expect.stringMatching(/^\w{12}\.global-contribute\.live-video\.net$/),
      playbackUrl: expect.stringMatching(/\.m3u8$/),
      authorized: false,
      tags: {},
      insecureIngest: false,
      preset: '',
      playbackRestrictionPolicyArn: '',
      containerFormat: 'TS',
    });
    expect(json.streamKey).toMatchObject({
      channelArn: json.channel.arn,
      value: expect.stringMatching(/^sk_us-west-2_/),
    });
    const listed = await call('ListStreamKeys', { channelArn: json.channel.arn });
    expect(Object.keys(listed.json.streamKeys[0] ?? {})).toEqual(['arn', 'channelArn', 'tags']);
    expect((await call('GetStreamKey', { arn: json.streamKey.arn })).json).toEqual({ streamKey: json.streamKey });
  });

  it('puts the type of an error into a header and its words into exceptionMessage', async () => {
    const arn = 'arn:aws:ivs:us-west-2:123456789012:channel/none';
    expect(await call('GetChannel', { arn })).toEqual({
      status: 404,
      type: 'ResourceNotFoundException',
      json: { exceptionMessage: `Resource: ${arn} not found` },
    });
  });

  it('answers 204 without a body where nothing is given back', async () => {
    const { json } = await call('CreateChannel', { name: 'n' });
    expect(await call('DeleteStreamKey', { arn: json.streamKey.arn })).toEqual({
      status: 204,
      type: null,
      json: undefined,
    });
    expect(await call('DeleteChannel', { arn: json.channel.arn })).toMatchObject({ status: 204, json: undefined });
  });

  it('does not know operations that do not exist', async () => {
    expect(await call('CreateEverything')).toMatchObject({ status: 404, type: 'UnknownOperationException' });
  });

  it.each([
    ['CreateChannel', { name: 'not allowed' }],
    ['CreateChannel', { name: 'a'.repeat(129) }],
    ['CreateChannel', { type: 'HUGE' }],
    ['CreateChannel', { type: 'BASIC', preset: 'HIGHER_BANDWIDTH_DELIVERY' }],
    ['CreateChannel', { authorized: 'yes' }],
    ['CreateChannel', { tags: { 'semi;colon': 'x' } }],
    ['GetChannel', {}],
    ['GetChannel', { arn: 'arn:aws:s3:::x' }],
    ['ListChannels', { maxResults: 101 }],
    ['ListChannels', { nextToken: 'bm90IG91cnM' }],
    ['ListStreams', { filterBy: { health: 'ILL' } }],
    ['BatchGetChannel', { arns: [] }],
    ['CreateRecordingConfiguration', { destinationConfiguration: {} }],
    ['CreateRecordingConfiguration', { destinationConfiguration: { s3: { bucketName: 'no-such-bucket' } } }],
  ])('%s refuses %j', async (operation, input) => {
    expect(await call(operation, input)).toMatchObject({ status: 400, type: 'ValidationException' });
    expect(sim.made()).toEqual({});
  });

  it('refuses a body that is no JSON object', async () => {
    expect(await read(await send('/ListChannels', { body: '[' }))).toMatchObject({ type: 'ValidationException' });
  });
});

describe('lists', () => {
  const make = (name: string) => call('CreateChannel', { name });

  it('come in pages that skip nothing when something is deleted in between', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await make(name);
    const first = await call('ListChannels', { maxResults: 2 });
    await call('DeleteChannel', { arn: first.json.channels[0]?.arn });
    const second = await call('ListChannels', { maxResults: 2, nextToken: first.json.nextToken });
    const third = await call('ListChannels', { maxResults: 2, nextToken: second.json.nextToken });
    const names = [first, second, third].map(({ json }) => json.channels.map(({ name }) => name));
    expect(names).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(third.json.nextToken).toBeUndefined();
  });

  it('can be filtered by one thing at a time, and names need not be unique', async () => {
    await make('same');
    await make('same');
    await make('other');
    expect((await call('ListChannels', { filterByName: 'same' })).json.channels).toHaveLength(2);
    const two = { filterByName: 'same', filterByPlaybackRestrictionPolicyArn: '' };
    expect(await call('ListChannels', two)).toMatchObject({ status: 409, type: 'ConflictException' });
  });

  it('of ARNs say which were not found', async () => {
    const { json } = await make('n');
    const missing = 'arn:aws:ivs:us-west-2:123456789012:channel/none';
    const batch = await call('BatchGetChannel', { arns: [json.channel.arn, missing] });
    expect(batch.json).toMatchObject({ channels: [{ name: 'n' }], errors: [{ arn: missing }] });
    const keys = await call('BatchGetStreamKey', { arns: [json.streamKey.arn] });
    expect(keys.json).toEqual({ streamKeys: [json.streamKey], errors: [] });
  });
});

describe('rules of state', () => {
  it('allow one stream key for each channel', async () => {
    const { json } = await call('CreateChannel', { name: 'n' });
    const channelArn = json.channel.arn;
    expect(await call('CreateStreamKey', { channelArn })).toMatchObject({
      status: 402,
      type: 'ServiceQuotaExceededException',
    });
    await call('DeleteStreamKey', { arn: json.streamKey.arn });
    expect(await call('CreateStreamKey', { channelArn })).toMatchObject({ status: 200 });
  });

  it('allow as many channels as the quota says', async () => {
    await restart({ maxChannels: 1 });
    await call('CreateChannel', { name: 'n' });
    expect(await call('CreateChannel', { name: 'n' })).toMatchObject({ status: 402 });
    expect(sim.made()).toEqual({ channel: 1 });
  });

  it('delete the keys with the channel', async () => {
    const { json } = await call('CreateChannel', { name: 'n' });
    await call('DeleteChannel', { arn: json.channel.arn });
    expect(sim.resources()).toEqual([]);
    expect(await call('DeleteChannel', { arn: json.channel.arn })).toMatchObject({ type: 'ResourceNotFoundException' });
  });

  it('keep a recording configuration while a channel uses it', async () => {
    const destinationConfiguration = { s3: { bucketName: sim.client.recordingBucket } };
    const made = await call('CreateRecordingConfiguration', { destinationConfiguration });
    const { arn } = made.json.recordingConfiguration;
    const { json } = await call('CreateChannel', { recordingConfigurationArn: arn });
    expect(await call('DeleteRecordingConfiguration', { arn })).toMatchObject({
      status: 409,
      type: 'ConflictException',
    });
    await call('UpdateChannel', { arn: json.channel.arn, recordingConfigurationArn: '' });
    expect(await call('DeleteRecordingConfiguration', { arn })).toMatchObject({ status: 204 });
  });

  it('check the bucket of a recording configuration only after it was made', async () => {
    await restart({ slowness: 1000 });
    const destinationConfiguration = { s3: { bucketName: sim.client.recordingBucket } };
    const made = await call('CreateRecordingConfiguration', { destinationConfiguration });
    expect(made.json.recordingConfiguration.state).toBe('CREATING');
    await restart();
    const elsewhere = { s3: { bucketName: sim.client.elsewhereBucket } };
    const { json } = await call('CreateRecordingConfiguration', { destinationConfiguration: elsewhere });
    const found = await call('GetRecordingConfiguration', { arn: json.recordingConfiguration.arn });
    expect(found.json.recordingConfiguration.state).toBe('CREATE_FAILED');
  });

  it('refuse to attach a recording configuration that does not exist', async () => {
    const recordingConfigurationArn = 'arn:aws:ivs:us-west-2:123456789012:recording-configuration/none';
    expect(await call('CreateChannel', { recordingConfigurationArn })).toMatchObject({
      type: 'ResourceNotFoundException',
    });
    expect(sim.made()).toEqual({});
  });

  it('give ADVANCED types their default preset and take it back with the type', async () => {
    const { json } = await call('CreateChannel', { type: 'ADVANCED_HD' });
    expect(json.channel.preset).toBe('HIGHER_BANDWIDTH_DELIVERY');
    const { json: changed } = await call('UpdateChannel', { arn: json.channel.arn, type: 'STANDARD' });
    expect(changed.channel.preset).toBe('');
  });

  it('say that a channel is not broadcasting with an error', async () => {
    const { json } = await call('CreateChannel', { name: 'n' });
    for (const operation of ['GetStream', 'StopStream', 'PutMetadata'])
      expect(await call(operation, { channelArn: json.channel.arn, metadata: 'm' })).toMatchObject({
        status: 404,
        type: 'ChannelNotBroadcasting',
      });
  });

  it('limit each operation to its rate when asked to', async () => {
    await restart({ callsPerSecond: 5 });
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('ListStreams')));
    expect(answers.filter(({ type }) => type === 'ThrottlingException')).toHaveLength(3);
    expect((await call('ListChannels')).status).toBe(200);
  });
});

describe('tags', () => {
  it('are added, replaced and removed by ARN', async () => {
    const { json } = await call('CreateChannel', { tags: { a: '1', b: '2' } });
    const path = `/tags/${encodeURIComponent(json.channel.arn)}`;
    expect((await send(path, { body: '{"tags":{"b":"3","c d":"4"}}' })).status).toBe(200);
    expect((await send(`${path}?tagKeys=a&tagKeys=c%20d`, { method: 'DELETE' })).status).toBe(200);
    expect((await read(await send(path, { method: 'GET' }))).json).toEqual({ tags: { b: '3' } });
    const nothing = `/tags/${encodeURIComponent('arn:aws:ivs:us-west-2:123456789012:channel/none')}`;
    expect(await read(await send(nothing, { method: 'GET' }))).toMatchObject({ type: 'ResourceNotFoundException' });
  });
});

describe('faults', () => {
  it.each([
    ['GetChannel', 'throttle', 429, 'ThrottlingException'],
    ['GetChannel', 'quota', 402, 'ServiceQuotaExceededException'],
    ['GetChannel', 'unauthorized', 403, 'UnrecognizedClientException'],
    ['GetChannel', 'invalid', 400, 'ValidationException'],
    ['GetChannel', 'unavailable', 500, 'InternalServerException'],
    ['StopStream', 'unavailable', 503, 'StreamUnavailable'],
    ['BatchGetChannel', 'unavailable', 503, 'ServiceUnavailable'],
  ] as const)('on %s of kind %s are answered %i %s', async (operation, kind, status, type) => {
    kit.faults.add('aws-ivs', { operation, kind });
    expect(await call(operation)).toMatchObject({ status, type });
  });
});

describe('what is left to AWS', () => {
  it('is the prefix aws: of tag keys, at creation and afterwards', async () => {
    expect(await call('CreateChannel', { tags: { 'aws:cost': 'x' } })).toMatchObject({
      status: 400,
      type: 'ValidationException',
    });
    const { json } = await call('CreateChannel', { tags: { cost: 'x' } });
    const path = `/tags/${encodeURIComponent(json.channel.arn)}`;
    const later = await read(await send(path, { body: JSON.stringify({ tags: { 'AWS:cost': 'x' } }) }));
    expect(later).toMatchObject({ status: 400, type: 'ValidationException' });
  });

  it('is refused in the tags of whatever can have some', async () => {
    const { json } = await call('CreateChannel', {});
    await call('DeleteStreamKey', { arn: json.streamKey.arn });
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const publicKeyMaterial = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const destinationConfiguration = { s3: { bucketName: sim.client.recordingBucket } };
    const makers: [string, object][] = [
      ['CreateStreamKey', { channelArn: json.channel.arn }],
      ['CreateRecordingConfiguration', { destinationConfiguration }],
      ['CreatePlaybackRestrictionPolicy', {}],
      ['ImportPlaybackKeyPair', { publicKeyMaterial }],
    ];
    const made = sim.made();
    for (const [operation, input] of makers) {
      const refused = await call(operation, { ...input, tags: { 'aws:cost': 'x' } });
      expect([operation, refused.status, refused.type]).toEqual([operation, 400, 'ValidationException']);
    }
    expect(sim.made()).toEqual(made);
    for (const [operation, input] of makers)
      expect((await call(operation, { ...input, tags: { cost: 'aws:' } })).status).toBe(200);
  });
});

describe('what a channel names for its viewers', () => {
  const policyOf = async () => {
    const { json } = await call('CreatePlaybackRestrictionPolicy', { allowedCountries: ['DE'] });
    return Object(json).playbackRestrictionPolicy.arn as string;
  };

  it('must exist, and cannot be deleted while it is used', async () => {
    const arn = await policyOf();
    const absent = { playbackRestrictionPolicyArn: `${arn}x` };
    expect(await call('CreateChannel', absent)).toMatchObject({ status: 404, type: 'ResourceNotFoundException' });
    expect((await call('CreateChannel', { playbackRestrictionPolicyArn: arn })).status).toBe(200);
    expect(await call('DeletePlaybackRestrictionPolicy', { arn })).toMatchObject({
      status: 409,
      type: 'ConflictException',
    });
  });

  it('is a key of P-384, three at most', async () => {
    const pem = (namedCurve: string) =>
      generateKeyPairSync('ec', { namedCurve }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const imported = (namedCurve: string) => call('ImportPlaybackKeyPair', { publicKeyMaterial: pem(namedCurve) });
    expect(await imported('P-256')).toMatchObject({ status: 400, type: 'ValidationException' });
    for (let pair = 0; pair < 3; pair += 1) expect((await imported('P-384')).status).toBe(200);
    expect(await imported('P-384')).toMatchObject({ status: 402, type: 'ServiceQuotaExceededException' });
  });
});

describe('a signed URL of S3', () => {
  const urlOf = async (change: { secretAccessKey?: string; signingDate?: Date } = {}) => {
    const { s3Endpoint, region, accessKeyId = '', secretAccessKey = '', recordingBucket } = sim.client;
    const credentials = { accessKeyId, secretAccessKey: change.secretAccessKey ?? secretAccessKey };
    const s3 = new S3Client({ endpoint: s3Endpoint, region, credentials, forcePathStyle: true });
    const command = new GetObjectCommand({ Bucket: recordingBucket, Key: 'ivs/v1/show.m3u8' });
    return getSignedUrl(s3, command, { expiresIn: 60, ...change });
  };
  const codeOf = async (url: string) => {
    const text = await (await fetch(url)).text();
    return /<Code>(\w+)<\/Code>/.exec(text)?.[1];
  };

  it('is taken until it expires', async () => {
    expect(await codeOf(await urlOf())).toBe('NoSuchKey');
    expect(await codeOf(await urlOf({ signingDate: new Date(Date.now() - 61_000) }))).toBe('AccessDenied');
  });

  it('is not taken when it was signed with another key, or changed', async () => {
    expect(await codeOf(await urlOf({ secretAccessKey: 'another' }))).toBe('SignatureDoesNotMatch');
    const url = await urlOf();
    expect(await codeOf(url.replace('show.m3u8', 'other.m3u8'))).toBe('SignatureDoesNotMatch');
    expect(await codeOf(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000'))).toBe('SignatureDoesNotMatch');
  });
});
