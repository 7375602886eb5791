import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type { Activities } from '../../../activities/contract.ts';
import { createAuth } from '../../../api/auth/auth.ts';
import type { Permission } from '../../../api/auth/permissions.ts';
import { newToken, type TokenEntry, tokenRecogniser } from '../../../api/auth/tokens.ts';
import type { ApiDeps } from '../../../api/deps.ts';
import { undocumentedAnswer } from '../../../api/openapi/validation.ts';
import { createApi } from '../../../api/server.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { type EnvironmentOptions, type TestEnvironment, testEnvironment } from '../../support/environment.ts';

export interface Answer {
  status: number;
  headers: Headers;
  body: JsonObject;
  text: string;
}

export interface Asked {
  method?: string;
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface RunningApi {
  url: string;
  /** Whose the tokens `…@acme` are; no other API's. */
  tenant: string;
  /** Whose the tokens `…@bolt` are. */
  otherTenant: string;
  /** A token by what it may do; `viewer@tenant` for one of a tenant. */
  token(name: string): string;
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** The log so far, as it was written. */
  log(): string;
  close(): Promise<void>;
}

const heldIn = (tenant: string, otherTenant: string): Record<string, { roles: Permission[]; tenant?: string }> => ({
  viewer: { roles: ['viewer'] },
  operator: { roles: ['operator'] },
  admin: { roles: ['admin'] },
  ingest: { roles: ['ingest'] },
  hook: { roles: ['hook'] },
  'viewer@acme': { roles: ['viewer'], tenant },
  'ingest@acme': { roles: ['ingest'], tenant },
  'hook@acme': { roles: ['hook'], tenant },
  'admin@bolt': { roles: ['admin', 'ingest'], tenant: otherTenant },
  'operator@acme': { roles: ['operator', 'ingest'], tenant },
  'admin@acme': { roles: ['admin'], tenant },
});

/** The real server on loopback. */
export async function runningApi(deps: Pick<ApiDeps, 'client' | 'schedules'> & Partial<ApiDeps>): Promise<RunningApi> {
  const suffix = randomUUID().slice(0, 8);
  const [tenant, otherTenant] = [`acme-${suffix}`, `bolt-${suffix}`];
  const made = Object.entries(heldIn(tenant, otherTenant)).map(([name, entry]) => newToken({ name, ...entry }));
  const entries: TokenEntry[] = made.map(({ entry }) => entry);
  const tokens = new Map(made.map(({ token, entry }) => [entry.name, token]));
  const lines: string[] = [];
  const stream = new PassThrough().on('data', (chunk) => lines.push(String(chunk)));
  const app = await createApi({
    auth: createAuth(tokenRecogniser(() => entries)),
    log: { level: 'info', stream },
    ...deps,
    limits: { pollMs: 25, ...deps.limits },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const token = (name: string): string => {
    const found = tokens.get(name);
    if (!found) throw new Error(`no token for ${name}`);
    return found;
  };
  return {
    url,
    tenant,
    otherTenant,
    token,
    log: () => lines.join(''),
    ask: (path, asked = {}) => ask(`${url}${path}`, { ...asked, token: asked.token && token(asked.token) }),
    async close() {
      await app.close();
      if (lines.join('').includes(undocumentedAnswer))
        throw new Error(lines.filter((l) => l.includes(undocumentedAnswer)).join(''));
    },
  };
}

async function ask(url: string, { method, token, body, headers }: Asked): Promise<Answer> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
}

export interface ApiHarness extends RunningApi {
  environment: TestEnvironment;
}

/** The API on the tests' Temporal, with a worker when there are activities. */
export async function apiHarness(
  activities?: Activities,
  deps: Partial<ApiDeps> | ((parts: Pick<ApiDeps, 'client' | 'schedules'>) => Partial<ApiDeps>) = {},
  { server }: Pick<EnvironmentOptions, 'server'> = {},
): Promise<ApiHarness> {
  const environment = await testEnvironment({ server });
  if (activities) await environment.work(activities);
  const { client, taskQueue, showcaller } = environment;
  const schedules = new ShowcallerSchedules(client, { taskQueue });
  const parts = { client: showcaller, schedules };
  const api = await runningApi({ ...parts, ...(typeof deps === 'function' ? deps(parts) : deps) });
  return {
    ...api,
    environment,
    async close() {
      await api.close();
      await environment.close();
    },
  };
}
