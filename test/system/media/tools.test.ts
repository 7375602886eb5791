import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../../../scripts/chromium.ts';
import { noBrowser, openPage } from '../board/board-harness.ts';
import { complaintsOf, decoded, ffmpeg, gstreamer, openIngest, play, run, servePlayer } from './media-harness.ts';

const seconds = 5;
const picture = ['-f', 'lavfi', '-i', `testsrc=size=320x180:rate=25:duration=${seconds}`];
const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=44100:duration=${seconds}`];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50'];
const aac = ['-c:a', 'aac', '-b:a', '64k'];

interface Expected {
  picture: boolean;
  sound: boolean;
}
const both: Expected = { picture: true, sound: true };

const ofFfmpeg: [string, string[], Expected][] = [
  ['H.264 and AAC', [...picture, ...sound, ...h264, ...aac], both],
  ['B-frames', [...picture, ...sound, ...h264, '-preset', 'medium', '-bf', '3', ...aac], both],
  ['MP3', [...picture, ...sound, ...h264, '-c:a', 'libmp3lame', '-b:a', '64k'], both],
  ['mono at 22,050 Hz', [...picture, ...sound, ...h264, ...aac, '-ac', '1', '-ar', '22050'], both],
  ['six channels', [...picture, ...sound, ...h264, ...aac, '-ac', '6', '-b:a', '256k'], both],
  ['sound only', [...sound, ...aac], { picture: false, sound: true }],
  ['a picture only', [...picture, ...h264], { picture: true, sound: false }],
];

const video = `videotestsrc num-buffers=${seconds * 25} ! video/x-raw,width=320,height=180,framerate=25/1 ! x264enc speed-preset=ultrafast key-int-max=50`;
const audio = (encoder: string) =>
  `audiotestsrc num-buffers=${Math.ceil((seconds * 44_100) / 1024)} ! audio/x-raw,rate=44100,channels=2 ! ${encoder}`;
const ofGstreamer: [string, string[], Expected][] = [
  ['H.264 and AAC', [`${video} ! h264parse ! queue ! mux.`, `${audio('avenc_aac')} ! aacparse ! queue ! mux.`], both],
  ['MP3', [`${video} ! h264parse ! queue ! mux.`, `${audio('lamemp3enc')} ! mpegaudioparse ! queue ! mux.`], both],
  ['sound only', [`${audio('avenc_aac')} ! aacparse ! queue ! mux.`], { picture: false, sound: true }],
  ['a picture only', [`${video} bframes=2 ! h264parse ! queue ! mux.`], { picture: true, sound: false }],
];

let browser: Browser;

describe.skipIf(ffmpeg === undefined || noBrowser)('what a tool sends is recorded whole and plays:', () => {
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  it.each(ofFfmpeg)('ffmpeg, %s', async (_what, args, expected) => {
    await expectWhole(expected, (url) => run(ffmpeg ?? '', ['-v', 'error', '-re', ...args, '-f', 'flv', url]));
  });

  for (const sink of ['rtmp2sink', 'rtmpsink']) {
    it.skipIf(!gstreamer).each(ofGstreamer)(`GStreamer, %s, through ${sink}`, async (_what, branches, expected) => {
      const to = (url: string) => `flvmux name=mux streamable=true ! ${sink} location=${url} ${branches.join(' ')}`;
      await expectWhole(expected, (url) => run('gst-launch-1.0', ['-q', ...to(url).split(' ')]));
    });
  }
});

async function expectWhole(
  expected: Expected,
  push: (url: string) => Promise<{ code: number | null; output: string }>,
) {
  const { url, recorded } = await openIngest();
  const outcome = recorded();
  const { code, output } = await push(url);
  expect([code, output.replaceAll(/.*(?:vaapi|libva|VA-API).*\n?/gi, '').trim()]).toEqual([0, '']);
  const recording = await outcome;
  expect(recording.troubles).toEqual([]);
  expect(Math.abs(recording.seconds - seconds)).toBeLessThan(0.2);
  expect(await complaintsOf(recording)).toBe('');
  const { pictures, soundSeconds } = await decoded(recording);
  expect(pictures).toBe(expected.picture ? seconds * 25 : 0);
  if (expected.sound) expect(Math.abs(soundSeconds - seconds)).toBeLessThan(0.3);
  const played = await play(await openPage(browser), await servePlayer(recording));
  expect(played).toMatchObject({ ended: true, errors: [] });
  expect(played.soundBytes > 0).toBe(expected.sound);
  expect(played.width > 0).toBe(expected.picture);
}
