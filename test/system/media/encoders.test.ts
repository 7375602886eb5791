import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../../../scripts/chromium.ts';
import {
  type Change,
  cutOffSetUp,
  damaged,
  enhanced,
  frozenPicture,
  heAac,
  hour,
  lateSound,
  oneMp3Tag,
  pictureOnly,
  shift,
  soundOnly,
  twoTracks,
  wildFrame,
} from '../../support/odd-media.ts';
import { noBrowser, openPage } from '../board/board-harness.ts';
import { clip, complaintsOf, decoded, ffmpeg, hevcClip, openIngest, play, send, servePlayer } from './media-harness.ts';

let browser: Browser;
const cases: [string, Change, { sound?: boolean; picture?: boolean; troubles?: number }][] = [
  ['as it should be', (tags) => tags, {}],
  ['in the form of enhanced RTMP', enhanced, {}],
  ['with two tracks of sound', twoTracks, { troubles: 1 }],
  ['with sound set up late', lateSound, {}],
  ['with sound only', soundOnly, { picture: false }],
  ['with a picture only', pictureOnly, { sound: false }],
  ['whose clock steps back 1 ms', shift(6_000, -1), {}],
  ['whose clock steps on 1 ms', shift(6_000, 1), {}],
  ['whose clock jumps hours on', shift(6_000, 5 * hour), { troubles: 2 }],
  ['whose clock jumps back', shift(6_000, -4_000), { troubles: 2 }],
  ['with one frame hours off', wildFrame, { troubles: 2 }],
  ['over the wrap of 32 bits', shift(0, 2 ** 32 - 6_000), {}],
  ['with a picture frozen while the sound goes on', frozenPicture, {}],
  ['with a damaged frame', damaged, { troubles: 1 }],
  ['with one sound in MP3', oneMp3Tag, { troubles: 1 }],
  ['with a set-up that is cut off', cutOffSetUp, { troubles: 1 }],
  ['with sound in HE-AAC', heAac, {}],
];

describe.skipIf(ffmpeg === undefined || noBrowser)('the recording of a push', () => {
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  it.each(cases)('%s is as long as what was sent, decodes, and plays to its end', async (_how, change, expected) => {
    const { url, recorded } = await openIngest();
    const outcome = recorded();
    await send(url, change(await clip(12)));
    const recording = await outcome;
    const { sound = true, picture = true, troubles = 0 } = expected;
    expect(recording.troubles).toHaveLength(troubles);
    expect(recording.seconds).toBeGreaterThan(11.8);
    expect(recording.seconds).toBeLessThan(12.2);
    expect(await complaintsOf(recording)).toBe('');
    const { soundSeconds } = await decoded(recording);
    if (sound) expect(soundSeconds).toBeGreaterThan(11.5);
    const page = await openPage(browser);
    const played = await play(page, await servePlayer(recording));
    expect(played).toMatchObject({ ended: true, errors: [] });
    expect(Math.abs(played.seconds - recording.seconds)).toBeLessThan(0.5);
    expect(played.soundBytes > 0).toBe(sound);
    expect(played.width > 0).toBe(picture);
  });

  it('of an encoder that paused keeps the pause', async () => {
    const { url, recorded } = await openIngest();
    const outcome = recorded();
    const tags = shift(6_000, 4_000)(await clip(10));
    await send(url, tags, ({ timestamp }) => (timestamp < 6_000 ? 0 : 4_000));
    const recording = await outcome;
    expect(recording.troubles).toEqual([]);
    expect(Math.abs(recording.seconds - 14)).toBeLessThan(0.2);
    expect(await complaintsOf(recording)).toBe('');
    const played = await play(await openPage(browser), await servePlayer(recording));
    expect(played.ended).toBe(true);
  });

  it('in HEVC decodes, and a player reads it; the Chromium of Debian has no decoder for it', async () => {
    const { url, recorded } = await openIngest();
    const outcome = recorded();
    await send(url, await hevcClip(4));
    const recording = await outcome;
    expect(recording.troubles).toEqual([]);
    expect(Math.abs(recording.seconds - 4)).toBeLessThan(0.1);
    expect(await complaintsOf(recording)).toBe('');
    expect((await decoded(recording)).pictures).toBe(100);
    const page = await openPage(browser);
    const played = await play(page, await servePlayer(recording));
    expect(played.codecs[0]).toMatch(/^hvc1\.1\./);
    const canPlay = await page.evaluate<boolean>(`MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L60.B0"')`);
    if (canPlay) expect(played).toMatchObject({ ended: true, errors: [] });
    else expect(played.errors.join()).toContain('bufferAddCodecError');
  });
});
