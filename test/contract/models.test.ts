import { generateKeyPairSync } from 'node:crypto';
import * as ivs from '@aws-sdk/client-ivs';
import { afterEach, describe, expect, it } from 'vitest';
import { awsIvsSimulator } from '../../simulators/aws-ivs/index.ts';
import { startAzureMediaServices } from '../../simulators/azure-media-services/index.ts';
import { createKit } from '../../simulators/kit/kit.ts';
import type { Exchange, SimResponse } from '../../simulators/kit/types.ts';
import { readOnlyPaths, specs } from './models/azure-media-services.ts';
import { oracles } from './models/oracles.ts';
import { outputAtOnce } from './recorded/azure-live-output.ts';
import { defaultEndpoint } from './recorded/azure-stored.ts';
import type { Recording } from './recorded/recording.ts';
import { type ReplayTarget, replay } from './recorded/replay.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A kit whose exchanges are judged, and what was found wrong. */
function judged() {
  const found: string[] = [];
  const operations = new Set<string>();
  const kit = createKit({
    watch: (exchange) => {
      operations.add(exchange.operation);
      found.push(...(oracles[exchange.vendor]?.(exchange) ?? []));
    },
  });
  return { kit, found, operations };
}

describe("Azure's mappers and operation specs", () => {
  it('are all there', () => {
    for (const operation of ['LiveEvents_Create', 'LiveEvents_List', 'LiveOutputs_Delete', 'Assets_CreateOrUpdate']) {
      expect([...specs.keys()]).toContain(operation);
    }
  });

  it('accept what was recorded, as the simulator answers it', async () => {
    const { kit, found, operations } = judged();
    for (const recording of [outputAtOnce, defaultEndpoint] satisfies Recording[]) {
      const simulator = await startAzureMediaServices(kit, {}, { location: recording.location });
      closers.push(() => simulator.close());
      expect(await replay(recording, simulator.client as unknown as ReplayTarget)).toEqual([]);
    }
    expect(found).toEqual([]);
    expect(operations).toContain('LiveOutputs_List');
  });

  it.each([
    ['LiveEvent', '/liveEvents/show', { location: 'westeurope', properties: { input: { streamingProtocol: 'RTMP' } } }],
    ['Asset', '/assets/tape', { properties: {} }],
  ])('say what of a %s a client cannot set', async (className, path, body) => {
    const simulator = await startAzureMediaServices(createKit(), { slowness: 0 });
    closers.push(() => simulator.close());
    const { client } = simulator;
    const base = `${client.endpoint}/subscriptions/${client.subscriptionId}/resourceGroups/${client.resourceGroup}/providers/Microsoft.Media/mediaServices/${client.accountName}`;
    const headers = { authorization: `Bearer ${client.token}` };
    const url = `${base}${path}?api-version=2022-08-01`;
    const paths = readOnlyPaths(className);
    expect(paths).toContain('properties.created');
    const given: Record<string, unknown> = structuredClone(body);
    for (const one of paths) put(given, one.split('.'), 'set by the client');
    await fetch(url, { method: 'PUT', headers, body: JSON.stringify(given) });
    expect(await (await fetch(url, { headers })).text()).not.toContain('set by the client');
  });
});

function put(target: Record<string, unknown>, [name = '', ...rest]: string[], value: string): void {
  if (rest.length === 0) target[name] = value;
  else {
    const inner = { ...Object(target[name]) };
    put(inner, rest, value);
    target[name] = inner;
  }
}

describe("the schemas of Amazon IVS's SDK", () => {
  it('have every member that the simulator answers with', async () => {
    const { kit, found, operations } = judged();
    const { client, close } = await awsIvsSimulator.start(kit, { slowness: 0 });
    closers.push(close);
    const credentials = { accessKeyId: client.accessKeyId ?? '', secretAccessKey: client.secretAccessKey ?? '' };
    const sdk = new ivs.IvsClient({ endpoint: client.endpoint, region: client.region, credentials, maxAttempts: 1 });
    await everyIvsCall(sdk, client.recordingBucket ?? '');
    expect(found).toEqual([]);
    expect(operations.size).toBe(32);
  });
});

async function everyIvsCall(sdk: ivs.IvsClient, bucketName: string): Promise<void> {
  const refused = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      () => undefined,
    );
  const { recordingConfiguration } = await sdk.send(
    new ivs.CreateRecordingConfigurationCommand({ destinationConfiguration: { s3: { bucketName } }, name: 'tape' }),
  );
  const recording = recordingConfiguration?.arn;
  await everyPlaybackCall(sdk);
  const created = await sdk.send(new ivs.CreateChannelCommand({ name: 'show', tags: { a: 'b' } }));
  const arn = created.channel?.arn ?? '';
  const key = created.streamKey?.arn ?? '';
  await sdk.send(new ivs.UpdateChannelCommand({ arn, recordingConfigurationArn: recording }));
  await sdk.send(new ivs.GetChannelCommand({ arn }));
  await sdk.send(new ivs.BatchGetChannelCommand({ arns: [arn, `${arn}x`] }));
  await sdk.send(new ivs.ListChannelsCommand({ maxResults: 1 }));
  await sdk.send(new ivs.GetStreamKeyCommand({ arn: key }));
  await sdk.send(new ivs.BatchGetStreamKeyCommand({ arns: [key] }));
  await sdk.send(new ivs.ListStreamKeysCommand({ channelArn: arn }));
  await refused(sdk.send(new ivs.CreateStreamKeyCommand({ channelArn: arn })));
  await sdk.send(new ivs.DeleteStreamKeyCommand({ arn: key }));
  await sdk.send(new ivs.CreateStreamKeyCommand({ channelArn: arn }));
  await refused(sdk.send(new ivs.GetStreamCommand({ channelArn: arn })));
  await refused(sdk.send(new ivs.StopStreamCommand({ channelArn: arn })));
  await refused(sdk.send(new ivs.GetStreamSessionCommand({ channelArn: arn })));
  await sdk.send(new ivs.ListStreamsCommand({}));
  await sdk.send(new ivs.ListStreamSessionsCommand({ channelArn: arn }));
  await sdk.send(new ivs.GetRecordingConfigurationCommand({ arn: recording }));
  await sdk.send(new ivs.ListRecordingConfigurationsCommand({}));
  await refused(sdk.send(new ivs.DeleteRecordingConfigurationCommand({ arn: recording })));
  await sdk.send(new ivs.TagResourceCommand({ resourceArn: arn, tags: { c: 'd' } }));
  await sdk.send(new ivs.ListTagsForResourceCommand({ resourceArn: arn }));
  await sdk.send(new ivs.UntagResourceCommand({ resourceArn: arn, tagKeys: ['c'] }));
  await sdk.send(new ivs.DeleteChannelCommand({ arn }));
  await sdk.send(new ivs.DeleteRecordingConfigurationCommand({ arn: recording }));
  await refused(sdk.send(new ivs.GetChannelCommand({ arn })));
}

async function everyPlaybackCall(sdk: ivs.IvsClient): Promise<void> {
  const { playbackRestrictionPolicy: policy } = await sdk.send(
    new ivs.CreatePlaybackRestrictionPolicyCommand({ allowedCountries: ['DE'], name: 'here' }),
  );
  await sdk.send(
    new ivs.UpdatePlaybackRestrictionPolicyCommand({ arn: policy?.arn, allowedOrigins: ['https://a.example'] }),
  );
  await sdk.send(new ivs.GetPlaybackRestrictionPolicyCommand({ arn: policy?.arn }));
  await sdk.send(new ivs.ListPlaybackRestrictionPoliciesCommand({}));
  await sdk.send(new ivs.DeletePlaybackRestrictionPolicyCommand({ arn: policy?.arn }));
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const publicKeyMaterial = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const { keyPair } = await sdk.send(new ivs.ImportPlaybackKeyPairCommand({ publicKeyMaterial }));
  await sdk.send(new ivs.GetPlaybackKeyPairCommand({ arn: keyPair?.arn }));
  await sdk.send(new ivs.ListPlaybackKeyPairsCommand({}));
  await sdk.send(new ivs.DeletePlaybackKeyPairCommand({ arn: keyPair?.arn }));
}

describe('an oracle', () => {
  const json = (status: number, body: object, headers: Record<string, string> = {}): SimResponse => ({
    status,
    headers,
    body: JSON.stringify(body),
  });
  const xml = (text: string): SimResponse => ({ status: 200, body: `<?xml version="1.0"?>\n${text}` });
  const output = { name: 'out', properties: { assetName: 'a', archiveWindowLength: 'PT5M' } };
  const volcengine = (result: object) =>
    json(200, {
      ResponseMetadata: { Action: 'a', Region: 'r', RequestId: 'i', Service: 'live', Version: 'v' },
      Result: result,
    });

  it.each<[string, string, string, SimResponse, string]>([
    [
      'a foreign member',
      'azure-media-services',
      'LiveOutputs_Get',
      json(200, { ...output, etag: 'x' }),
      '.etag is not in the model',
    ],
    [
      'one inside',
      'azure-media-services',
      'LiveOutputs_Get',
      json(200, { properties: { ...output.properties, x: 1 } }),
      '.properties.x is not',
    ],
    [
      'a wrong type',
      'azure-media-services',
      'LiveOutputs_Get',
      json(200, { properties: { ...output.properties, outputSnapTime: '0' } }),
      'the model says a number',
    ],
    [
      'a wrong duration',
      'azure-media-services',
      'LiveOutputs_Get',
      json(200, { properties: { ...output.properties, archiveWindowLength: '5' } }),
      'the model says a duration',
    ],
    ['a status', 'azure-media-services', 'LiveEvents_Get', json(201, {}), 'answers 201'],
    [
      'a foreign member',
      'aws-ivs',
      'GetStreamKey',
      json(200, { streamKey: { arn: 'a', seq: 1 } }),
      '.streamKey.seq is not',
    ],
    ['a wrong type', 'aws-ivs', 'GetChannel', json(200, { channel: { authorized: 'no' } }), 'the model says a boolean'],
    ['a value of no enumeration', 'aws-ivs', 'GetChannel', json(200, { channel: { type: 'GOLD' } }), 'BASIC'],
    ['a status', 'aws-ivs', 'DeleteChannel', json(200, {}), 'the model says 204'],
    [
      'an error that is none',
      'aws-ivs',
      'GetChannel',
      json(404, {}, { 'x-amzn-errortype': 'Gone' }),
      'no error of the model',
    ],
    [
      "an error's status",
      'aws-ivs',
      'GetChannel',
      json(400, {}, { 'x-amzn-errortype': 'ConflictException' }),
      'the model says 409',
    ],
    [
      "an error's member",
      'aws-ivs',
      'GetChannel',
      json(409, { message: 'x' }, { 'x-amzn-errortype': 'ConflictException' }),
      '.message is not',
    ],
    [
      'a foreign element',
      'alibaba-oss',
      'GetLiveChannelStat',
      xml('<LiveChannelStat><Kind>x</Kind></LiveChannelStat>'),
      '.Kind is not',
    ],
    [
      'milliseconds',
      'alibaba-oss',
      'GetLiveChannelStat',
      xml('<LiveChannelStat><ConnectedTime>2026-01-01T00:00:00.123Z</ConnectedTime></LiveChannelStat>'),
      'whole seconds',
    ],
    ['another root', 'alibaba-oss', 'GetLiveChannelStat', xml('<Stat/>'), 'the root is not'],
    [
      'a foreign member',
      'volcengine-live',
      'CreateRecordPresetV2',
      volcengine({ PresetName: 'p', Id: 1 }),
      '.Id is not',
    ],
    ['a missing member', 'volcengine-live', 'CreateRecordPresetV2', volcengine({}), '.PresetName is missing'],
    [
      'the wait of a preset',
      'volcengine-live',
      'ListVhostRecordPresetV2',
      volcengine({
        PresetList: [
          {
            App: '',
            Stream: '',
            Vhost: 'v',
            SlicePresetV2: { RecordPresetConfig: { HlsParam: { ContinueDuration: 1 } } },
          },
        ],
      }),
      '.ContinueDuration is not',
    ],
    ['a Result where there is none', 'volcengine-live', 'KillStream', volcengine({}), '.Result is not'],
  ])('finds %s of %s', (_what, vendor, operation, response, complaint) => {
    const exchange = { vendor, operation, response } as Exchange;
    expect(oracles[vendor]?.(exchange).join('\n')).toContain(complaint);
  });
});
