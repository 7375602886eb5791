import type { FastifyInstance } from 'fastify';

/** What may be sent: JSON that says so. */
export function bodies(app: FastifyInstance): void {
  app.removeContentTypeParser(['text/plain', 'application/json']);
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Clients that say what they send on every request send nothing with most.
    if (body === '' && request.routeOptions.schema?.body === undefined) return done(null, undefined);
    return parse(request, String(body), done);
  });
}
