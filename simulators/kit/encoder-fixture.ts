import { readFile } from 'node:fs/promises';
import type { Encoder, EncoderEnd, EncoderOptions } from './encoder-types.ts';
import { messageOf } from './message-of.ts';
import { pushFlv } from './push-flv.ts';
import { RtmpPublisher } from './rtmp-publisher.ts';

/** Ten seconds of H.264 and AAC, 160 by 90, with a key frame every two seconds. */
const fixture = new URL('./fixture.flv', import.meta.url);

export async function startFixtureEncoder({ url, seconds, speed }: EncoderOptions): Promise<Encoder> {
  const flv = await readFile(fixture);
  const publisher = await RtmpPublisher.open(url);
  const abort = new AbortController();
  let wish: EncoderEnd | undefined;

  const run = async (): Promise<EncoderEnd> => {
    await pushFlv({ publisher, flv, seconds: seconds ?? Number.POSITIVE_INFINITY, speed, signal: abort.signal });
    if (!wish && !publisher.open) return { reason: 'closed' };
    wish ??= { reason: 'finished' };
    if (wish.reason === 'dropped') publisher.drop();
    else await publisher.stop();
    return wish;
  };
  const done = run().catch((error: unknown): EncoderEnd => {
    publisher.drop();
    return { reason: 'failed', detail: messageOf(error) };
  });
  const end = async (reason: 'stopped' | 'dropped') => {
    wish ??= { reason };
    abort.abort();
    if (reason === 'dropped') publisher.drop();
    await done;
  };
  return { done, stop: () => end('stopped'), drop: () => end('dropped') };
}
