import { AzureMediaServices } from '@azure/arm-mediaservices';
import {
  createDefaultHttpClient,
  type HttpClient as PipelineClient,
  type PipelinePolicy,
} from '@azure/core-rest-pipeline';
import { ClientSecretCredential } from '@azure/identity';
import { isLoopback } from '../../domain/loopback.ts';
import type { Caller } from '../call.ts';
import type { HttpClient } from '../http.ts';
import { refusal } from './errors.ts';
import { armEndpoint, type Settings } from './options.ts';
import { HeldToken, inTime, ravnurToken } from './token.ts';

type TokenCredential = ConstructorParameters<typeof AzureMediaServices>[0];

/** The SDK's client, which signs in as the account says and goes out by our way. */
export function createClient(settings: Settings, call: Caller, http: HttpClient): AzureMediaServices {
  const { endpoint } = settings;
  const clearText = endpoint.startsWith('http:');
  const scope = `${clearText ? armEndpoint : endpoint}/.default`;
  const credential = createCredential(settings, scope, call, http);
  const client = new AzureMediaServices(credential, settings.subscriptionId, {
    endpoint,
    allowInsecureConnection: clearText,
    credentialScopes: [scope],
    retryOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'showcaller' },
    httpClient: transport(http),
  });
  if (clearText) allowClearText(client, credential, scope, endpoint);
  if (credential instanceof HeldToken) client.pipeline.addPolicy(renewing(credential), { phase: 'Retry' });
  return client;
}

/** The SDK refuses to send a token over plain http, whatever its options say; on loopback we send it ourselves. */
function allowClearText(
  client: AzureMediaServices,
  credential: TokenCredential,
  scope: string,
  endpoint: string,
): void {
  const { hostname, host } = new URL(endpoint);
  if (!isLoopback(hostname)) {
    throw refusal({
      kind: 'invalid-request',
      operation: 'configure',
      message: `a token must not be sent in clear text to ${host}`,
      advice: 'use an https endpoint',
    });
  }
  const bearer: PipelinePolicy = {
    name: 'loopbackBearerToken',
    async sendRequest(request, next) {
      const token = await credential.getToken(scope, { abortSignal: request.abortSignal });
      if (token) request.headers.set('authorization', `Bearer ${token.token}`);
      return next(request);
    },
  };
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  client.pipeline.addPolicy(bearer, { phase: 'Sign' });
}

/**
 * A token that was refused is not used again. It may have been revoked while it was held: the request, of which nothing was done, is
 * sent once more with a new one. A new one that is refused says that the account may not.
 */
const renewing = (credential: HeldToken): PipelinePolicy => ({
  name: 'refusedToken',
  async sendRequest(request, next) {
    const { isHeld } = credential;
    const response = await next(request);
    if (response.status !== 401) return response;
    credential.forget();
    return isHeld ? next(request) : response;
  },
});

/** The SDK's own, by our way out: left alone it takes proxies from the environment, for all addresses alike. */
function transport({ agent }: HttpClient): PipelineClient {
  const own = createDefaultHttpClient();
  return {
    sendRequest: (request) => {
      // Its pipeline asks for compressed answers, whose length is not known before they are unpacked.
      request.headers.set('accept-encoding', 'identity');
      return own.sendRequest(Object.assign(request, { agent }));
    },
  };
}

type Needed = 'token' | 'subscriptionId' | 'apiKey' | 'tenantId' | 'clientId' | 'clientSecret';

function createCredential(settings: Settings, scope: string, call: Caller, http: HttpClient): TokenCredential {
  const { endpoint, timeoutMs } = settings;
  const need = (key: Needed): string => {
    const value = settings[key];
    if (value) return value;
    throw refusal({
      kind: 'unauthorized',
      operation: 'configure',
      message: `the account ${settings.account} has no ${key}, which authMode ${settings.authMode} needs`,
      advice: `set ${key}`,
    });
  };
  if (settings.authMode === 'token') {
    const token = need('token');
    const neverMs = 8.64e15;
    return { getToken: async () => ({ token, expiresOnTimestamp: neverMs }) };
  }
  if (settings.authMode === 'ravnur')
    return ravnurToken(endpoint, need('subscriptionId'), need('apiKey'), call, timeoutMs, http);
  const { authorityHost } = settings;
  const [tenantId, clientId, clientSecret] = [need('tenantId'), need('clientId'), need('clientSecret')];
  // A new one each time: it keeps tokens by the machine's clock.
  const entra = () =>
    new ClientSecretCredential(tenantId, clientId, clientSecret, {
      retryOptions: { maxRetries: 0 },
      httpClient: transport(http),
      // Otherwise a host that Microsoft does not know would be asked about at Microsoft first.
      ...(authorityHost && { authorityHost, disableInstanceDiscovery: true }),
    });
  return new HeldToken(async () => {
    const { token, expiresOnTimestamp } = await inTime(entra().getToken(scope), timeoutMs);
    return { token, lastsMs: expiresOnTimestamp - Date.now() };
  });
}
