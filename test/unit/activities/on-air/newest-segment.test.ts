import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Blank, type BlankDetector, blankDetector } from '../../../../activities/on-air/blank.ts';
import { findingOf, type ProbedSegment } from '../../../../activities/on-air/newest-segment.ts';
import { findFfmpeg } from '../../../../activities/proof/media/ffmpeg.ts';
import { tsMedia } from '../../../support/media.ts';
import { realFragments } from '../../../support/real-fragments.ts';
import { realSegments } from '../../../support/real-media.ts';
import { followed } from './followed.ts';

const real = realSegments(4);
const whole = real[0]?.bytes ?? new Uint8Array();
const inTs = (bytes: Uint8Array): ProbedSegment => ({ bytes, hasInit: false, hasSoundApart: false });
const seeing = (blank: Blank | undefined): BlankDetector => ({ isBusy: false, look: async () => blank });
const seenIn = async (segment: ProbedSegment, blank?: Blank) => (await findingOf(segment, seeing(blank))).seen;

/** A segment in which one kind is missing. */
const half = (kind: 'video' | 'audio') => tsMedia({ startMs: 0, lengthMs: 2_000, [kind]: false });

describe('the newest segment', () => {
  it('holds picture and sound, in MPEG-TS and in fragments of MP4', async () => {
    expect(await seenIn(inTs(whole))).toBeUndefined();
    const { init, fragments } = await realFragments(real);
    const bytes = Buffer.concat([init, fragments[0] ?? init]);
    expect(await seenIn({ bytes, hasInit: true, hasSoundApart: false })).toBeUndefined();
    expect(await seenIn({ bytes: init, hasInit: true, hasSoundApart: false })).toBe(
      'the newest segment holds no picture',
    );
  });

  it('holds none, which counts when two in a row hold none', async () => {
    expect(await seenIn(inTs(half('video')))).toBe('the newest segment holds no picture');
    const first = await findingOf(inTs(half('audio')));
    expect(first).toEqual({ seen: 'the newest segment holds no sound' });
    expect((await findingOf(inTs(half('audio')), undefined, first)).problem).toBe('the newest segment holds no sound');
    expect((await findingOf(inTs(whole), undefined, first)).problem).toBeUndefined();
    expect((await findingOf(inTs(half('video')), undefined, first)).problem).toBeUndefined();
  });

  it('needs no sound where the sound has playlists of its own', async () => {
    expect(await seenIn({ ...inTs(half('audio')), hasSoundApart: true })).toBeUndefined();
  });

  it('is not called empty where it cannot be read', async () => {
    expect(await seenIn(inTs(Buffer.from('<html>')))).toBeUndefined();
    expect(await seenIn({ bytes: Buffer.alloc(64, 7), hasInit: true, hasSoundApart: false })).toBeUndefined();
  });

  it('is black, silent or both, and fine where that cannot be seen', async () => {
    expect(await seenIn(inTs(whole), { isBlack: true, isSilent: true })).toBe('the newest segment is black and silent');
    expect(await seenIn(inTs(whole), { isBlack: true })).toBe('the picture of the newest segment is black');
    expect(await seenIn(inTs(whole), { isBlack: false, isSilent: true })).toBe(
      'the sound of the newest segment is silent',
    );
    expect(await seenIn(inTs(whole), {})).toBeUndefined();
    expect(await seenIn(inTs(whole), undefined)).toBeUndefined();
  });
});

describe('a detector of black pictures and silence', () => {
  let ffmpeg: string;
  beforeAll(async () => {
    ffmpeg = (await findFfmpeg()) ?? '';
  });

  /** Two seconds that an ffmpeg makes of these sources. */
  const made = (picture: string, sound?: string): Uint8Array => {
    const inputs = [picture, ...(sound === undefined ? [] : [sound])].flatMap((source) => [
      '-f',
      'lavfi',
      '-i',
      source,
    ]);
    const output = ['-t', '2', '-c:v', 'mpeg2video', '-c:a', 'mp2', '-f', 'mpegts', 'pipe:1'];
    return execFileSync(ffmpeg, ['-v', 'error', ...inputs, ...output], { maxBuffer: 16_000_000 });
  };
  const test = 'testsrc=s=320x180:r=25';
  const black = 'color=black:s=320x180:r=25';
  const tone = 'sine=440:r=44100';
  const nothing = 'anullsrc=r=44100:cl=stereo';

  it('sees and hears what there is', async () => {
    const detector = blankDetector();
    const look = (bytes: Uint8Array) => detector.look(bytes, 'mpegts');
    expect(await look(made(test, tone))).toEqual({ isBlack: false, isSilent: false });
    expect(await look(made(black, tone))).toEqual({ isBlack: true, isSilent: false });
    expect(await look(made(test, nothing))).toEqual({ isBlack: false, isSilent: true });
    expect(await look(made(black, nothing))).toEqual({ isBlack: true, isSilent: true });
    expect(await look(made(black))).toEqual({ isBlack: true });
    expect(await look(whole)).toEqual({ isBlack: false, isSilent: false });
  });

  it('looks at one segment at a time, and says nothing of what it cannot decode or without ffmpeg', async () => {
    const detector = blankDetector();
    const first = detector.look(whole, 'mpegts');
    expect(detector.isBusy).toBe(true);
    expect(await detector.look(whole, 'mpegts')).toBeUndefined();
    expect(await first).toBeDefined();
    expect(detector.isBusy).toBe(false);
    expect(await detector.look(Buffer.from('no segment'), 'mpegts')).toBeUndefined();
    expect(await blankDetector('/nowhere/ffmpeg').look(whole, 'mpegts')).toBeUndefined();
  });
});

/** What a run is signalled of a stream of one-second segments, of which every one is what `at` gives. */
async function signalsOf(bytesAt: (ms: number) => Uint8Array, untilMs: number, blank?: BlankDetector) {
  let segments = 0;
  const stream = (now: () => number) => ({
    url: 'https://edge.example/live.m3u8',
    get: async (url: string) => {
      if (url.endsWith('.ts')) {
        segments += 1;
        return { status: 200, body: bytesAt(now()) };
      }
      const newest = Math.floor(now() / 1_000);
      const lines = [
        '#EXTM3U',
        '#EXT-X-TARGETDURATION:1',
        `#EXT-X-MEDIA-SEQUENCE:${newest}`,
        '#EXTINF:1,',
        `${newest}.ts`,
      ];
      return { status: 200, body: Buffer.from(lines.join('\n')) };
    },
  });
  const { signals } = await followed({ stream, untilMs, ...(blank && { blank }) });
  return { signals, segments };
}

const minute = 60_000;

describe('a run', () => {
  it('hears within two minutes that viewers get no sound, and when they do again', async () => {
    const { signals, segments } = await signalsOf(
      (at) => (at > 3 * minute && at < 8 * minute ? half('audio') : whole),
      12 * minute,
    );
    expect(signals.map(({ state, blank }) => ({ state, blank }))).toEqual([
      { state: 'on-air', blank: undefined },
      { state: 'on-air', blank: 'the newest segment holds no sound' },
      { state: 'on-air', blank: undefined },
    ]);
    expect(signals[1]?.at).toBeGreaterThan(3 * minute);
    expect(signals[1]?.at).toBeLessThanOrEqual(5 * minute + 2_000);
    expect(segments).toBeLessThanOrEqual(12);
  });

  it('waits for its turn while the detector is busy', async () => {
    const { segments } = await signalsOf(() => whole, 5 * minute, { isBusy: true, look: async () => undefined });
    expect(segments).toBe(0);
  });
});
