import type { FastifyReply } from 'fastify';
import { callerGone } from './problem.ts';

/** Aborted when the caller has closed its connection; after the answer too. */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (raw.destroyed) gone.abort();
  else raw.once('close', () => gone.abort());
  return gone.signal;
}

/** Reads for one caller alone, which is stopped when it has gone. @throws HttpProblem 499 then */
export async function unlessGone<T>(reply: FastifyReply, read: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const stop = goneSignal(reply);
  try {
    return await read(stop);
  } catch (error) {
    throw stop.aborted ? callerGone({ cause: error }) : error;
  }
}
