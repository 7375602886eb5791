import type { ShowcallerClient } from '../../client/client.ts';
import type { ShowcallerSchedules } from '../../client/schedules/schedules.ts';
import type { JsonObject } from '../../domain/json.ts';
import { openAuth } from '../auth/auth.ts';
import { createApi } from '../server.ts';
import { openApiOf } from './document.ts';

/** The document of an API with all its own routes. Its client is never called. */
export async function openApiDocument(): Promise<JsonObject> {
  const unused = { settled: async () => {} };
  const app = await createApi({
    client: unused as ShowcallerClient,
    schedules: {} as ShowcallerSchedules,
    auth: openAuth,
    ingest: async () => [],
  });
  await app.ready();
  const document = openApiOf(app);
  await app.close();
  return document;
}
