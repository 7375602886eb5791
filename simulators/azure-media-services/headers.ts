import { randomUUID } from 'node:crypto';
import type { SimRequest, SimResponse } from '../kit/types.ts';

/** recorded(https://github.com/Azure/azure-sdk-for-net#LiveOutputBasicTests) */
const alwaysSent = {
  'cache-control': 'no-cache',
  expires: '-1',
  pragma: 'no-cache',
  server: 'Microsoft-HTTPAPI/2.0',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
};

/** What every answer of the resource manager carries, and the ids by which Microsoft's support finds a call. */
export function withArmHeaders(req: SimRequest, response: SimResponse, location: string): SimResponse {
  const client = req.headers['x-ms-client-request-id'];
  const correlation = randomUUID();
  const at = new Date().toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '');
  return {
    ...response,
    headers: {
      ...alwaysSent,
      ...remaining(req),
      'x-ms-request-id': randomUUID(),
      'x-ms-correlation-request-id': correlation,
      'x-ms-routing-request-id': `${location.toUpperCase()}:${at}:${correlation}`,
      ...(typeof client === 'string' && { 'x-ms-client-request-id': client }),
      ...response.headers,
    },
  };
}

/** Live events have the subscription's budgets, assets and locators one of their own. recorded(https://github.com/Azure/azure-cli#test_ams_asset) */
function remaining({ method, path }: SimRequest): Record<string, string> {
  const name = (budget: string, left: number) => ({
    [`x-ms-ratelimit-remaining-subscription-${budget}`]: String(left),
  });
  const stored = /\/mediaservices\/[^/]+\/(assets|streamingLocators)\/[^/]+$/i.test(path);
  if (method === 'GET') return name('reads', 11_999);
  if (stored) return name('resource-requests', 11_999);
  return method === 'DELETE' ? name('deletes', 14_999) : name('writes', 1_199);
}
