import { z } from 'zod';
import { permissions } from '../auth/permissions.ts';
import { component } from './components.ts';

export const meSchema = component(
  'Me',
  z.object({
    name: z.string().describe("The token's name, as it stands in the report of what it does."),
    tenant: z.string().optional().describe('Sees the events of this tenant alone.'),
    permissions: z.array(z.enum(permissions)).describe('All it may do, what its roles contain included.'),
    tellsIngest: z.boolean().describe('Whether it may be told here where an encoder sends.'),
  }),
);
