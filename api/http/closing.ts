import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { ApiLimits } from '../limits.ts';

/**
 * Closes the connections that would delay a shutdown: at once those without a request, which Node does not count as idle;
 * the others after the longest time a request may take, because a closing Node no longer ends slow ones.
 */
export function closePromptly(app: FastifyInstance, { requestMs, answerMs }: ApiLimits): void {
  const unused = new Set<Socket>();
  app.server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }) => unused.delete(socket));
  app.addHook('preClose', async () => {
    for (const socket of unused) socket.destroy();
    setTimeout(() => app.server.closeAllConnections(), requestMs + answerMs).unref();
  });
}
