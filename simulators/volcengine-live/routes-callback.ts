import type { MessageType } from './callbacks.ts';
import { Refusal } from './errors.ts';
import { isRecord, type Params, type Route } from './routes-params.ts';

const types: readonly string[] = ['push', 'push_end'];
const maxUrlLength = 100;

export const callbackRoutes: Readonly<Record<string, Route>> = {
  /** documented(https://www.volcengine.com/docs/6469/1126932); only of pushes, and for the whole vhost. */
  UpdateCallback(params, { callbacks }) {
    params.vhostOrDomain();
    const type = params.text('MessageType');
    if (!types.includes(type)) throw new Refusal('InvalidParam.Format', `MessageType ${type} is not simulated`);
    const authKey = params.optionalInteger('AuthEnable') === 1 ? params.text('AuthKeyPrimary') : undefined;
    callbacks.configure(type as MessageType, { urls: urlsOf(params), ...(authKey && { authKey }) });
    return undefined;
  },
};

function urlsOf(params: Params): string[] {
  const details = (params.optionalList('CallbackDetailList') ?? []).filter(isRecord);
  const urls = details.map(({ URL: url }) => String(url));
  if (urls.length === 0) throw new Refusal('MissingParameter', 'The required parameter CallbackDetailList is missing.');
  const wrong = urls.find((url) => url.length > maxUrlLength || !URL.canParse(url));
  if (wrong !== undefined) throw new Refusal('InvalidParam.Format', 'URL format error');
  return urls;
}
