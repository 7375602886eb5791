import { z } from 'zod';
import { permissions } from '../auth/permissions.ts';
import { component } from './components.ts';

export const meSchema = component(
  'Me',
  z.object({
    name: z.string().describe("The token's name, as reports show it."),
    tenant: z.string().optional().describe('Sees the events of this tenant only.'),
    version: z.string().describe('Of showcaller in this API.'),
    permissions: z.array(z.enum(permissions)).describe('Its permissions, those of its roles included.'),
    tellsIngest: z.boolean().describe('Whether it may read ingest addresses, and this API can fetch them.'),
    temporalUi: z
      .string()
      .optional()
      .describe(
        'The list of workflows in the Temporal UI, for a reader of all tenants; absent where it is not configured.',
      ),
    runbooks: z.string().optional().describe('Below it are docs/operations.md and the other pages for operators.'),
    showsStills: z.boolean().describe('Whether this API can make stills of what viewers see.'),
  }),
);
