import { playHttpFlv } from './flv-player.ts';
import { playRtmp } from './rtmp-player.ts';
import type { PulledSource, SourceListener } from './source.ts';

const loopback = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/;

/**
 * Pulls from an RTMP or HTTP-FLV source. A rehearsal stays on this machine: sources elsewhere are never asked.
 * Not simulated: HLS and SRT sources, which the vendor pulls too. documented(https://www.volcengine.com/docs/6469/1126875)
 */
export function pull(url: string, listener: SourceListener): PulledSource {
  const { protocol, hostname, pathname } = new URL(url);
  if (loopback.test(hostname) && protocol === 'rtmp:') return playRtmp(url, listener);
  if (loopback.test(hostname) && protocol === 'http:' && pathname.endsWith('.flv')) return playHttpFlv(url, listener);
  queueMicrotask(() => listener.end('only rtmp and HTTP-FLV sources on loopback are simulated'));
  return { close: () => undefined };
}
