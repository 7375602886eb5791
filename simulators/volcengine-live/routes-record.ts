import { conflict, Refusal } from './errors.ts';
import { isRecord, type Params, pageOf, pagination, type Route, rfc3339 } from './fields.ts';
import { keyOf, type LiveAccount, type Preset, type PresetConfig, type StreamName } from './state.ts';

const maxHistoryMs = 7 * 24 * 3_600_000;

export const recordRoutes: Readonly<Record<string, Route>> = {
  /** documented(https://www.volcengine.com/docs/6469/1126855) */
  CreateRecordPresetV2(params, { account }) {
    params.vhost();
    const level = levelOf(params);
    if (account.presets().some((preset) => keyOf(preset) === keyOf(level)))
      throw conflict('A record preset exists already at this level.');
    const config = withDefaults(configOf(params, {}));
    return { PresetName: account.createPreset(level, config, account.applyAt()).name };
  },

  /** documented(https://www.volcengine.com/docs/6469/1126857): what is left out stays as it was. */
  UpdateRecordPresetV2(params, { account }) {
    params.vhost();
    const preset = existing(params, account);
    account.changePreset(preset.name, configOf(params, preset.config));
    return undefined;
  },

  /** documented(https://www.volcengine.com/docs/6469/1126856) */
  DeleteRecordPreset(params, { account }) {
    params.optionalScope();
    account.changePreset(existing(params, account).name, undefined);
    return undefined;
  },

  /** documented(https://www.volcengine.com/docs/6469/1126858) */
  ListVhostRecordPresetV2(params, { account }) {
    params.vhost();
    const toVod = params.optionalText('Type') === 'vod';
    const list = toVod ? [] : account.presets();
    return {
      PresetList: list.map(({ id, name, app, stream, config }) => ({
        Vhost: account.options.vhost,
        App: app,
        Stream: stream,
        SlicePresetV2: { ID: id, Name: name, RecordPresetConfig: listedConfig(config) },
      })),
    };
  },

  /** documented(https://www.volcengine.com/docs/6469/1126859) */
  DescribeRecordTaskFileHistory(params, { account, recordings }) {
    params.optionalScope();
    const from = params.instant('DateFrom');
    const to = params.instant('DateTo');
    if (to <= from || to - from > maxHistoryMs)
      throw new Refusal('InvalidParam.OutOfRange', 'DateTo should be between DateFrom and 7 days after it');
    const page = params.countIn('PageNum', Number.MAX_SAFE_INTEGER);
    const size = params.countIn('PageSize', Number.MAX_SAFE_INTEGER);
    const app = params.optionalText('App');
    const stream = params.optionalText('Stream');
    if (stream && !app) throw new Refusal('InvalidParam', 'App must be given when Stream is.');
    const toVod = params.optionalText('Type') === 'vod';
    const files = recordings.files.filter(
      (file) =>
        !toVod &&
        (!app || file.app === app) &&
        (!stream || file.stream === stream) &&
        file.startedAt >= from &&
        file.startedAt <= to,
    );
    const data = pageOf(files, page, size).map((file) => ({
      Vhost: account.options.vhost,
      App: file.app,
      Stream: file.stream,
      Bucket: file.bucket,
      Path: file.path,
      FileName: file.fileName,
      Format: 'hls',
      Duration: (file.durationMs / 1000).toFixed(3),
      StartTime: rfc3339(file.startedAt),
      EndTime: rfc3339(file.endedAt),
      StartTimeUTC: rfc3339(file.startedAt),
      EndTimeUTC: rfc3339(file.endedAt),
      Vid: '',
    }));
    return { Data: data, Pagination: pagination(files.length, page, size) };
  },

  /** documented(https://www.volcengine.com/docs/6469/1228485): cuts a playlist out of HLS recordings that are closed. */
  async CreateLiveStreamRecordIndexFiles(params, { recordings }) {
    const domain = params.domain();
    const name = params.streamName();
    const from = params.optionalInstant('StartTimeUTC') ?? params.instant('StartTime');
    const to = params.optionalInstant('EndTimeUTC') ?? params.instant('EndTime');
    if (to <= from) throw new Refusal('InvalidParam', 'EndTimeUTC must be after StartTimeUTC.');
    const index = await recordings.createIndex(name, {
      from,
      to,
      bucket: params.optionalText('OutputBucket'),
      object: params.optionalText('OutputObject'),
    });
    if (!index) throw new Refusal('InvalidParam', 'There is no recording between StartTimeUTC and EndTimeUTC.');
    return {
      Domain: domain,
      App: name.app,
      Stream: name.stream,
      CreateTimeUTC: rfc3339(Date.now()),
      StartTimeUTC: rfc3339(from),
      EndTimeUTC: rfc3339(to),
      Duration: index.durationMs / 1000,
      Width: index.width,
      Height: index.height,
      RecordURL: index.url,
      OutputBucket: index.bucket,
      OutputObject: index.object,
    };
  },
};

/**
 * The listing does not give the wait for a reconnect back, which the preset has all the same.
 * documented(https://github.com/volcengine/volc-sdk-golang#ListVhostRecordPresetV2Res)
 */
function listedConfig(config: PresetConfig): PresetConfig {
  const shown = { ...config };
  for (const format of ['HlsParam', 'FlvParam', 'Mp4Param']) {
    const { ContinueDuration: _unlisted, ...rest } = Object(config[format]);
    if (config[format] !== undefined) shown[format] = rest;
  }
  return shown;
}

function levelOf(params: Params): StreamName {
  const app = params.optionalApp() ?? '';
  const stream = params.optionalStream() ?? '';
  if (stream && !app) throw new Refusal('InvalidParam', 'App must be given when Stream is.');
  return { app, stream };
}

function existing(params: Params, account: LiveAccount): Preset & { config: PresetConfig } {
  const name = params.text('Preset');
  const preset = account.presets().find((one) => one.name === name);
  if (!preset) throw new Refusal('RequestForbidden', 'The account has no such preset.');
  return preset;
}

/** documented(https://www.volcengine.com/docs/6469/1126855): a format, a place for it, and something to record. */
function configOf(params: Params, before: PresetConfig): PresetConfig {
  const config: PresetConfig = { ...before, ...params.record('RecordPresetConfig') };
  const formats = [config.HlsParam, config.FlvParam, config.Mp4Param].filter(isRecord).filter((one) => one.Enable);
  if (formats.length === 0)
    throw new Refusal('InvalidParam', 'At least one of FlvParam, HlsParam, Mp4Param must be enabled.');
  for (const format of formats) {
    const [tos, vod] = [format.TOSParam, format.VODParam].map((place) => isRecord(place) && place.Enable === true);
    if (tos === vod) throw new Refusal('InvalidParam', 'Exactly one of TOSParam and VODParam must be enabled.');
    if (tos && !(isRecord(format.TOSParam) && format.TOSParam.Bucket))
      throw new Refusal('InvalidParam', 'Bucket is missing.');
    between(format.ContinueDuration, 0, 3600, 'ContinueDuration');
    between(format.RealtimeRecordDuration, 300, 21_600, 'RealtimeRecordDuration');
    if (format.Duration !== -1) between(format.Duration, 300, 86_400, 'Duration');
  }
  between(config.SliceDuration, 2, 100, 'SliceDuration');
  if (!config.OriginRecord && !config.TranscodeRecord)
    throw new Refusal('InvalidParam', 'TranscodeRecord and OriginRecord must not both be 0.');
  return config;
}

const withDefaults = (config: PresetConfig): PresetConfig => ({ SliceDuration: 10, TranscodeRecord: 0, ...config });

function between(value: unknown, min: number, max: number, name: string): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new Refusal('InvalidParam.BindError');
  if (value < min || value > max)
    throw new Refusal('InvalidParam.OutOfRange', `${name} should be between ${min} and ${max}`);
}
