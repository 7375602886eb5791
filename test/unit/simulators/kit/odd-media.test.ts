import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { type MediaTag, readFlvTags } from '../../../../simulators/kit/flv.ts';
import type { TsSegment } from '../../../../simulators/kit/ts-segmenter.ts';
import {
  asHevc,
  asMp3,
  type Change,
  cutOffSetUp,
  damaged,
  enhanced,
  frozenPicture,
  heAac,
  hour,
  isPicture,
  isSetUp,
  isSound,
  lateSound,
  oneMp3Tag,
  opusBeside,
  pictureOnly,
  shift,
  soundOnly,
  twoTracks,
  unknownPackets,
  wildFrame,
  withoutKeys,
  withoutSoundSetUp,
} from '../../../support/odd-media.ts';
import { segmenterWith } from '../../../support/real-media.ts';

const once = readFlvTags(await readFile(new URL('../../../../simulators/kit/fixture.flv', import.meta.url)));
/** Ten seconds; the first picture comes 46 ms after the first sound. */
const clip = once.filter(({ timestamp }) => timestamp < 10_000);
const seconds = 10;

/** Times at which each tag arrives, where that is not all at once. */
type Arrival = (tag: MediaTag) => number;

function recordingOf(tags: readonly MediaTag[], arrives: Arrival = () => 0) {
  const begunAt = Date.parse('2026-12-01T18:00:00Z');
  const clock = vi.spyOn(Date, 'now').mockReturnValue(begunAt);
  const segments: TsSegment[] = [];
  const troubles: string[] = [];
  const segmenter = segmenterWith({
    onSegment: (segment) => segments.push(segment),
    onTrouble: (what) => troubles.push(what),
  });
  for (const tag of tags) {
    clock.mockReturnValue(begunAt + arrives(tag));
    segmenter.tag(tag);
  }
  segmenter.finish();
  clock.mockRestore();
  return { segments, troubles, seconds: segments.reduce((sum, { durationMs }) => sum + durationMs / 1000, 0) };
}

/** How many frames each track of a segment has, and what its tables list. */
function contentOf({ bytes }: TsSegment) {
  const begins = (pid: number) =>
    Array.from({ length: bytes.length / 188 }, (_, i) => bytes.subarray(188 * i)).filter(
      (packet) => (packet.readUInt8(1) & 0x40) !== 0 && (packet.readUInt16BE(1) & 0x1fff) === pid,
    ).length;
  const map = bytes.subarray(188 + 5, 376);
  const listed = [];
  for (let at = 12; at < 3 + (map.readUInt16BE(1) & 0xfff) - 4; at += 5) listed.push(map.readUInt8(at));
  return { pictures: begins(0x100), sounds: begins(0x101), listed };
}

const streamTypes = { picture: 0x1b, hevc: 0x24, sound: 0x0f, mp3: 0x03 };
const framesIn = (tags: readonly MediaTag[], is: (tag: MediaTag) => boolean) =>
  tags.filter((tag) => is(tag) && !isSetUp(tag)).length;
const whole = {
  pictures: framesIn(clip, isPicture),
  // What comes before the first picture by more than a frame or two belongs to no picture.
  sounds: framesIn(clip, isSound) - 3,
};

interface Expected {
  pictures?: number;
  sounds?: number;
  lists?: number[];
  troubles?: string[];
}

const cases: [how: string, change: Change, expected: Expected][] = [
  ['as it should be', (tags) => tags, {}],
  ['in the form of enhanced RTMP', enhanced, {}],
  ['whose sound is set up after the first pictures', lateSound, { sounds: whole.sounds - 10 }],
  [
    'whose sound is never set up',
    withoutSoundSetUp,
    { sounds: 0, lists: [streamTypes.picture], troubles: ['sound in AAC came without its set-up'] },
  ],
  ['with sound only', soundOnly, { pictures: 0, lists: [streamTypes.sound] }],
  ['with a picture only', pictureOnly, { sounds: 0, lists: [streamTypes.picture] }],
  ['with sound in HE-AAC', heAac, {}],
  ['with sound in MP3', asMp3, { lists: [streamTypes.picture, streamTypes.mp3] }],
  ['with a picture in HEVC', asHevc, { lists: [streamTypes.hevc, streamTypes.sound] }],
  ['with two tracks of sound', twoTracks, { troubles: ['audio track 1 is not recorded, only track 0 is'] }],
  [
    'with a second track of sound in Opus',
    opusBeside,
    { troubles: ['audio track 1 is not recorded, only track 0 is'] },
  ],
  ['with one sound in MP3', oneMp3Tag, { troubles: ['sound in MP3 came among sound in AAC'] }],
  ['with a damaged picture', damaged, { pictures: whole.pictures - 30, troubles: ['a AVC frame is cut off'] }],
  [
    'with packets of unknown kinds',
    unknownPackets,
    {
      troubles: [
        'video in AVC of an unknown kind of packet is not recorded',
        'audio in AAC of an unknown kind of packet is not recorded',
      ],
    },
  ],
  [
    'with a set-up that is cut off',
    cutOffSetUp,
    { pictures: whole.pictures - 30, troubles: ['the H.264 configuration is cut off'] },
  ],
  [
    'whose picture ends before the sound',
    (tags) => tags.filter((tag) => !isPicture(tag) || tag.timestamp < 7_000),
    { pictures: whole.pictures - 50 },
  ],
  ['whose picture is frozen while the sound goes on', frozenPicture, { pictures: whole.pictures - 60 }],
  ...[1, -1, 15, -15, 90, -90].map((ms): [string, Change, Expected] => [
    `whose clock steps by ${ms} ms`,
    shift(6_000, ms),
    {},
  ]),
  ...[3_000, -3_000, 60_000, -60_000, 5 * hour, -5 * hour].map((ms): [string, Change, Expected] => [
    `whose clock jumps by ${ms} ms`,
    (tags) => shift(0, 6 * hour)(shift(6_000, ms)(tags)),
    { troubles: [expect.stringMatching(/^the clock of the \w+ jumped by/), expect.stringMatching(/^the clock/)] },
  ]),
  ['over the wrap of 32 bits', shift(0, 2 ** 32 - 6_000), {}],
  ['over the first long timestamp', shift(0, 2 ** 24 - 6_000), {}],
  [
    'with one frame hours off',
    wildFrame,
    { troubles: [expect.stringMatching(/^the clock of the video/), expect.stringMatching(/^the clock of the video/)] },
  ],
];

describe('the recording of a push', () => {
  it.each(cases)('%s is as long as what was sent and lacks nothing that can be recorded', (_how, change, expected) => {
    const recording = recordingOf(change(clip));
    const content = recording.segments.map(contentOf);
    const { lists = [streamTypes.picture, streamTypes.sound], troubles = [] } = expected;
    expect(recording.troubles).toEqual(troubles);
    expect(Math.abs(recording.seconds - seconds)).toBeLessThan(0.2);
    for (const one of content) expect(one.listed).toEqual(lists);
    const sum = (of: 'pictures' | 'sounds') => content.reduce((total, one) => total + one[of], 0);
    expect(sum('pictures')).toBeGreaterThanOrEqual(expected.pictures ?? whole.pictures);
    expect(sum('sounds')).toBeGreaterThanOrEqual(expected.sounds ?? whole.sounds);
  });

  it('says that pictures without any key frame are not recorded', () => {
    const { segments, troubles } = recordingOf(withoutKeys(clip));
    expect([segments, troubles]).toEqual([[], ['no key frame came among 100 pictures in AVC; they are not recorded']]);
  });

  it('keeps a pause, and its last frame does not inherit it', () => {
    const tags = shift(6_000, 4_000)(clip.filter(({ timestamp }) => timestamp < 6_500));
    const recording = recordingOf(tags, ({ timestamp }) => (timestamp < 6_000 ? 0 : 4_000));
    expect(recording.troubles).toEqual([]);
    expect(Math.abs(recording.seconds - 10.5)).toBeLessThan(0.2);
  });

  it('ends with its last picture when that is the first one after a pause', () => {
    const first = clip.findIndex((tag) => isPicture(tag) && tag.timestamp >= 6_000);
    const tags = shift(6_000, 4_000)(clip.slice(0, first + 1));
    const recording = recordingOf(tags, ({ timestamp }) => (timestamp < 6_000 ? 0 : 4_000));
    expect(Math.abs(recording.seconds - 10)).toBeLessThan(0.2);
  });
});
