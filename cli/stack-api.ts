import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { createAuth } from '../api/auth/auth.ts';
import { permissions } from '../api/auth/permissions.ts';
import { newToken, tokenRecogniser } from '../api/auth/tokens.ts';
import { type ServedApi, serveApi } from '../api/run.ts';
import type { HttpClient } from '../vendors/http.ts';
import type { WorkerConfig } from '../worker/config.ts';

export interface StackApi {
  client: Client;
  config: WorkerConfig;
  http: HttpClient;
  /** 0 for any free one. */
  port: number;
  taskQueue: string;
  uiUrl: string | undefined;
}

/** The HTTP API on this machine, with a token of every permission. */
export async function openApi(stack: StackApi): Promise<ServedApi & { token: string }> {
  const { client, config, http, port, taskQueue, uiUrl } = stack;
  const { accounts, ffmpeg } = config;
  const { token, entry } = newToken({ name: 'dev', roles: [...permissions] });
  const auth = createAuth(tokenRecogniser(() => [entry]));
  // The simulators serve recordings on ports of their own.
  const mediaOrigins = ['http://127.0.0.1:*', 'http://*.localhost:*', 'http://localhost:*'];
  const watch = { mode: 'public', secrets: [randomBytes(32)] } as const;
  const where = { host: '127.0.0.1', port, ...(uiUrl && { temporalUi: `${uiUrl}/` }) };
  const api = await serveApi({ client, accounts, ffmpeg, auth, http, taskQueue, mediaOrigins, watch, ...where });
  return { ...api, token };
}
