import { Refusal } from './errors.ts';
import { type Params, pageOf, type Route, rfc3339 } from './fields.ts';
import { urlSecret } from './signature.ts';
import { type AccountOptions, keyOf, type StreamName } from './state.ts';

const day = 24 * 3_600_000;
const defaultUrlValiditySeconds = 7 * 24 * 3600;
const maxPageSize = 1000;

/** documented(https://www.volcengine.com/docs/6469/1126843): exact by default, `fuzzy` finds parts of names. */
function matcher(params: Params): (name: StreamName) => boolean {
  const app = params.optionalText('App');
  const stream = params.optionalText('Stream');
  if (stream && !app) throw new Refusal('InvalidParam', 'App must be given when Stream is.');
  const fuzzy = params.optionalText('QueryType') === 'fuzzy';
  return (name) =>
    (!app || name.app === app) && (!stream || (fuzzy ? name.stream.includes(stream) : name.stream === stream));
}

/**
 * `desc` by default: the latest first, documented(https://www.volcengine.com/docs/6469/1126842); pages of at most 1,000,
 * documented(https://www.volcengine.com/docs/6469/1126841).
 */
function listed<T extends StreamName>(
  params: Params,
  all: readonly T[],
  at: (item: T) => number,
): { count: number; page: T[] } {
  params.optionalScope();
  const page = params.countIn('PageNum', Number.MAX_SAFE_INTEGER);
  const size = params.countIn('PageSize', maxPageSize);
  const direction = params.optionalText('Sort') === 'asc' ? 1 : -1;
  const found = all.filter(matcher(params)).sort((a, b) => direction * (at(a) - at(b)));
  return { count: found.length, page: pageOf(found, page, size) };
}

const bySource = (params: Params) => {
  const wanted = params.optionalText('SourceType');
  return ({ source }: { source: string }) => !wanted || source === wanted;
};

export const streamRoutes: Readonly<Record<string, Route>> = {
  /** documented(https://www.volcengine.com/docs/6469/1126847): the only result in snake_case. */
  DescribeLiveStreamState(params, { account }) {
    params.vhostOrDomain();
    const name = params.streamName();
    const relay = account.live.get(keyOf(name))?.source === 'relay';
    return { stream_state: account.stateOf(name), type: relay ? 'pull' : 'push' };
  },

  /** documented(https://www.volcengine.com/docs/6469/1126841) */
  DescribeLiveStreamInfoByPage(params, { account }) {
    const transcoded = params.optionalText('StreamType') === 'trans';
    const live = transcoded ? [] : [...account.live.values()].filter(bySource(params));
    const { count, page } = listed(params, live, (item) => item.startedAt);
    const list = page.map(({ id, app, stream, domain, source, startedAt }) => ({
      ID: id,
      Vhost: account.options.vhost,
      Domain: domain,
      App: app,
      Stream: stream,
      SessionStartTime: new Date(startedAt).toISOString(),
      SourceType: source,
    }));
    return { RoughCount: count, StreamInfoList: list };
  },

  /** documented(https://www.volcengine.com/docs/6469/1126842) */
  DescribeClosedStreamInfoByPage(params, { account }) {
    const from = params.instant('EndTimeFrom');
    const to = params.instant('EndTimeTo');
    const closed = account.closed.filter(bySource(params)).filter(({ endedAt }) => endedAt >= from && endedAt <= to);
    const { count, page } = listed(params, closed, (item) => item.endedAt);
    const list = page.map(({ app, stream, domain, source, startedAt, endedAt }) => ({
      Vhost: account.options.vhost,
      Domain: domain,
      App: app,
      Stream: stream,
      StartTime: rfc3339(startedAt),
      EndTime: rfc3339(endedAt),
      SourceType: source,
    }));
    return { RoughCount: count, StreamInfoList: list };
  },

  /** documented(https://www.volcengine.com/docs/6469/1126843) */
  DescribeForbiddenStreamInfoByPage(params, { account }) {
    const { count, page } = listed(params, account.bans(), (ban) => ban.endsAt);
    const list = page.map(({ app, stream, createdAt, endsAt }) => ({
      Vhost: account.options.vhost,
      Domain: account.options.pushDomain,
      App: app,
      Stream: stream,
      CreateTime: rfc3339(createdAt),
      EndTime: rfc3339(endsAt),
      Status: true,
    }));
    return { RoughCount: count, StreamInfoList: list };
  },

  /** documented(https://www.volcengine.com/docs/6469/1126845): 90 days at most and by default. */
  ForbidStream(params, { account }) {
    params.vhostOrDomain();
    const latest = Date.now() + 90 * day;
    const endsAt = params.optionalInstant('EndTime') ?? latest;
    // Ours: clocks may differ by a minute.
    if (endsAt > latest + 60_000 || endsAt <= Date.now())
      throw new Refusal('InvalidParam.OutOfRange', 'EndTime out of range');
    account.forbid(params.streamName(), endsAt);
    return undefined;
  },

  /** documented(https://www.volcengine.com/docs/6469/1126846) */
  ResumeStream(params, { account }) {
    params.vhostOrDomain();
    account.resume(params.streamName());
    return undefined;
  },

  /** documented(https://www.volcengine.com/docs/6469/1126844) */
  KillStream(params, { account }) {
    params.vhost();
    account.live.get(keyOf(params.streamName()))?.cut('killed through the API');
    return undefined;
  },

  /** documented(https://www.volcengine.com/docs/6469/1126838) */
  GeneratePushURL(params, { account }) {
    params.vhost();
    params.optionalScope();
    const name = params.streamName();
    const { pushDomain, pushUrlSeconds = Number.POSITIVE_INFINITY } = account.options;
    const expiresAt = Math.min(expiryOf(params), Math.floor(Date.now() / 1000) + pushUrlSeconds);
    const sign = `${name.stream}?${signedQuery(account.options, name, expiresAt)}`;
    const base = `rtmp://${pushDomain}/${name.app}`;
    const details = [{ URL: `${base}/${sign}`, DomainApp: `${base}/`, StreamSign: sign }];
    return {
      AuthType: 'TypeB',
      PushURLList: pushUrlSeconds > 0 ? [`${base}/${sign}`] : [],
      PushURLListDetail: pushUrlSeconds > 0 ? details : [],
      RtmURLList: [],
      RtmpOverSrtURLList: [],
      TsOverSrtURLList: [],
      WebTransportURLList: [],
    };
  },

  /** documented(https://www.volcengine.com/docs/6469/1126838) Of the protocols, only HLS is played here. */
  GeneratePlayURL(params, { account }) {
    params.domain();
    const name = params.streamName();
    const query = signedQuery(account.options, name, expiryOf(params));
    const { pullDomain, withoutHls } = account.options;
    const urlAs = (protocol: 'hls' | 'flv', ending: string) => ({
      ...{ CDN: 'fcdn', Protocol: protocol, Type: 'pull', SubStreamURL: [] },
      URL: `http://${pullDomain}/${keyOf(name)}.${ending}?${query}`,
    });
    const urls = [...(withoutHls ? [] : [urlAs('hls', 'm3u8')]), urlAs('flv', 'flv')];
    return { AuthType: 'TypeB', URLList: urls };
  },
};

/**
 * ExpiredTime wins over ValidDuration, which is 7 days by default, documented(https://www.volcengine.com/docs/6469/1126838).
 * Unix seconds.
 */
function expiryOf(params: Params): number {
  const until = params.optionalInstant('ExpiredTime');
  if (until !== undefined) return Math.floor(until / 1000);
  const seconds = params.countIn('ValidDuration', Number.MAX_SAFE_INTEGER, defaultUrlValiditySeconds);
  return Math.floor(Date.now() / 1000) + seconds;
}

const signedQuery = ({ urlKey }: AccountOptions, { app, stream }: StreamName, expiresAt: number): string =>
  `volcTime=${expiresAt}&volcSecret=${urlSecret(app, stream, urlKey, expiresAt)}`;
