import swagger from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import type { JsonObject } from '../../domain/json.ts';
import type { Api } from '../deps.ts';
import { problemSchema, problemType } from '../schemas/problem.ts';
import { documentSchema, namedSchemas } from './schemas.ts';

const problemResponse = {
  description: 'A problem (RFC 9457)',
  content: { [problemType]: { schema: problemSchema } },
};

/** Adds to each route's schema who may call it and what a failure looks like. Register it before any route. */
export async function describeRoutes(app: Api): Promise<void> {
  app.addHook('onRoute', (route) => {
    const permission = route.config?.permission;
    const schema: FastifySchema = { ...route.schema };
    if (permission !== 'public') {
      schema.security = [{ bearer: [] }];
      schema.description = [schema.description, `Needs the permission \`${permission}\`.`].filter(Boolean).join('\n\n');
    } else schema.security = [];
    schema.response = { ...(schema.response as object), default: problemResponse };
    route.schema = schema;
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'showcaller',
        version: '1',
        description:
          'Live video events: create, watch and control them. Every failure is an RFC 9457 problem document.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'events', description: 'Live events, and the actions of operators' },
        { name: 'schedules', description: 'Recurring shows' },
        { name: 'viewers', description: 'What viewers watch; without a token of the API' },
        { name: 'service', description: 'The service itself' },
      ],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url }) => ({ schema: documentSchema(schema), url }),
  });
}

export const openApiOf = (app: Api): JsonObject => {
  const document = app.swagger() as unknown as JsonObject;
  return { ...document, components: { ...(document.components as JsonObject), schemas: namedSchemas() } };
};

export function documentRoute(app: Api): void {
  app.get(
    '/openapi.json',
    { config: { permission: 'public', tenancy: 'none' }, schema: { hide: true } },
    async (_request, reply) => reply.type('application/json').send(JSON.stringify(openApiOf(app))),
  );
}
