import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../../../scripts/chromium.ts';
import type { MediaTag } from '../../../simulators/kit/flv.ts';
import { otherWire, type Wire } from '../../support/other-wire.ts';
import { noBrowser, openPage } from '../board/board-harness.ts';
import {
  clip,
  complaintsOf,
  decoded,
  ffmpeg,
  gstreamer,
  openIngest,
  play,
  type Recorded,
  run,
  send,
  servePlayer,
} from './media-harness.ts';

const seconds = 6;
/** Timestamps above 2²⁴ - 1 ms take four more bytes: the show goes over that. */
const beforeLongMs = 2 ** 24 - 3_000;

const late = (tags: MediaTag[]) => tags.map((tag) => ({ ...tag, timestamp: tag.timestamp + beforeLongMs }));

const wires: [string, Wire, (tags: MediaTag[]) => MediaTag[]][] = [
  ...[1, 127, 65_536].map((chunkSize): [string, Wire, (tags: MediaTag[]) => MediaTag[]] => [
    `chunks of ${chunkSize} bytes`,
    { chunkSize },
    (tags) => tags,
  ]),
  ['long timestamps in front of every chunk', { longTimestamps: 'repeated' }, late],
  ['long timestamps in front of the first chunk alone', { longTimestamps: 'once' }, late],
  ['long timestamps and chunks of one byte', { longTimestamps: 'once', chunkSize: 1 }, late],
  ['aggregates of ten messages', { together: 10 }, (tags) => tags],
  ['aggregates with long timestamps', { together: 7, longTimestamps: 'repeated', chunkSize: 4_096 }, late],
];

let browser: Browser;

async function expectWhole(recording: Recorded, expectedSeconds = seconds): Promise<void> {
  expect(recording.troubles).toEqual([]);
  expect(Math.abs(recording.seconds - expectedSeconds)).toBeLessThan(0.2);
  expect(await complaintsOf(recording)).toBe('');
  expect((await decoded(recording)).soundSeconds).toBeGreaterThan(expectedSeconds - 0.5);
  const played = await play(await openPage(browser), await servePlayer(recording));
  expect(played).toMatchObject({ ended: true, errors: [] });
  expect([played.soundBytes > 0, played.width > 0]).toEqual([true, true]);
}

describe.skipIf(ffmpeg === undefined || noBrowser)(
  'whatever the form on the wire, a recording is whole and plays:',
  () => {
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(() => browser?.close());

    it.each(wires)('the fixture publisher, %s', async (_what, wire, change) => {
      const { url, recorded } = await openIngest();
      const outcome = recorded();
      await send(await otherWire(url, wire), change(await clip(seconds)));
      await expectWhole(await outcome);
    });

    const picture = ['-f', 'lavfi', '-i', `testsrc=size=320x180:rate=25:duration=${seconds}`];
    const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=44100:duration=${seconds}`];
    const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50', '-c:a', 'aac'];

    it('ffmpeg, over the first long timestamp', async () => {
      const { url, recorded } = await openIngest();
      const outcome = recorded();
      const offset = ['-output_ts_offset', String(beforeLongMs / 1000)];
      const args = ['-v', 'error', '-re', ...picture, ...sound, ...coded, ...offset, '-f', 'flv', url];
      expect(await run(ffmpeg ?? '', args)).toMatchObject({ code: 0 });
      await expectWhole(await outcome);
    });

    it.skipIf(!gstreamer).each([1, 65_536])('GStreamer, chunks of %d bytes', async (size) => {
      const { url, recorded } = await openIngest();
      const outcome = recorded();
      const pipeline = [
        `flvmux name=mux streamable=true ! rtmp2sink chunk-size=${size} location=${url}`,
        `videotestsrc num-buffers=${seconds * 25} ! video/x-raw,width=320,height=180,framerate=25/1 ! x264enc speed-preset=ultrafast key-int-max=50 ! h264parse ! queue ! mux.`,
        `audiotestsrc num-buffers=${Math.ceil((seconds * 44_100) / 1024)} ! audio/x-raw,rate=44100,channels=2 ! avenc_aac ! aacparse ! queue ! mux.`,
      ].join(' ');
      expect(await run('gst-launch-1.0', ['-q', ...pipeline.split(' ')])).toMatchObject({ code: 0 });
      await expectWhole(await outcome);
    });
  },
);
