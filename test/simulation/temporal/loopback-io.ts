import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { microtasksDone } from './clock.ts';

/** Requests of this process that libuv has not answered, by the names Node gives them. */
const requests = /^(FSReq|GetAddrInfo|ShutdownWrap|ConnectWrap|WriteWrap|Zlib|SignalWrap|Random|Hash|Sign)/i;
/** What was read may have been answered in the same turn. */
const calmTurns = 2;
/** A connection that never settles must not stop time for good. */
const mostTurns = 4000;

/**
 * Knows when nothing is under way between the sockets of this process. Both ends of every connection on loopback are
 * ours, so what one end has written and the other has not read is on its way; files and look-ups are requests that the
 * process knows. When there is none of it, virtual time may go on.
 */
export class LoopbackIo {
  readonly #ends = new Map<string, Socket>();
  /** With the names of both ends once it is connected, on loopback. */
  readonly #open = new Map<Socket, { own: string; peer: string } | undefined>();
  readonly #abandoned = new WeakSet<Socket>();
  readonly #onSocket = (message: unknown) => this.#add((message as { socket: Socket }).socket);
  /** How often time went on although something seemed to be under way, by what it was. */
  readonly gaveUp: Record<string, number> = {};

  constructor() {
    subscribe('net.client.socket', this.#onSocket);
    subscribe('net.server.socket', this.#onSocket);
  }

  close(): void {
    unsubscribe('net.client.socket', this.#onSocket);
    unsubscribe('net.server.socket', this.#onSocket);
  }

  #add(socket: Socket): void {
    this.#open.set(socket, undefined);
    const register = () => {
      if (!isLoopback(socket)) return;
      const { localPort, remotePort } = socket;
      const names = { own: `${localPort}>${remotePort}`, peer: `${remotePort}>${localPort}` };
      this.#open.set(socket, names);
      this.#ends.set(names.own, socket);
    };
    // A client's is published before it connects.
    if (socket.remotePort === undefined) socket.once('connect', register);
    else register();
    socket.once('close', () => this.#remove(socket));
  }

  #remove(socket: Socket): void {
    const names = this.#open.get(socket);
    this.#open.delete(socket);
    if (!names || this.#ends.get(names.own) !== socket) return;
    this.#ends.delete(names.own);
    // The other end may never notice: nothing more is on its way to it than the end.
    const peer = this.#ends.get(names.peer);
    if (peer) this.#abandoned.add(peer);
  }

  /** Why time must not go on; undefined when it may. */
  #busy(): string | undefined {
    for (const [socket, names] of this.#open) {
      const why = this.#underWay(socket, names?.peer);
      if (why) return why;
    }
    return process.getActiveResourcesInfo().find((name) => requests.test(name));
  }

  #underWay(socket: Socket, peerName: string | undefined): string | undefined {
    if (socket.destroyed || this.#abandoned.has(socket)) return undefined;
    if (socket.connecting) return 'connecting';
    if (peerName === undefined) return undefined;
    const peer = this.#ends.get(peerName);
    if (!peer) return 'not accepted yet';
    const isUnread = !peer.destroyed && peer.bytesRead < socket.bytesWritten && !peer.isPaused();
    return isUnread ? 'bytes on their way' : undefined;
  }

  /** Resolves when no microtask is left and no I/O of this process is under way. */
  readonly quiet = async (): Promise<void> => {
    await microtasksDone();
    let calm = 0;
    for (let turn = 0; turn < mostTurns; turn += 1) {
      const busy = this.#busy();
      calm = busy ? 0 : calm + 1;
      if (calm >= calmTurns) return;
      await microtasksDone();
    }
    const why = this.#busy() ?? 'unknown';
    this.gaveUp[why] = (this.gaveUp[why] ?? 0) + 1;
  };
}

const isLoopback = ({ remoteAddress, remotePort }: Socket): boolean =>
  remotePort !== undefined && (remoteAddress?.includes('127.0.0.1') === true || remoteAddress === '::1');
