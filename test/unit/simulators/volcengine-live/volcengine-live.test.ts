import { Service } from '@volcengine/openapi';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Encoder, startEncoder } from '../../../../simulators/kit/encoder.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { RunningSimulator, SimulatorKit, SimulatorModule } from '../../../../simulators/kit/types.ts';
import { volcengineLiveSimulator, volcengineLiveSimulatorWith } from '../../../../simulators/volcengine-live/index.ts';
import { type Call, clientOf, type Tampering } from '../../../support/volcengine-live-client.ts';

let kit: SimulatorKit;
let sim: RunningSimulator;
let call: Call;
const encoders: Encoder[] = [];

async function begin(slowness = 0, module: SimulatorModule = volcengineLiveSimulator): Promise<void> {
  await sim?.close();
  kit = createKit();
  sim = await module.start(kit, { slowness });
  call = clientOf(sim.client);
}

beforeEach(() => begin());

afterEach(async () => {
  await Promise.all(encoders.splice(0).map((encoder) => encoder.stop()));
  await sim.close();
});

const stream = () => ({ Vhost: sim.client.vhost, App: 'live', Stream: 'show' });
const page = { PageNum: 1, PageSize: 10 };

async function pushUrl(Stream = 'show', more: Record<string, unknown> = {}): Promise<string> {
  const { result } = await call('GeneratePushURL', { ...stream(), Stream, Domain: sim.client.pushDomain, ...more });
  return String((result.PushURLList as string[])[0]);
}

async function encode(url: string, seconds?: number): Promise<Encoder> {
  const encoder = await startEncoder({ url, ...(seconds && { seconds }) });
  encoders.push(encoder);
  return encoder;
}

const stateOf = async (Stream = 'show') =>
  (await call('DescribeLiveStreamState', { ...stream(), Stream }, 'GET')).result.stream_state;
const list = async (action: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>[]> =>
  (await call(action, { ...page, ...params }, 'GET')).result.StreamInfoList as Record<string, unknown>[];

describe('signatures', () => {
  it('accepts what is signed, with few headers or many', async () => {
    expect(await call('ListVhostRecordPresetV2', { Vhost: sim.client.vhost })).toMatchObject({ status: 200 });
    const many = { alsoSigned: ['host', 'content-type'] };
    expect((await call('ListVhostRecordPresetV2', { Vhost: sim.client.vhost }, 'POST', many)).code).toBeUndefined();
    expect(
      (await call('DescribeLiveStreamInfoByPage', { ...page, Vhost: sim.client.vhost }, 'GET', many)).code,
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
    const { accessKeyId, secretKey, host } = sim.client;
    const service = new Service({ serviceName: 'live', protocol: 'http:', host, accessKeyId, secretKey });
    const api = service.createAPI('DescribeLiveStreamState', { Version: '2023-01-01', method: 'GET' });
    const answer = await api({ Vhost: sim.client.vhost, App: 'live', Stream: "a b*'()!~" });
    expect(answer.ResponseMetadata.Error?.Code).toBe('InvalidParam.Format');
  });
});

describe('the wire', () => {
  it('refuses operations and versions that it does not have', async () => {
    expect(await call('NoSuchAction')).toMatchObject({ status: 404, code: 'InvalidActionOrVersion' });
    expect(await call('KillStream', stream(), 'POST', { version: '2020-08-01' })).toMatchObject({ status: 404 });
  });

  it('says what is wrong with parameters in the codes of the vendor', async () => {
    expect(await call('KillStream', { Vhost: sim.client.vhost })).toMatchObject({
      status: 400,
      code: 'MissingParameter',
    });
    expect(await call('KillStream', { ...stream(), Stream: 1 })).toMatchObject({ code: 'InvalidParam.BindError' });
    expect(await call('KillStream', { ...stream(), Stream: 'a/b' })).toMatchObject({ code: 'InvalidParam.Format' });
    expect(await call('KillStream', { ...stream(), Vhost: 'other' })).toMatchObject({
      status: 403,
      code: 'RequestForbidden',
    });
    const both = { ...stream(), Domain: sim.client.pushDomain };
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
    expect(answers.find(({ status }) => status === 429)).toMatchObject({ code: 'FlowLimitExceeded', codeN: 100018 });
    expect(await call('ResumeStream', stream())).toMatchObject({ status: 200 });
  });

  it('shows an outage with status 200 on changes and as a page of HTML on reads', async () => {
    kit.faults.add('volcengine-live', { operation: 'ForbidStream', kind: 'unavailable' });
    expect(await call('ForbidStream', stream())).toMatchObject({ status: 200, code: 'CommonErr' });
    expect(await stateOf()).toBe('offline');
    kit.faults.add('volcengine-live', { operation: 'DescribeLiveStreamState', kind: 'unavailable' });
    await expect(stateOf()).rejects.toThrow(SyntaxError);
  });

  it('applies a change whose answer it loses', async () => {
    kit.faults.add('volcengine-live', { operation: 'ForbidStream', kind: 'lose-response' });
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
    expect(kit.log.entries({ operation: 'rtmp:publish' }).map(({ note }) => note)).toHaveLength(5);
  });

  it('remembers when a stream was online', async () => {
    const encoder = await encode(await pushUrl());
    const [live] = await list('DescribeLiveStreamInfoByPage', { Vhost: sim.client.vhost, App: 'live', Stream: 'show' });
    expect(live).toMatchObject({ Stream: 'show', SourceType: 'push', Domain: sim.client.pushDomain });
    expect(sim.resources()).toContainEqual({
      vendor: 'volcengine-live',
      kind: 'stream',
      name: 'show',
      billed: true,
      state: 'online',
    });
    await encoder.stop();
    await vi.waitFor(async () => expect(await stateOf()).toBe('offline'));
    const range = {
      EndTimeFrom: new Date(Date.now() - 60_000).toISOString(),
      EndTimeTo: new Date(Date.now() + 1000).toISOString(),
    };
    expect(await list('DescribeClosedStreamInfoByPage', range)).toMatchObject([{ Stream: 'show', SourceType: 'push' }]);
    expect(await list('DescribeClosedStreamInfoByPage', { ...range, SourceType: 'relay' })).toEqual([]);
    expect(sim.resources().filter(({ kind }) => kind === 'stream')).toEqual([]);
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
    expect(sim.made()).toMatchObject({ stream: 1, session: 3 });
  });

  it('lets a ban end by itself', async () => {
    await call('ForbidStream', { ...stream(), EndTime: new Date(Date.now() + 300).toISOString() });
    expect(await stateOf()).toBe('forbidden');
    await vi.waitFor(async () => expect(await stateOf()).toBe('offline'));
  });
});

describe('relays', () => {
  const relay = () => ({
    Domain: sim.client.pullDomain,
    App: 'live',
    Stream: 'show',
    SrcAddrS: ['rtmp://127.0.0.1:9/live/x'],
  });

  it('lists relays without their task ids and refuses a second one', async () => {
    expect((await call('CreateRelaySourceV4', relay())).result.TaskId).toEqual(expect.any(String));
    expect(await call('CreateRelaySourceV4', relay())).toMatchObject({ status: 400, code: 'InvalidParam' });
    const { result } = await call('ListRelaySourceV4', { Domain: sim.client.pullDomain });
    expect(result).toEqual({
      List: [{ ...relay(), StartTime: 0, EndTime: 0 }],
      Pagination: { PageCur: 1, PageSize: 20, PageTotal: 1, TotalCount: 1 },
    });
    expect(await call('DeleteRelaySourceV4', relay())).toMatchObject({ status: 200 });
    expect(await call('DeleteRelaySourceV4', relay())).toMatchObject({ code: 'InvalidParam' });
    expect(sim.made()['relay-v4']).toBe(1);
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
        Vhost: sim.client.vhost,
        App: 'live',
        GroupDetails: [{ Group, Servers: [{ RelaySourceDomain, RelaySourceProtocol: 'rtmp' }] }],
      });
    await put('one', 'a.example');
    await put('two', 'b.example');
    await put('one', 'c.example');
    const { result } = await call('DescribeRelaySourceV3', { Vhost: sim.client.vhost });
    const server = (RelaySourceDomain: string) => ({
      RelaySourceDomain,
      RelaySourceProtocol: 'rtmp',
      RelaySourceParams: {},
    });
    const details = [
      { Group: 'one', Servers: [server('c.example')] },
      { Group: 'two', Servers: [server('b.example')] },
    ];
    expect(result.RelaySourceConfigList).toEqual([{ Vhost: sim.client.vhost, App: 'live', GroupDetails: details }]);
    await call('DeleteRelaySourceV3', { Vhost: sim.client.vhost, App: 'live', Group: 'one' });
    expect(sim.resources().filter(({ kind }) => kind === 'relay-v3')).toMatchObject([{ name: 'two' }]);
  });
});

describe('recordings', () => {
  const history = async () => {
    const range = {
      DateFrom: new Date(Date.now() - 60_000).toISOString(),
      DateTo: new Date(Date.now() + 1000).toISOString(),
    };
    const { result } = await call('DescribeRecordTaskFileHistory', { ...range, ...page, ...stream() });
    return result.Data as Record<string, string>[];
  };
  const presetFor = (more: object = {}) => ({
    Vhost: sim.client.vhost,
    App: 'fresh',
    RecordPresetConfig: {
      HlsParam: { Enable: true, ContinueDuration: 0, TOSParam: { Enable: true, Bucket: 'b' } },
      OriginRecord: 1,
      ...more,
    },
  });

  it('lists a file once nothing came for the wait of the preset, and cuts playlists out of it', async () => {
    const encoder = await encode(await pushUrl(), 4.5);
    await encoder.done;
    await vi.waitFor(async () => expect(await history()).toHaveLength(1));
    const [file] = await history();
    expect(file).toMatchObject({ Format: 'hls', Bucket: sim.client.tosBucket, Stream: 'show' });
    const url = `http://${sim.client.pullDomain}/tos/${file?.Bucket}/${file?.Path}/${file?.FileName}`;
    const playlist = await fetch(url);
    expect(playlist.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
    const text = await playlist.text();
    const segments = text.match(/^[^#].*\.ts$/gm) ?? [];
    expect(segments.length).toBeGreaterThanOrEqual(2);
    const whole = await fetch(new URL(segments[0] ?? '', url));
    expect(whole.headers.get('content-type')).toBe('video/mp2t');

    const span = (from: number, to: number) => ({
      Domain: sim.client.pushDomain,
      App: 'live',
      Stream: 'show',
      StartTimeUTC: new Date(from).toISOString(),
      EndTimeUTC: new Date(to).toISOString(),
    });
    const began = Date.parse(file?.StartTimeUTC ?? '');
    const cut = await call('CreateLiveStreamRecordIndexFiles', {
      ...span(began, began + 1500),
      OutputObject: 'cuts/deep/one.m3u8',
    });
    const piece = await (await fetch(String(cut.result.RecordURL))).text();
    expect(piece.match(/\.ts$/gm)).toHaveLength(1);
    expect(piece).toContain('#EXT-X-ENDLIST');
    const target = new URL(/^[^#].*\.ts$/m.exec(piece)?.[0] ?? '', String(cut.result.RecordURL));
    expect((await fetch(target, { method: 'HEAD' })).status).toBe(200);
    const before = await call('CreateLiveStreamRecordIndexFiles', span(began - 60_000, began - 30_000));
    expect(before).toMatchObject({ status: 400, code: 'InvalidParam' });
  });

  it('goes on in the same file when the encoder comes back within the wait', async () => {
    await begin(0.2);
    await (await encode(await pushUrl(), 1)).done;
    await vi.waitFor(async () => expect(await stateOf()).toBe('offline'));
    expect(await history()).toEqual([]);
    await (await encode(await pushUrl(), 1)).done;
    const [file] = await vi.waitFor(
      async () => {
        const files = await history();
        expect(files).toHaveLength(1);
        return files;
      },
      { timeout: 10_000 },
    );
    const url = `http://${sim.client.pullDomain}/tos/${file?.Bucket}/${file?.Path}/${file?.FileName}`;
    expect(await (await fetch(url)).text()).toContain('#EXT-X-DISCONTINUITY\n');
  });

  it('applies a preset to pushes that start minutes later only', async () => {
    await begin(1);
    await call('CreateRecordPresetV2', presetFor());
    const { result } = await call('ListVhostRecordPresetV2', { Vhost: sim.client.vhost });
    expect(result.PresetList).toHaveLength(2);
    const url = (await call('GeneratePushURL', { Vhost: sim.client.vhost, App: 'fresh', Stream: 'show' })).result
      .PushURLList as string[];
    await (await encode(url[0] ?? '', 1)).done;
    const range = {
      DateFrom: new Date(Date.now() - 60_000).toISOString(),
      DateTo: new Date(Date.now() + 1000).toISOString(),
    };
    await vi.waitFor(async () =>
      expect(
        (await list('DescribeClosedStreamInfoByPage', { EndTimeFrom: range.DateFrom, EndTimeTo: range.DateTo })).length,
      ).toBe(1),
    );
    const { result: files } = await call('DescribeRecordTaskFileHistory', { ...range, ...page, App: 'fresh' });
    expect(files.Data).toEqual([]);
  });

  it('records with the new preset when there is nothing to wait for', async () => {
    await call('CreateRecordPresetV2', presetFor());
    const url = (await call('GeneratePushURL', { Vhost: sim.client.vhost, App: 'fresh', Stream: 'show' })).result
      .PushURLList as string[];
    await (await encode(url[0] ?? '', 1)).done;
    const range = {
      DateFrom: new Date(Date.now() - 60_000).toISOString(),
      DateTo: new Date(Date.now() + 1000).toISOString(),
    };
    await vi.waitFor(async () => {
      const { result } = await call('DescribeRecordTaskFileHistory', { ...range, ...page, App: 'fresh' });
      expect(result.Data).toMatchObject([{ Bucket: 'b' }]);
    });
  });

  it('refuses presets that would record nothing, or nowhere', async () => {
    expect(await call('CreateRecordPresetV2', presetFor({ OriginRecord: 0 }))).toMatchObject({ code: 'InvalidParam' });
    expect(await call('CreateRecordPresetV2', presetFor({ HlsParam: { Enable: false } }))).toMatchObject({
      code: 'InvalidParam',
    });
    expect(await call('CreateRecordPresetV2', presetFor({ HlsParam: { Enable: true } }))).toMatchObject({
      code: 'InvalidParam',
    });
    expect(await call('CreateRecordPresetV2', presetFor({ SliceDuration: 1 }))).toMatchObject({
      code: 'InvalidParam.OutOfRange',
    });
    const created = await call('CreateRecordPresetV2', presetFor());
    expect(await call('CreateRecordPresetV2', presetFor())).toMatchObject({ code: 'InvalidParam' });
    const gone = { Vhost: sim.client.vhost, Preset: created.result.PresetName };
    expect(await call('DeleteRecordPreset', gone)).toMatchObject({ status: 200 });
    expect(await call('DeleteRecordPreset', gone)).toMatchObject({ code: 'RequestForbidden' });
  });
});
