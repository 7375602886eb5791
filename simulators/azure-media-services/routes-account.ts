import type { SimResponse } from '../kit/types.ts';
import { hasApiVersion, json, resourceId } from './answers.ts';
import { displayName } from './regions.ts';
import type { Call, Route } from './routes.ts';

export const accountRoutes: Route[] = [{ operation: 'Mediaservices_Get', method: 'GET', path: '', handle: show }];

/**
 * recorded(https://github.com/Azure/azure-sdk-for-net#LiveOutputBasicTests); the members that came with 2021-11-01:
 * recorded(https://github.com/Azure/azure-cli#test_ams_asset)
 */
function show(call: Call): SimResponse {
  const { accountName, location, subscriptionId, resourceGroup, mediaServiceId } = call.world.account.options;
  const storage = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Storage/storageAccounts/simulated`;
  return json(call, 200, {
    name: accountName,
    id: resourceId(call, '').replace(/\/$/, ''),
    type: 'Microsoft.Media/mediaservices',
    location: displayName(location),
    properties: {
      mediaServiceId,
      storageAccounts: call.world.behaviour.storage ? [{ id: storage, type: 'Primary' }] : [],
      storageAuthentication: 'System',
      encryption: { type: 'SystemKey' },
      keyDelivery: { accessControl: { defaultAction: 'Allow', ipAllowList: [] } },
      publicNetworkAccess: 'Enabled',
      ...(hasApiVersion(call, '2021-11-01') && { provisioningState: 'Succeeded', privateEndpointConnections: [] }),
    },
  });
}
