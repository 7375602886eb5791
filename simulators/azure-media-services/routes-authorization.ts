import type { SimResponse } from '../kit/types.ts';
import { json, resourceId } from './answers.ts';
import { ArmError } from './errors.ts';
import type { Call, Route } from './routes.ts';

/** Of the resource manager itself; a successor of the service has none of it. */
export const authorizationRoutes: Route[] = [
  {
    // documented(https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource)
    operation: 'Permissions_ListForResource',
    method: 'GET',
    path: 'providers/Microsoft.Authorization/permissions',
    handle: (call) => ofAzure(call, [{ actions: ['*'], notActions: call.world.behaviour.denied }]),
  },
  {
    // documented(https://learn.microsoft.com/rest/api/resources/management-locks/list-at-resource-level)
    operation: 'ManagementLocks_ListAtResourceLevel',
    method: 'GET',
    path: 'providers/Microsoft.Authorization/locks',
    handle: (call) =>
      ofAzure(
        call,
        call.world.behaviour.locks.map(({ name, level }) => ({
          id: resourceId(call, `providers/Microsoft.Authorization/locks/${name}`),
          name,
          type: 'Microsoft.Authorization/locks',
          properties: { level },
        })),
      ),
  },
];

function ofAzure(call: Call, value: readonly object[]): SimResponse {
  if (call.world.behaviour.flavour !== 'azure') throw new ArmError('InvalidResourceType');
  return json(call, 200, { value: [...value] } as Parameters<typeof json>[2]);
}
