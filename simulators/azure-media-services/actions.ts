const verbs: Readonly<Record<string, string>> = {
  Get: 'read',
  List: 'read',
  Create: 'write',
  CreateOrUpdate: 'write',
  Update: 'write',
  Delete: 'delete',
  ListGetStatus: 'getStatus/action',
  ListGetStreamEvents: 'getStreamEvents/action',
  ListPaths: 'listPaths/action',
};

/** What a role must allow for an operation. documented(https://learn.microsoft.com/azure/role-based-access-control/permissions/media) */
export function actionOf(operation: string): string {
  if (operation === 'Mediaservices_Get') return 'Microsoft.Media/mediaservices/read';
  if (operation === 'Permissions_ListForResource') return 'Microsoft.Authorization/permissions/read';
  if (operation === 'ManagementLocks_ListAtResourceLevel') return 'Microsoft.Authorization/locks/read';
  const [group = '', verb = ''] = operation.split('_');
  const kind = group === 'LiveOutputs' ? 'liveEvents/liveOutputs' : group.charAt(0).toLowerCase() + group.slice(1);
  return `Microsoft.Media/mediaservices/${kind}/${verbs[verb] ?? `${verb.charAt(0).toLowerCase()}${verb.slice(1)}/action`}`;
}
