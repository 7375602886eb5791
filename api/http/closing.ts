import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiLimits } from '../limits.ts';
import { sendProblem } from './error-handler.ts';
import { unavailable } from './problem.ts';

/** What the last answers may take to be sent. */
const sendMs = 2_000;

/**
 * Closes the connections that would delay a shutdown: at once those without a request, which Node does not count as idle;
 * the others after the longest time a request may take, because a closing Node no longer ends slow ones. Whose request is
 * not done by then, or comes meanwhile, has an answer that says so. Register it before all that may refuse a request.
 */
export function closePromptly(app: FastifyInstance, { requestMs, answerMs }: ApiLimits): void {
  const unused = new Set<Socket>();
  const open = new Map<FastifyReply, FastifyRequest>();
  let isClosing = false;
  app.server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }) => unused.delete(socket));
  app.addHook('onRequest', async (request, reply) => {
    if (isClosing) {
      reply.header('connection', 'close');
      throw unavailable('the API is stopping: nothing was begun; ask again');
    }
    open.set(reply, request);
    reply.raw.once('close', () => open.delete(reply));
  });
  const answerAll = () => {
    for (const [reply, request] of open) {
      if (reply.sent || reply.raw.headersSent) continue;
      reply.header('connection', 'close');
      sendProblem(
        unavailable('the API is stopping: what had begun goes on, without its answer here; ask again'),
        request,
        reply,
      );
    }
    setTimeout(() => app.server.closeAllConnections(), sendMs).unref();
  };
  app.addHook('preClose', async () => {
    isClosing = true;
    for (const socket of unused) socket.destroy();
    setTimeout(answerAll, requestMs + answerMs).unref();
  });
}
