import { readFileSync } from 'node:fs';
import { type MediaTag, readFlvTags } from '../../simulators/kit/flv.ts';
import { packetsOf } from '../../simulators/kit/media-packets.ts';
import { recordable } from '../../simulators/kit/recorder.ts';
import { type TsSegment, TsSegmenter, type TsSegmenterOptions } from '../../simulators/kit/ts-segmenter.ts';

/** Ten seconds of H.264 and AAC, with a key frame every two seconds. */
const fixture = new URL('../../simulators/kit/fixture.flv', import.meta.url);
/** A little more, so that no picture of one round is shown after the first of the next. */
const fixtureMs = 10_080;

const has = (tag: MediaTag, kind: string): boolean => packetsOf(tag).some((packet) => packet.kind === kind);

/** A segmenter as a recorder has it: segments of two seconds, from the beginning of the timeline. */
export const segmenterWith = (options: Partial<TsSegmenterOptions> & Pick<TsSegmenterOptions, 'onSegment'>) =>
  new TsSegmenter({
    targetDurationMs: 2_000,
    maxDurationMs: Number.POSITIVE_INFINITY,
    codecs: recordable,
    startIndex: 0,
    timelineStartMs: 0,
    ...options,
  });

/** What a recorder makes of so many seconds of a real encoder: segments of two seconds, whole and playable. */
export function realSegments(seconds: number): TsSegment[] {
  const segments: TsSegment[] = [];
  const segmenter = segmenterWith({
    onSegment: (segment) => {
      segments.push(segment);
    },
  });
  const tags = readFlvTags(readFileSync(fixture)).filter((tag) => !has(tag, 'other'));
  const frames = tags.filter((tag) => has(tag, 'frame'));
  for (let base = 0; base < seconds * 1000; base += fixtureMs) {
    for (const tag of base === 0 ? tags : frames) {
      const timestamp = base + tag.timestamp;
      if (timestamp < seconds * 1000) segmenter.tag({ ...tag, timestamp });
    }
  }
  segmenter.finish();
  return segments;
}
