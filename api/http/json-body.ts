import type { FastifyInstance } from 'fastify';

/** Bodies are JSON with a content type that says so; anything else is 415. */
export function acceptJsonBodies(app: FastifyInstance): void {
  app.removeContentTypeParser(['text/plain', 'application/json']);
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Some clients send this content type on every request, also with an empty body.
    if (body === '' && request.routeOptions.schema?.body === undefined) return done(null, undefined);
    return parse(request, String(body), done);
  });
}
