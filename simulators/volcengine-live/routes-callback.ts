import type { CallbackConfig, MessageType } from './callbacks.ts';
import { Refusal } from './errors.ts';
import { isRecord, type Params, type Route, rfc3339 } from './fields.ts';

const types: readonly string[] = ['push', 'push_end'];
const maxUrlLength = 100;

export const callbackRoutes: Readonly<Record<string, Route>> = {
  /** documented(https://www.volcengine.com/docs/6469/1126932); only of pushes, and for the whole vhost. */
  UpdateCallback(params, { callbacks }) {
    params.vhostOrDomain();
    const type = params.text('MessageType');
    if (!types.includes(type)) throw new Refusal('InvalidParam.Format', `MessageType ${type} is not simulated`);
    const authKey = params.optionalInteger('AuthEnable') === 1 ? params.text('AuthKeyPrimary') : undefined;
    callbacks.configure(type as MessageType, {
      app: params.optionalApp() ?? '',
      createdAt: Date.now(),
      transcoded: params.optionalInteger('TranscodeCallback') === 1,
      urls: urlsOf(params),
      ...(authKey && { authKey }),
    });
    return undefined;
  },

  /** The key comes back in the clear. documented(https://www.volcengine.com/docs/6469/1126930) */
  DescribeCallback(params, { account, callbacks }) {
    params.vhostOrDomain();
    const [type, app] = [params.optionalText('MessageType'), params.optionalApp()];
    const found = callbacks
      .configured()
      .filter(([kind, config]) => (!type || kind === type) && (!app || config.app === app));
    return { CallbackList: found.map(([kind, config]) => shown(account.options.vhost, kind, config)) };
  },
};

const shown = (vhost: string, type: MessageType, config: CallbackConfig): object => ({
  Vhost: vhost,
  App: config.app,
  MessageType: type,
  AuthEnable: config.authKey !== undefined,
  AuthField: {},
  AuthKeyPrimary: config.authKey ?? '',
  CallbackDetailList: config.urls.map((url) => ({ CallbackType: 'HTTP', URL: url })),
  CreateTime: rfc3339(config.createdAt),
  CreateTimeUTC: rfc3339(config.createdAt),
  TranscodeCallback: config.transcoded ? 1 : 0,
});

function urlsOf(params: Params): string[] {
  const details = (params.optionalList('CallbackDetailList') ?? []).filter(isRecord);
  const urls = details.map(({ URL: url }) => String(url));
  if (urls.length === 0) throw new Refusal('MissingParameter', 'The required parameter CallbackDetailList is missing.');
  const wrong = urls.find((url) => url.length > maxUrlLength || !URL.canParse(url));
  if (wrong !== undefined) throw new Refusal('InvalidParam.Format', 'URL format error');
  return urls;
}
