import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { decodeAmf, encodeAmf } from '../../simulators/kit/amf.ts';
import { flvFileHeader, flvTag, type MediaTag, readFlvTags, tagTypes } from '../../simulators/kit/flv.ts';
import { ChunkReader, ChunkWriter, messageTypes, type RtmpMessage } from '../../simulators/kit/rtmp-chunks.ts';

const fixture = new URL('../../simulators/kit/fixture.flv', import.meta.url);

/** Something a relay can pull from: the fixture in real time, to everyone who asks. */
export interface TestSource {
  url: string;
  host: string;
  /** What was asked for, oldest first: paths or stream names with their query. */
  asked: string[];
  /** How many are served now. */
  viewers(): number;
  close(): Promise<void>;
}

/** Gives the tags at the time they are due, set-up first; returns how to end it. */
function playFixture(tags: readonly MediaTag[], send: (tag: MediaTag) => void): () => void {
  const begunAt = performance.now();
  let next = 0;
  const timer = setInterval(() => {
    for (let tag = tags[next]; tag && tag.timestamp <= performance.now() - begunAt; tag = tags[next]) {
      send(tag);
      next += 1;
    }
  }, 20);
  return () => clearInterval(timer);
}

/** `http://127.0.0.1:port/live/anything.flv`; other paths are 404. */
export async function startFlvSource(): Promise<TestSource> {
  const tags = readFlvTags(await readFile(fixture));
  const asked: string[] = [];
  let viewers = 0;
  const server = createHttpServer((req, res) => {
    asked.push(req.url ?? '');
    if (!/\.flv(\?|$)/.test(req.url ?? '')) {
      res.writeHead(404).end();
      return;
    }
    viewers += 1;
    res.writeHead(200, { 'content-type': 'video/x-flv' });
    res.write(flvFileHeader);
    const stop = playFixture(tags, (tag) => res.write(flvTag(tag)));
    res.once('close', () => {
      viewers -= 1;
      stop();
    });
  });
  const port = await listen(server);
  const close = () => closeServer(server, () => server.closeAllConnections());
  const host = `127.0.0.1:${port}`;
  return { url: `http://${host}/live/show.flv`, host, asked, viewers: () => viewers, close };
}

/** `rtmp://127.0.0.1:port/live/anything`: a server that only plays. */
export async function startRtmpSource(): Promise<TestSource> {
  const tags = readFlvTags(await readFile(fixture));
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let viewers = 0;
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    let stop: (() => void) | undefined;
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      if (stop) viewers -= 1;
      stop?.();
    });
    servePlayer(socket, (name, send) => {
      asked.push(name);
      viewers += 1;
      stop = playFixture(tags, send);
    });
  });
  const port = await listen(server);
  const close = () =>
    closeServer(server, () => {
      for (const socket of sockets) socket.destroy();
    });
  const host = `127.0.0.1:${port}`;
  return { url: `rtmp://${host}/live/show`, host, asked, viewers: () => viewers, close };
}

function servePlayer(socket: Socket, onPlay: (name: string, send: (tag: MediaTag) => void) => void): void {
  const reader = new ChunkReader();
  const writer = new ChunkWriter();
  let handshake: Buffer | undefined = Buffer.alloc(0);
  const write = (chunkStream: number, message: RtmpMessage) => socket.write(writer.encode(chunkStream, message));
  const command = (streamId: number, ...values: Parameters<typeof encodeAmf>) =>
    write(3, { type: messageTypes.command, streamId, timestamp: 0, data: encodeAmf(...values) });
  const take = ({ type, data }: RtmpMessage) => {
    if (type !== messageTypes.command) return;
    const [name, transaction = 0, , argument] = decodeAmf(data);
    if (name === 'connect') command(0, '_result', transaction, {}, { code: 'NetConnection.Connect.Success' });
    if (name === 'createStream') command(0, '_result', transaction, null, 1);
    if (name !== 'play') return;
    command(1, 'onStatus', 0, null, { level: 'status', code: 'NetStream.Play.Start' });
    onPlay(String(argument), (tag) =>
      write(4, { type: tagTypes[tag.type], streamId: 1, timestamp: tag.timestamp, data: tag.data }),
    );
  };
  socket.on('data', (bytes) => {
    if (!handshake) {
      reader.push(bytes).forEach(take);
      return;
    }
    const had = handshake.length;
    handshake = Buffer.concat([handshake, bytes]);
    if (had < 1537 && handshake.length >= 1537)
      socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(1536), handshake.subarray(1, 1537)]));
    if (handshake.length < 1537 + 1536) return;
    const rest = handshake.subarray(1537 + 1536);
    handshake = undefined;
    if (rest.length > 0) reader.push(rest).forEach(take);
  });
}

const listen = (server: Server | HttpServer): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

const closeServer = (server: Server | HttpServer, cut: () => void): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    cut();
  });
