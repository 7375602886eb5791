import type { FastifyInstance } from 'fastify';

/** Says once that all callers may have one address here, so that their requests without a token are counted together. */
export function warnOfProxy(app: FastifyInstance): void {
  let isSaid = false;
  app.addHook('onRequest', async ({ headers, log }) => {
    if (isSaid || headers['x-forwarded-for'] === undefined) return;
    isSaid = true;
    log.warn(
      'requests come through a proxy that is not trusted: all without a token count for its one address; name its addresses by --trust-proxy, api.trustProxy of the chart',
    );
  });
}
