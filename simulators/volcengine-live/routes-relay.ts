import { conflict, Refusal } from './errors.ts';
import { isRecord, type Params, pageOf, pagination, type Route } from './fields.ts';
import { keyOf, type LiveAccount, type RelayServer, type RelayV4 } from './state.ts';

const maxSpanSeconds = 7 * 24 * 3600;
const maxSources = 10;
const groupPattern = /^\S{1,128}$/;

export const relayRoutes: Readonly<Record<string, Route>> = {
  /** documented(https://www.volcengine.com/docs/6469/1126875) */
  CreateRelaySourceV4(params, { account }) {
    const relay = relayV4Of(params, account);
    if (account.relaysV4.has(keyOf(relay))) throw conflict('The relay source exists already.');
    account.putRelayV4(relay);
    return { TaskId: String(account.nextId()) };
  },

  /** documented(https://www.volcengine.com/docs/6469/1126877) */
  UpdateRelaySourceV4(params, { account }) {
    const relay = relayV4Of(params, account);
    mustExist(account.relaysV4.get(keyOf(relay)));
    account.putRelayV4(relay);
    return undefined;
  },

  /** documented(https://www.volcengine.com/docs/6469/1126876) */
  DeleteRelaySourceV4(params, { account }) {
    params.domain();
    const name = params.streamName();
    mustExist(account.relaysV4.get(keyOf(name)));
    account.relaysV4.delete(keyOf(name));
    account.meter.read();
    return undefined;
  },

  /** documented(https://www.volcengine.com/docs/6469/1126878): task ids are not in it. */
  ListRelaySourceV4(params, { account }) {
    const domain = params.domain();
    const page = params.countIn('Page', Number.MAX_SAFE_INTEGER, 1);
    const size = params.countIn('Size', 500, 20);
    const all = [...account.relaysV4.values()].filter((relay) => relay.domain === domain);
    const list = pageOf(all, page, size).map(({ app, stream, sources, startTime = 0, endTime = 0 }) => ({
      App: app,
      Domain: domain,
      Stream: stream,
      SrcAddrS: sources,
      StartTime: startTime,
      EndTime: endTime,
    }));
    return { List: list, Pagination: pagination(all.length, page, size) };
  },

  /** documented(https://www.volcengine.com/docs/6469/1126872): adds or replaces groups. */
  UpdateRelaySourceV3(params, { account }) {
    params.vhost();
    const app = params.optionalApp() ?? '';
    const groups = params.optionalList('GroupDetails') ?? [];
    if (groups.length === 0) throw new Refusal('MissingParameter', 'The required parameter GroupDetails is missing.');
    for (const { group, servers } of groups.map(groupOf))
      account.putRelayV3({ app, group, servers, effectiveAt: account.applyAt() });
    return undefined;
  },

  /** documented(https://www.volcengine.com/docs/6469/1126874) */
  DescribeRelaySourceV3(params, { account }) {
    params.vhost();
    const app = params.optionalApp();
    const group = params.optionalText('Group');
    const found = [...account.relaysV3.values()].filter(
      (relay) => (app === undefined || relay.app === app) && (group === undefined || relay.group === group),
    );
    const apps = [...new Set(found.map((relay) => relay.app))];
    const list = apps.map((name) => ({
      Vhost: account.options.vhost,
      App: name,
      GroupDetails: found
        .filter((relay) => relay.app === name)
        .map(({ group: Group, servers: Servers }) => ({ Group, Servers })),
    }));
    return { RelaySourceConfigList: list };
  },

  /** documented(https://www.volcengine.com/docs/6469/1126873): without a group, all of the app. */
  DeleteRelaySourceV3(params, { account }) {
    params.vhost();
    const app = params.optionalApp() ?? '';
    const group = params.optionalText('Group');
    const found = [...account.relaysV3].filter(
      ([, relay]) => relay.app === app && (group === undefined || relay.group === group),
    );
    mustExist(found[0]);
    for (const [key] of found) account.relaysV3.delete(key);
    return undefined;
  },
};

function mustExist(found: unknown): void {
  if (!found) throw conflict('The relay source does not exist.');
}

function relayV4Of(params: Params, account: LiveAccount): RelayV4 {
  const domain = params.domain();
  const name = params.streamName();
  const sources = (params.optionalList('SrcAddrS') ?? []).map((source) => {
    if (typeof source !== 'string') throw new Refusal('InvalidParam.BindError');
    if (!/^(rtmp|https?|srt):\/\/\S+$/.test(source)) throw new Refusal('InvalidParam.Format', 'SrcAddrS format error');
    return source;
  });
  if (sources.length < 1 || sources.length > maxSources)
    throw new Refusal('InvalidParam.OutOfRange', `SrcAddrS should be between 1 and ${maxSources}`);
  return { domain, ...name, sources, ...spanOf(params), effectiveAt: account.applyAt() };
}

/** documented(https://www.volcengine.com/docs/6469/1126875): both or neither, 7 days at most. */
function spanOf(params: Params): { startTime?: number; endTime?: number } {
  const startTime = params.optionalInteger('StartTime');
  const endTime = params.optionalInteger('EndTime');
  if ((startTime === undefined) !== (endTime === undefined))
    throw new Refusal('InvalidParam', 'StartTime and EndTime must be given together.');
  if (startTime === undefined || endTime === undefined) return {};
  if (endTime <= startTime || endTime - startTime > maxSpanSeconds)
    throw new Refusal('InvalidParam.OutOfRange', 'EndTime should be between StartTime and 7 days after it');
  return { startTime, endTime };
}

function groupOf(value: unknown): { group: string; servers: RelayServer[] } {
  if (!isRecord(value) || typeof value.Group !== 'string' || !Array.isArray(value.Servers))
    throw new Refusal('InvalidParam.BindError');
  if (!groupPattern.test(value.Group)) throw new Refusal('InvalidParam.Format', 'Group format error');
  if (value.Servers.length < 1 || value.Servers.length > maxSources) throw new Refusal('InvalidParam.OutOfRange');
  return { group: value.Group, servers: value.Servers.map(serverOf) };
}

function serverOf(value: unknown): RelayServer {
  if (!isRecord(value) || typeof value.RelaySourceDomain !== 'string') throw new Refusal('InvalidParam.BindError');
  const protocol = value.RelaySourceProtocol;
  if (protocol !== 'rtmp' && protocol !== 'flv')
    throw new Refusal('InvalidParam', 'RelaySourceProtocol is rtmp or flv.');
  const params = isRecord(value.RelaySourceParams) ? value.RelaySourceParams : {};
  return {
    RelaySourceDomain: value.RelaySourceDomain,
    RelaySourceProtocol: protocol,
    RelaySourceParams: Object.fromEntries(Object.entries(params).map(([name, text]) => [name, String(text)])),
  };
}
