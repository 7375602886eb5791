import { once } from 'node:events';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { describe, expect, it } from 'vitest';
import { findFfmpeg, startEncoder } from '../../../../simulators/kit/encoder.ts';
import type { MediaTag } from '../../../../simulators/kit/flv.ts';
import { type RecordOptions, record } from '../../../../simulators/kit/recorder.ts';
import type { IngestSession } from '../../../../simulators/kit/rtmp-ingest.ts';
import type { TsSegment } from '../../../../simulators/kit/ts-segmenter.ts';
import { nextSession, startIngest } from './kit-harness.ts';

const asFastAsItGoes = Number.POSITIVE_INFINITY;
const ffmpeg = await findFfmpeg();

/** Records every session of an ingest one after the other, as a simulator does. */
async function startRecording(options: Partial<RecordOptions> = {}) {
  const test = await startIngest();
  const segments: TsSegment[] = [];
  const troubles: string[] = [];
  const onSegment = (segment: TsSegment) => {
    segments.push(segment);
  };
  const finished: Promise<void>[] = [];
  test.ingest.on('publish', (session) => {
    const recording = record(session, {
      startIndex: segments.length,
      onSegment,
      onTrouble: (what) => troubles.push(what),
      ...options,
    });
    session.once('end', () => finished.push(recording.finish()));
  });
  return { ...test, segments, troubles, finished: () => Promise.all(finished) };
}

interface Inspected {
  codecs: (string | null | undefined)[];
  firstType: string | undefined;
  /** Seconds on the media timeline, of each picture in decoding order. */
  pictures: number[];
  sounds: number[];
}

async function inspect({ bytes }: TsSegment): Promise<Inspected> {
  const input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
  const pictures: number[] = [];
  const sounds: number[] = [];
  let firstType: string | undefined;
  if (video) {
    for await (const packet of new EncodedPacketSink(video).packets()) {
      firstType ??= packet.type;
      pictures.push(packet.timestamp);
    }
  }
  if (audio) for await (const packet of new EncodedPacketSink(audio).packets()) sounds.push(packet.timestamp);
  return { codecs: [video?.codec, audio?.codec], firstType, pictures, sounds };
}

const ms = (seconds: number | undefined) => Math.round((seconds ?? Number.NaN) * 1000);
const sum = (segments: readonly TsSegment[]) => segments.reduce((total, one) => total + one.durationMs, 0);

/** Each segment plays alone, starts on a key frame, and the next one starts exactly where its EXTINF says. */
async function expectWhole(segments: readonly TsSegment[]): Promise<void> {
  const inspected = await Promise.all(segments.map(inspect));
  for (const one of inspected) {
    expect(one.codecs).toEqual(['avc', 'aac']);
    expect(one.firstType).toBe('key');
  }
  const starts = inspected.map(({ pictures }) => ms(Math.min(...pictures)));
  const steps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
  expect(steps).toEqual(segments.slice(0, -1).map((segment) => segment.durationMs));
}

describe('a recording', () => {
  it('is cut on key frames into segments that last what they claim', async () => {
    const { url, segments, finished } = await startRecording();
    await (await startEncoder({ url: url('show'), seconds: 25, speed: asFastAsItGoes })).done;
    await finished();
    await expectWhole(segments);
    expect(segments.map((segment) => segment.index)).toEqual(segments.map((_, index) => index));
    expect(segments.map((segment) => segment.discontinuity)).toEqual(segments.map((_, index) => index === 0));
    // The clip's first picture comes 46 ms after its first sound.
    expect(sum(segments)).toBeGreaterThan(25_000 - 46 - 67);
    expect(sum(segments)).toBeLessThanOrEqual(25_000);
  });

  it('goes on over a lost connection on one timeline, with one discontinuity', async () => {
    const { ingest, url, segments, finished } = await startRecording();
    const publish = nextSession(ingest);
    const first = await startEncoder({ url: url('show') });
    await enoughFrames(await publish, 20);
    const gone = once(ingest, 'unpublish');
    await first.drop();
    await gone;
    await (await startEncoder({ url: url('show'), seconds: 5, speed: asFastAsItGoes })).done;
    await finished();
    await expectWhole(segments);
    expect(segments.map((segment) => segment.discontinuity)).toEqual([true, true, false, false]);
    expect(segments.map((segment) => segment.index)).toEqual([0, 1, 2, 3]);
    expect(segments.at(-1)?.timelineEndMs).toBe(sum(segments));
  });

  it('carries as much sound as picture, with no sound lost at a cut', async () => {
    const { url, segments, finished } = await startRecording();
    await (await startEncoder({ url: url('show'), seconds: 8, speed: asFastAsItGoes })).done;
    await finished();
    const sounds = (await Promise.all(segments.map(inspect))).flatMap((one) => one.sounds.map(ms));
    const steps = sounds.slice(1).map((sound, index) => sound - (sounds[index] ?? 0));
    const aacFrameMs = (1024 / 22050) * 1000;
    for (const step of steps) expect(Math.abs(step - aacFrameMs)).toBeLessThanOrEqual(1);
  });

  it('makes segments of the given length', async () => {
    const { url, segments, finished } = await startRecording({ targetDurationMs: 4000 });
    await (await startEncoder({ url: url('show'), seconds: 8.2, speed: asFastAsItGoes })).done;
    await finished();
    expect(segments.map((segment) => segment.durationMs).slice(0, 2)).toEqual([4000, 4000]);
  });

  it('waits for every segment to be kept before it is finished, one after the other', async () => {
    const { ingest, url } = await startIngest();
    const events: string[] = [];
    const publish = nextSession(ingest);
    const encoder = startEncoder({ url: url('show'), seconds: 5, speed: asFastAsItGoes });
    const recording = record(await publish, {
      onTrouble: () => undefined,
      onSegment: async ({ index }) => {
        events.push(`begin ${index}`);
        await new Promise(setImmediate);
        events.push(`end ${index}`);
      },
    });
    await (await encoder).done;
    await recording.finish();
    expect(events).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
    await recording.finish();
    expect(events).toHaveLength(6);
  });

  it.each([
    ['a picture in H.263', { type: 'video', timestamp: 0, data: Buffer.from([0x12, 0, 0, 0, 0, 0]) }, 'H263'],
    ['sound in Speex', { type: 'audio', timestamp: 0, data: Buffer.from([0xbf, 0, 0]) }, 'Speex'],
    ['a set-up that is cut off', { type: 'video', timestamp: 0, data: Buffer.from([0x17, 0, 0, 0, 0, 1]) }, 'cut off'],
    [
      'a frame that is cut off',
      { type: 'video', timestamp: 0, data: Buffer.from([0x27, 1, 0, 0, 0, 0, 0, 9, 9, 1]) },
      'cut off',
    ],
  ] satisfies [string, MediaTag, string][])(
    'leaves out %s, says so once, and goes on',
    async (_what, tag, complaint) => {
      const { ingest, url, segments, troubles, finished } = await startRecording();
      ingest.on('publish', (session) => {
        let taken = 0;
        session.on('tag', ({ timestamp }) => {
          taken += 1;
          if (taken === 200) for (let times = 0; times < 2; times += 1) session.take({ ...tag, timestamp });
        });
      });
      await (await startEncoder({ url: url('show'), seconds: 12, speed: asFastAsItGoes })).done;
      await finished();
      expect(troubles.filter((what) => what.includes(complaint))).toHaveLength(1);
      expect(sum(segments)).toBeGreaterThan(11_800);
    },
  );

  it('says so when a segment cannot be kept', async () => {
    const { ingest, url } = await startIngest();
    const publish = nextSession(ingest);
    const encoder = startEncoder({ url: url('show'), seconds: 5, speed: asFastAsItGoes });
    const errors: string[] = [];
    const recording = record(await publish, {
      onSegment: () => Promise.reject(new Error('the disk is full')),
      onTrouble: (what) => errors.push(what),
    });
    await (await encoder).done;
    await recording.finish();
    expect(errors).toEqual(['the disk is full']);
  });

  it.runIf(ffmpeg)('of ffmpeg is as whole, over a lost connection too', async () => {
    const { ingest, url, segments, finished } = await startRecording({ targetDurationMs: 1000 });
    for (const leave of ['drop', 'stop'] as const) {
      const publish = nextSession(ingest);
      const encoder = await startEncoder({ url: url('show'), source: 'ffmpeg' });
      await enoughFrames(await publish, 40);
      const gone = once(ingest, 'unpublish');
      await encoder[leave]();
      await gone;
    }
    await finished();
    await expectWhole(segments);
    expect(segments.filter((segment) => segment.discontinuity)).toHaveLength(2);
    expect(segments.filter((segment) => !segment.discontinuity).length).toBeGreaterThanOrEqual(2);
  });
});

/** Until this many pictures have come. */
function enoughFrames(session: IngestSession, frames: number): Promise<void> {
  return new Promise((resolve) => {
    session.on('tag', () => {
      if (session.stats().frames >= frames) resolve();
    });
  });
}
