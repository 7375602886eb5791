import type { FastifyReply } from 'fastify';

/** Aborted when the caller has closed its connection; after the answer too. */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort();
  else raw.once('close', () => gone.abort());
  return gone.signal;
}
