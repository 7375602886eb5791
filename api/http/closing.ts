import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Limits } from '../limits.ts';

/**
 * Connections that would hold up a shutdown are cut: at once those that have sent no request, which Node does not count as
 * idle; all others when no request can be under way any more, because Node stops looking for slow ones when it closes.
 */
export function closePromptly(app: FastifyInstance, { requestMs, answerMs }: Limits): void {
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
