import { packageVersion } from '../../temporal/package-version.ts';
import { principalOf } from '../auth/authorize.ts';
import { may, permissions } from '../auth/permissions.ts';
import type { Api, ApiDeps } from '../deps.ts';
import { meSchema } from '../schemas/me.ts';

/** Lets a page offer only what its reader may do. */
export function meRoute(app: Api, { ingest, stills, links = {} }: ApiDeps): void {
  const version = packageVersion();
  app.get(
    '/v1/me',
    {
      config: { permission: 'viewer', tenancy: 'none' },
      schema: {
        tags: ['service'],
        operationId: 'whoAmI',
        summary: 'Whose token this is, and what it may do here',
        response: { 200: meSchema },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { name, tenant } = principal;
      return {
        name,
        tenant,
        version,
        permissions: permissions.filter((one) => may(principal, one)),
        tellsIngest: ingest !== undefined && may(principal, 'ingest'),
        ...(tenant === undefined && links.temporalUi !== undefined && { temporalUi: links.temporalUi }),
        ...(links.runbooks !== undefined && { runbooks: links.runbooks }),
        showsStills: stills !== undefined && (await stills.areMade()),
      };
    },
  );
}
