import { describe, expect, it } from 'vitest';
import { untilPasses } from '../../../support/until.ts';
import { page, simulatorOfEachTest } from './volcengine-simulator-harness.ts';

const { begin, call, encode, list, pushUrl, sim, stateOf, stream } = simulatorOfEachTest();

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
    Vhost: sim().client.vhost,
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
    await untilPasses(async () => expect(await history()).toHaveLength(1));
    const [file] = await history();
    expect(file).toMatchObject({ Format: 'hls', Bucket: sim().client.tosBucket, Stream: 'show' });
    const url = `http://${sim().client.pullDomain}/tos/${file?.Bucket}/${file?.Path}/${file?.FileName}`;
    const playlist = await fetch(url);
    expect(playlist.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
    const text = await playlist.text();
    const segments = text.match(/^[^#].*\.ts$/gm) ?? [];
    expect(segments.length).toBeGreaterThanOrEqual(2);
    const whole = await fetch(new URL(segments[0] ?? '', url));
    expect(whole.headers.get('content-type')).toBe('video/mp2t');

    const span = (from: number, to: number) => ({
      Domain: sim().client.pushDomain,
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
    await untilPasses(async () => expect(await stateOf()).toBe('offline'));
    expect(await history()).toEqual([]);
    await (await encode(await pushUrl(), 1)).done;
    const [file] = await untilPasses(async () => {
      const files = await history();
      expect(files).toHaveLength(1);
      return files;
    });
    const url = `http://${sim().client.pullDomain}/tos/${file?.Bucket}/${file?.Path}/${file?.FileName}`;
    expect(await (await fetch(url)).text()).toContain('#EXT-X-DISCONTINUITY\n');
  });

  it('applies a preset to pushes that start minutes later only', async () => {
    await begin(1);
    await call('CreateRecordPresetV2', presetFor());
    const { result } = await call('ListVhostRecordPresetV2', { Vhost: sim().client.vhost });
    expect(result.PresetList).toHaveLength(2);
    const url = (await call('GeneratePushURL', { Vhost: sim().client.vhost, App: 'fresh', Stream: 'show' })).result
      .PushURLList as string[];
    await (await encode(url[0] ?? '', 1)).done;
    const range = {
      DateFrom: new Date(Date.now() - 60_000).toISOString(),
      DateTo: new Date(Date.now() + 1000).toISOString(),
    };
    await untilPasses(async () =>
      expect(
        (await list('DescribeClosedStreamInfoByPage', { EndTimeFrom: range.DateFrom, EndTimeTo: range.DateTo })).length,
      ).toBe(1),
    );
    const { result: files } = await call('DescribeRecordTaskFileHistory', { ...range, ...page, App: 'fresh' });
    expect(files.Data).toEqual([]);
  });

  it('records with the new preset when there is nothing to wait for', async () => {
    await call('CreateRecordPresetV2', presetFor());
    const url = (await call('GeneratePushURL', { Vhost: sim().client.vhost, App: 'fresh', Stream: 'show' })).result
      .PushURLList as string[];
    await (await encode(url[0] ?? '', 1)).done;
    const range = {
      DateFrom: new Date(Date.now() - 60_000).toISOString(),
      DateTo: new Date(Date.now() + 1000).toISOString(),
    };
    await untilPasses(async () => {
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
    const gone = { Vhost: sim().client.vhost, Preset: created.result.PresetName };
    expect(await call('DeleteRecordPreset', gone)).toMatchObject({ status: 200 });
    expect(await call('DeleteRecordPreset', gone)).toMatchObject({ code: 'RequestForbidden' });
  });
});
