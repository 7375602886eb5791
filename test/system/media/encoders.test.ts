import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../../../scripts/chromium.ts';
import type { MediaTag } from '../../../simulators/kit/flv.ts';
import { packetsOf } from '../../../simulators/kit/media-packets.ts';
import { noBrowser, openPage } from '../board/board-harness.ts';
import { clip, complaintsOf, decoded, ffmpeg, hevcClip, openIngest, play, send, servePlayer } from './media-harness.ts';

let browser: Browser;
const hour = 3_600_000;
const isSound = ({ type }: MediaTag) => type === 'audio';
const isPicture = (tag: MediaTag) => tag.type === 'video' && packetsOf(tag).some(({ kind }) => kind === 'frame');
const isSetUp = (tag: MediaTag) => packetsOf(tag).some(({ kind }) => kind === 'config');
const shift = (from: number, byMs: number) => (tags: MediaTag[]) =>
  tags.map((tag) => (tag.timestamp >= from ? { ...tag, timestamp: (tag.timestamp + byMs) >>> 0 } : tag));

/** The set-up of the sound comes after the first pictures. */
function lateSound(tags: MediaTag[]): MediaTag[] {
  const setUp = tags.filter((tag) => isSound(tag) && isSetUp(tag));
  const rest = tags.filter((tag) => !(isSound(tag) && isSetUp(tag)));
  const third = rest.indexOf(rest.filter(isPicture)[2] as MediaTag);
  return [...rest.slice(0, third), ...setUp, ...rest.slice(third)];
}

function wildFrame(tags: MediaTag[]): MediaTag[] {
  const wild = tags.findIndex((tag) => isPicture(tag) && tag.timestamp > 6_500);
  return tags.map((tag, index) => (index === wild ? { ...tag, timestamp: tag.timestamp + 5 * hour } : tag));
}

function damaged(tags: MediaTag[]): MediaTag[] {
  const bad = tags.findIndex((tag) => isPicture(tag) && tag.timestamp > 6_500);
  return tags.map((tag, index) => (index === bad ? { ...tag, data: tag.data.subarray(0, tag.data.length - 5) } : tag));
}

/** The same in the newer form. */
function enhanced(tags: MediaTag[]): MediaTag[] {
  return tags.map((tag) => {
    if (isSound(tag)) return { ...tag, data: form(0x90 | (tag.data[1] ?? 0), 'mp4a', tag.data.subarray(2)) };
    if (tag.type !== 'video') return tag;
    const [first = 0, kind = 0] = tag.data;
    return { ...tag, data: form(0x80 | (first & 0x70) | kind, 'avc1', tag.data.subarray(kind === 1 ? 2 : 5)) };
  });
}

const form = (first: number, fourCc: string, rest: Buffer) =>
  Buffer.concat([Buffer.of(first), Buffer.from(fourCc), rest]);

/** Each sound twice, as two tracks in one message. */
function twoTracks(tags: MediaTag[]): MediaTag[] {
  return tags.map((tag) => {
    if (!isSound(tag)) return tag;
    const payload = tag.data.subarray(2);
    const size = Buffer.alloc(3);
    size.writeUIntBE(payload.length, 0, 3);
    const tracks = [0, 1].flatMap((id) => [Buffer.of(id), size, payload]);
    return { ...tag, data: form(0x95, `${String.fromCharCode(0x10 | (tag.data[1] ?? 0))}mp4a`, Buffer.concat(tracks)) };
  });
}

const cases: [string, (tags: MediaTag[]) => MediaTag[], { sound?: boolean; picture?: boolean; troubles?: number }][] = [
  ['as it should be', (tags) => tags, {}],
  ['in the form of enhanced RTMP', enhanced, {}],
  ['with two tracks of sound', twoTracks, { troubles: 1 }],
  ['with sound set up late', lateSound, {}],
  ['with sound only', (tags) => tags.filter((tag) => tag.type !== 'video'), { picture: false }],
  ['with a picture only', (tags) => tags.filter((tag) => !isSound(tag)), { sound: false }],
  ['whose clock steps back 1 ms', shift(6_000, -1), {}],
  ['whose clock steps on 1 ms', shift(6_000, 1), {}],
  ['whose clock jumps hours on', shift(6_000, 5 * hour), { troubles: 2 }],
  ['whose clock jumps back', shift(6_000, -4_000), { troubles: 2 }],
  ['with one frame hours off', wildFrame, { troubles: 2 }],
  ['over the wrap of 32 bits', shift(0, 2 ** 32 - 6_000), {}],
  [
    'with a picture frozen while the sound goes on',
    (tags) => tags.filter((tag) => !isPicture(tag) || tag.timestamp < 4_000 || tag.timestamp >= 8_000),
    {},
  ],
  ['with a damaged frame', damaged, { troubles: 1 }],
  [
    'with a tag of another codec',
    (tags) => [
      ...tags.slice(0, 200),
      { type: 'video', timestamp: 5, data: Buffer.from([0x17, 0, 0, 0, 0, 1]) },
      ...tags.slice(200),
    ],
    { troubles: 1 },
  ],
];

describe.skipIf(ffmpeg === undefined || noBrowser)('the recording of a push', () => {
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  it.each(cases)(
    '%s is as long as what was sent, decodes, and plays to its end',
    async (_how, change, expected) => {
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
    },
    120_000,
  );

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
  }, 120_000);

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
  }, 120_000);
});
