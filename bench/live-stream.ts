import type { ViewerGet } from '../activities/on-air/viewer.ts';
import type { FakeVendor } from '../test/support/fake-driver.ts';

const segmentMs = 2_000;
const listed = 5;

/**
 * What viewers of vendors in memory get: a playlist that grows while an encoder sends, else 404. Without it each look as a viewer would
 * be a connection to a host that is not there, which costs more than everything else together.
 */
export const liveStreamOf =
  (...vendors: FakeVendor[]): ViewerGet =>
  async (url) => {
    const name = /([^/]+)\.m3u8$/.exec(url)?.[1] ?? '';
    const isSent = vendors.some(({ channels }) => channels.get(name)?.encoder === 'connected');
    return isSent ? { status: 200, body: playlist() } : { status: 404, body: Buffer.alloc(0) };
  };

function playlist(): Uint8Array {
  const first = Math.floor(Date.now() / segmentMs) - listed;
  const head = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${first}\n`;
  const segments = Array.from({ length: listed }, (_, i) => {
    const date = new Date((first + i) * segmentMs).toISOString();
    return `#EXT-X-PROGRAM-DATE-TIME:${date}\n#EXTINF:2.000,\n${first + i}.ts\n`;
  });
  return Buffer.from(head + segments.join(''));
}
