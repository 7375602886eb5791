import { openTcpRelay, type TcpRelay } from '../kit/tcp-relay.ts';

/** The first byte of an RTMP handshake is its version; HTTP begins with a letter. */
const rtmpVersion = 0x03;

/**
 * One port for both protocols. With an address as endpoint the vendor's SDKs make publish URLs that name the port of
 * the API, since the service itself answers both at one host; behind the shared port such a URL works as it is.
 */
export const openSharedPort = (
  { host, httpPort, rtmpPort }: { host: string; httpPort: number; rtmpPort: number },
  port: number,
): Promise<TcpRelay> => openTcpRelay({ host, port }, ([first]) => (first === rtmpVersion ? rtmpPort : httpPort));
