import { Service } from '@volcengine/openapi';
import { describe, expect, it } from 'vitest';
import { startEncoder } from '../../../../simulators/kit/encoder.ts';
import { volcengineLiveSimulatorWith } from '../../../../simulators/volcengine-live/index.ts';
import { untilPasses } from '../../../support/until.ts';
import type { Tampering } from '../../../support/volcengine-live-client.ts';
import { page, simulatorOfEachTest } from './volcengine-simulator-harness.ts';

const { begin, call, encode, kit, list, pushUrl, sim, stateOf, stream } = simulatorOfEachTest();

describe('signatures', () => {
  it('accepts what is signed, with few headers or many', async () => {
    expect(await call('ListVhostRecordPresetV2', { Vhost: sim().client.vhost })).toMatchObject({ status: 200 });
    const many = { alsoSigned: ['host', 'content-type'] };
    expect((await call('ListVhostRecordPresetV2', { Vhost: sim().client.vhost }, 'POST', many)).code).toBeUndefined();
    expect(
      (await call('DescribeLiveStreamInfoByPage', { ...page, Vhost: sim().client.vhost }, 'GET', many)).code,
    ).toBeUndefined();
  });

  const hour = 3_600_000;
  const wrong: [what: string, tampering: Tampering, status: number, code: string, codeN: number][] = [
    ['a wrong secret', { secretKey: 'wrong' }, 401, 'SignatureDoesNotMatch', 100010],
    ['an unknown key', { accessKeyId: 'AKLTx' }, 401, 'InvalidAccessKey', 100009],
    ['another region', { region: 'cn-south-1' }, 401, 'SignatureDoesNotMatch', 100010],
    ['another service', { service: 'vod' }, 401, 'SignatureDoesNotMatch', 100010],
    ['a body that was changed', { body: '{"Vhost":"x"}' }, 401, 'SignatureDoesNotMatch', 100010],
    [
      'a header that was changed',
      { alsoSigned: ['content-type'], headers: { 'content-type': 'text/plain' } },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    ['an old request', { date: new Date(Date.now() - hour) }, 403, 'InvalidTimestamp', 100006],
    [
      'a request older than it says it may be',
      { date: new Date(Date.now() - 2 * 60_000), query: { 'X-Expires': '60' } },
      403,
      'InvalidTimestamp',
      100006,
    ],
    ['a request dated ahead', { date: new Date(Date.now() + hour) }, 403, 'InvalidTimestamp', 100006],
    ['no authorization', { headers: { authorization: undefined } }, 401, 'MissingAuthenticationToken', 100003],
    [
      'half an authorization',
      { headers: { authorization: 'HMAC-SHA256 Credential=x' } },
      401,
      'MissingSignature',
      100005,
    ],
    ['no date', { headers: { 'x-date': undefined } }, 400, 'MissingRequestInfo', 100004],
  ];
  it.each(wrong)('refuses %s', async (_, tampering, status, code, codeN) => {
    expect(await call('ForbidStream', stream(), 'POST', tampering)).toMatchObject({ status, code, codeN });
    expect(await stateOf()).toBe('offline');
  });

  it('understands queries that clients escape differently', async () => {
    const { accessKeyId, secretKey, host } = sim().client;
    const service = new Service({ serviceName: 'live', protocol: 'http:', host, accessKeyId, secretKey });
    const api = service.createAPI('DescribeLiveStreamState', { Version: '2023-01-01', method: 'GET' });
    const answer = await api({ Vhost: sim().client.vhost, App: 'live', Stream: "a b*'()!~" });
    expect(answer.ResponseMetadata.Error?.Code).toBe('InvalidParam.Format');
  });
});

describe('the wire', () => {
  it('refuses operations and versions that it does not have', async () => {
    expect(await call('NoSuchAction')).toMatchObject({ status: 404, code: 'InvalidActionOrVersion' });
    expect(await call('KillStream', stream(), 'POST', { version: '2020-08-01' })).toMatchObject({ status: 404 });
  });

  it('says what is wrong with parameters in the codes of the vendor', async () => {
    expect(await call('KillStream', { Vhost: sim().client.vhost })).toMatchObject({
      status: 400,
      code: 'MissingParameter',
    });
    expect(await call('KillStream', { ...stream(), Stream: 1 })).toMatchObject({ code: 'InvalidParam.BindError' });
    expect(await call('KillStream', { ...stream(), Stream: 'a/b' })).toMatchObject({ code: 'InvalidParam.Format' });
    expect(await call('KillStream', { ...stream(), Vhost: 'other' })).toMatchObject({
      status: 403,
      code: 'RequestForbidden',
    });
    const both = { ...stream(), Domain: sim().client.pushDomain };
    expect(await call('ForbidStream', both)).toMatchObject({ code: 'InvalidParam' });
    const tooLong = new Date(Date.now() + 91 * 24 * 3_600_000).toISOString();
    expect(await call('ForbidStream', { ...stream(), EndTime: tooLong })).toMatchObject({
      code: 'InvalidParam.OutOfRange',
    });
    expect(await call('DescribeLiveStreamInfoByPage', { PageNum: 1, PageSize: 1001 }, 'GET')).toMatchObject({
      code: 'InvalidParam.OutOfRange',
    });
    expect(await call('DescribeForbiddenStreamInfoByPage', { ...page, Stream: 'x' }, 'GET')).toMatchObject({
      code: 'InvalidParam',
    });
  });

  it('gives each answer a request id of its own', async () => {
    const answers = [await call('KillStream', stream()), await call('KillStream', stream())];
    expect(new Set(answers.map(({ requestId }) => requestId)).size).toBe(2);
  });

  it('lets ten calls a second through per operation when the limit is on', async () => {
    await begin(0, volcengineLiveSimulatorWith({ callsPerSecond: 10 }));
    const answers = await Promise.all(Array.from({ length: 12 }, () => call('KillStream', stream())));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
    expect(answers.find(({ status }) => status === 429)).toMatchObject({ code: 'FlowLimitExceeded' });
    expect(await call('ResumeStream', stream())).toMatchObject({ status: 200 });
  });

  it('shows an outage with status 200 on changes and as a page of HTML on reads', async () => {
    kit().faults.add('volcengine-live', { operation: 'ForbidStream', kind: 'unavailable' });
    expect(await call('ForbidStream', stream())).toMatchObject({ status: 200, code: 'CommonErr' });
    expect(await stateOf()).toBe('offline');
    kit().faults.add('volcengine-live', { operation: 'DescribeLiveStreamState', kind: 'unavailable' });
    await expect(stateOf()).rejects.toThrow(SyntaxError);
  });

  it('applies a change whose answer it loses', async () => {
    kit().faults.add('volcengine-live', { operation: 'ForbidStream', kind: 'lose-response' });
    await expect(call('ForbidStream', stream())).rejects.toThrow();
    expect(await stateOf()).toBe('forbidden');
  });

  it('pages through lists and finds streams by parts of their names', async () => {
    for (const name of ['a-1', 'a-2', 'a-3', 'b-1']) await call('ForbidStream', { ...stream(), Stream: name });
    const first = await call('DescribeForbiddenStreamInfoByPage', { PageNum: 1, PageSize: 3 }, 'GET');
    expect(first.result.RoughCount).toBe(4);
    const names = (all: Record<string, unknown>[]) => all.map(({ Stream }) => Stream).sort();
    const second = await list('DescribeForbiddenStreamInfoByPage', { PageNum: 2, PageSize: 3 });
    expect(names([...(first.result.StreamInfoList as Record<string, unknown>[]), ...second])).toEqual([
      'a-1',
      'a-2',
      'a-3',
      'b-1',
    ]);
    const fuzzy = { App: 'live', Stream: 'a-', QueryType: 'fuzzy' };
    expect(names(await list('DescribeForbiddenStreamInfoByPage', fuzzy))).toEqual(['a-1', 'a-2', 'a-3']);
    expect(await list('DescribeForbiddenStreamInfoByPage', { ...fuzzy, QueryType: 'strict' })).toEqual([]);
  });
});

describe('streams', () => {
  it('accepts a push with a signed URL only, and only until it expires', async () => {
    const url = await pushUrl();
    const refused = async (wrong: string, why: RegExp) => expect(startEncoder({ url: wrong })).rejects.toThrow(why);
    await refused(url.split('?')[0] ?? '', /not signed/);
    await refused(url.replace(/volcSecret=./, 'volcSecret=x'), /signature/);
    await refused(url.replace('/show?', '/other?'), /signature/);
    await refused(await pushUrl('show', { ExpiredTime: '2020-01-01T00:00:00Z' }), /expired/);
    await encode(url);
    expect(await stateOf()).toBe('online');
    await refused(url, /online already/);
    expect(
      kit()
        .log.entries({ operation: 'rtmp:publish' })
        .map(({ note }) => note),
    ).toHaveLength(5);
  });

  it('remembers when a stream was online', async () => {
    const encoder = await encode(await pushUrl());
    const [live] = await list('DescribeLiveStreamInfoByPage', {
      Vhost: sim().client.vhost,
      App: 'live',
      Stream: 'show',
    });
    expect(live).toMatchObject({ Stream: 'show', SourceType: 'push', Domain: sim().client.pushDomain });
    expect(sim().resources()).toContainEqual({
      vendor: 'volcengine-live',
      kind: 'stream',
      name: 'show',
      billed: true,
      state: 'online',
    });
    await encoder.stop();
    await untilPasses(async () => expect(await stateOf()).toBe('offline'));
    const range = {
      EndTimeFrom: new Date(Date.now() - 60_000).toISOString(),
      EndTimeTo: new Date(Date.now() + 1000).toISOString(),
    };
    expect(await list('DescribeClosedStreamInfoByPage', range)).toMatchObject([{ Stream: 'show', SourceType: 'push' }]);
    expect(await list('DescribeClosedStreamInfoByPage', { ...range, SourceType: 'relay' })).toEqual([]);
    expect(
      sim()
        .resources()
        .filter(({ kind }) => kind === 'stream'),
    ).toEqual([]);
  });

  it('keeps a forbidden stream out, does not cut it, and lets it in again when resumed', async () => {
    const url = await pushUrl();
    const encoder = await encode(url);
    await call('ForbidStream', stream());
    expect(await stateOf()).toBe('forbidden');
    expect(await list('DescribeLiveStreamInfoByPage')).toHaveLength(1);
    await call('KillStream', stream());
    expect((await encoder.done).reason).toBe('closed');
    await expect(startEncoder({ url })).rejects.toThrow(/forbidden/);
    await call('ResumeStream', stream());
    await encode(url);
    await call('KillStream', stream());
    await encode(url);
    expect(sim().made()).toMatchObject({ stream: 1, session: 3 });
  });

  it('lets a ban end by itself', async () => {
    await call('ForbidStream', { ...stream(), EndTime: new Date(Date.now() + 300).toISOString() });
    expect(await stateOf()).toBe('forbidden');
    await untilPasses(async () => expect(await stateOf()).toBe('offline'));
  });
});

describe('relays', () => {
  const relay = () => ({
    Domain: sim().client.pullDomain,
    App: 'live',
    Stream: 'show',
    SrcAddrS: ['rtmp://127.0.0.1:9/live/x'],
  });

  it('lists relays without their task ids and refuses a second one', async () => {
    expect((await call('CreateRelaySourceV4', relay())).result.TaskId).toEqual(expect.any(String));
    expect(await call('CreateRelaySourceV4', relay())).toMatchObject({ status: 400, code: 'InvalidParam' });
    const { result } = await call('ListRelaySourceV4', { Domain: sim().client.pullDomain });
    expect(result).toEqual({
      List: [{ ...relay(), StartTime: 0, EndTime: 0 }],
      Pagination: { PageCur: 1, PageSize: 20, PageTotal: 1, TotalCount: 1 },
    });
    expect(await call('DeleteRelaySourceV4', relay())).toMatchObject({ status: 200 });
    expect(await call('DeleteRelaySourceV4', relay())).toMatchObject({ code: 'InvalidParam' });
    expect(sim().made()['relay-v4']).toBe(1);
  });

  it('wants both times or neither, a week apart at most, and one to ten sources', async () => {
    const create = (more: object) => call('CreateRelaySourceV4', { ...relay(), ...more });
    expect(await create({ StartTime: 1000 })).toMatchObject({ code: 'InvalidParam' });
    expect(await create({ StartTime: 1000, EndTime: 1000 + 604_801 })).toMatchObject({
      code: 'InvalidParam.OutOfRange',
    });
    expect(await create({ SrcAddrS: [] })).toMatchObject({ code: 'InvalidParam.OutOfRange' });
    expect(await create({ SrcAddrS: ['gopher://x'] })).toMatchObject({ code: 'InvalidParam.Format' });
    expect(await create({ App: 'a'.repeat(31) })).toMatchObject({ code: 'InvalidParam.Format' });
    expect(await create({ StartTime: '1683518058', EndTime: '1683777258' })).toMatchObject({ status: 200 });
  });

  it('adds or replaces v3 groups one by one', async () => {
    const put = (Group: string, RelaySourceDomain: string) =>
      call('UpdateRelaySourceV3', {
        Vhost: sim().client.vhost,
        App: 'live',
        GroupDetails: [{ Group, Servers: [{ RelaySourceDomain, RelaySourceProtocol: 'rtmp' }] }],
      });
    await put('one', 'a.example');
    await put('two', 'b.example');
    await put('one', 'c.example');
    const { result } = await call('DescribeRelaySourceV3', { Vhost: sim().client.vhost });
    const server = (RelaySourceDomain: string) => ({
      RelaySourceDomain,
      RelaySourceProtocol: 'rtmp',
      RelaySourceParams: {},
    });
    const details = [
      { Group: 'one', Servers: [server('c.example')] },
      { Group: 'two', Servers: [server('b.example')] },
    ];
    expect(result.RelaySourceConfigList).toEqual([{ Vhost: sim().client.vhost, App: 'live', GroupDetails: details }]);
    await call('DeleteRelaySourceV3', { Vhost: sim().client.vhost, App: 'live', Group: 'one' });
    expect(
      sim()
        .resources()
        .filter(({ kind }) => kind === 'relay-v3'),
    ).toMatchObject([{ name: 'two' }]);
  });
});

describe('what a reader of the SDK samples is sent to', () => {
  it('is the list of domains with their vhost', async () => {
    const { result } = await call('ListDomainDetail', page);
    expect(result).toMatchObject({
      Total: 2,
      DomainList: [
        { Domain: sim().client.pushDomain, Type: 'push', Vhost: sim().client.vhost },
        { Domain: sim().client.pullDomain, Type: 'pull-flv', PushDomain: sim().client.pushDomain },
      ],
    });
    const pull = await call('ListDomainDetail', { ...page, DomainTypeList: ['pull-flv'] });
    expect(pull.result).toMatchObject({ Total: 1 });
    expect(await call('ListDomainDetail', {})).toMatchObject({ code: 'MissingParameter' });
  });

  it('is the callbacks as they are configured', async () => {
    const { Vhost } = stream();
    expect((await call('DescribeCallback', { Vhost })).result).toEqual({ CallbackList: [] });
    const CallbackDetailList = [{ CallbackType: 'HTTP', URL: 'http://127.0.0.1:9/callback' }];
    const update = {
      Vhost,
      App: 'live',
      MessageType: 'push',
      CallbackDetailList,
      AuthEnable: 1,
      AuthKeyPrimary: 'key',
    };
    await call('UpdateCallback', update);
    const { result } = await call('DescribeCallback', { Vhost, MessageType: 'push' });
    expect(result.CallbackList).toMatchObject([
      { MessageType: 'push', App: 'live', AuthEnable: true, AuthKeyPrimary: 'key', CallbackDetailList },
    ]);
    expect((await call('DescribeCallback', { Vhost, MessageType: 'record' })).result).toEqual({ CallbackList: [] });
  });

  it('is never the reconnect wait of a preset', async () => {
    const { result } = await call('ListVhostRecordPresetV2', { Vhost: sim().client.vhost });
    expect(JSON.stringify(result)).toContain('TOSParam');
    expect(JSON.stringify(result)).not.toContain('ContinueDuration');
  });

  it.each(['UpdateRelaySourceV3', 'DescribeRelaySourceV3', 'DeleteRelaySourceV3'])(
    'refuses an App of %s that cannot be one',
    async (action) => {
      const Servers = [{ RelaySourceDomain: '127.0.0.1:9', RelaySourceProtocol: 'rtmp' }];
      const body = { Vhost: sim().client.vhost, GroupDetails: [{ Group: 'g', Servers }] };
      for (const App of ['a b', 'a/b', 'ä', 'a'.repeat(31)]) {
        expect(await call(action, { ...body, App })).toMatchObject({ code: 'InvalidParam.Format' });
      }
    },
  );

  it.each(['a', 'a'.repeat(30), 'A-z_0.9'])('takes the App %s for a relay', async (App) => {
    const { Vhost } = stream();
    const Servers = [{ RelaySourceDomain: '127.0.0.1:9', RelaySourceProtocol: 'rtmp' }];
    expect((await call('UpdateRelaySourceV3', { Vhost, App, GroupDetails: [{ Group: 'g', Servers }] })).status).toBe(
      200,
    );
    expect((await call('DescribeRelaySourceV3', { Vhost, App })).result.RelaySourceConfigList).toMatchObject([{ App }]);
    expect((await call('DeleteRelaySourceV3', { Vhost, App })).status).toBe(200);
  });

  /** Names of a channel stand in these, each with what else it must have. */
  const named = (): [action: string, more: object, method?: 'GET'][] => {
    const { Vhost } = stream();
    const { pullDomain } = sim().client;
    const HlsParam = { Enable: true, TOSParam: { Enable: true, Bucket: 'b' } };
    const CallbackDetailList = [{ CallbackType: 'HTTP', URL: 'http://127.0.0.1:9/callback' }];
    const span = { StartTimeUTC: '2026-12-01T18:00:00Z', EndTimeUTC: '2026-12-01T18:01:00Z' };
    return [
      ['ForbidStream', { Vhost }],
      ['ResumeStream', { Vhost }],
      ['KillStream', { Vhost }],
      ['DescribeLiveStreamState', { Vhost }, 'GET'],
      ['GeneratePushURL', { Vhost }],
      ['GeneratePlayURL', { Domain: pullDomain }],
      ['CreateRecordPresetV2', { Vhost, RecordPresetConfig: { HlsParam, OriginRecord: 1 } }],
      ['CreateLiveStreamRecordIndexFiles', { Domain: pullDomain, ...span }],
      ['CreateRelaySourceV4', { Domain: pullDomain, SrcAddrS: ['rtmp://127.0.0.1:9/live/x'] }],
      ['DeleteRelaySourceV4', { Domain: pullDomain }],
      ['UpdateCallback', { Vhost, MessageType: 'push', CallbackDetailList }],
      ['DescribeCallback', { Vhost }],
    ];
  };

  it('refuses an App, and a Stream, that cannot be one, wherever they are given', async () => {
    for (const [action, more, method] of named()) {
      const withNames = (names: object) => call(action, { ...more, App: 'live', Stream: 'show', ...names }, method);
      for (const App of ['a b', 'a/b', 'a'.repeat(31)])
        expect([action, (await withNames({ App })).code]).toEqual([action, 'InvalidParam.Format']);
      if (action.endsWith('Callback')) continue;
      for (const Stream of ['a b', 'a/b', 'a'.repeat(101)])
        expect([action, (await withNames({ Stream })).code]).toEqual([action, 'InvalidParam.Format']);
    }
  });
});
