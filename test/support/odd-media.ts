import type { MediaTag } from '../../simulators/kit/flv.ts';
import { packetsOf } from '../../simulators/kit/media-packets.ts';

/** What encoders do to a clip. */
export type Change = (tags: MediaTag[]) => MediaTag[];

export const hour = 3_600_000;
export const isSound = ({ type }: MediaTag): boolean => type === 'audio';
export const isPicture = (tag: MediaTag): boolean =>
  tag.type === 'video' && packetsOf(tag).some(({ kind }) => kind === 'frame');
export const isSetUp = (tag: MediaTag): boolean => packetsOf(tag).some(({ kind }) => kind === 'config');
const isSoundSetUp = (tag: MediaTag) => isSound(tag) && isSetUp(tag);

/** The clock is another from then on. */
export const shift =
  (from: number, byMs: number): Change =>
  (tags) =>
    tags.map((tag) => (tag.timestamp >= from ? { ...tag, timestamp: (tag.timestamp + byMs) >>> 0 } : tag));

/** The set-up of the sound comes after the first pictures. */
export function lateSound(tags: MediaTag[]): MediaTag[] {
  const setUp = tags.filter(isSoundSetUp);
  const rest = tags.filter((tag) => !isSoundSetUp(tag));
  const third = rest.indexOf(rest.filter(isPicture)[2] as MediaTag);
  return [...rest.slice(0, third), ...setUp, ...rest.slice(third)];
}

/** AAC whose set-up never comes. */
export const withoutSoundSetUp: Change = (tags) => tags.filter((tag) => !isSoundSetUp(tag));

export const soundOnly: Change = (tags) => tags.filter((tag) => tag.type !== 'video');
export const pictureOnly: Change = (tags) => tags.filter((tag) => !isSound(tag));

const pictureAfter = (tags: readonly MediaTag[], atMs: number) =>
  tags.findIndex((tag) => isPicture(tag) && tag.timestamp > atMs);

/** One picture is hours off. */
export function wildFrame(tags: MediaTag[]): MediaTag[] {
  const wild = pictureAfter(tags, 6_500);
  return tags.map((tag, index) => (index === wild ? { ...tag, timestamp: tag.timestamp + 5 * hour } : tag));
}

/** One picture lacks its end. */
export function damaged(tags: MediaTag[]): MediaTag[] {
  const bad = pictureAfter(tags, 6_500);
  return tags.map((tag, index) => (index === bad ? { ...tag, data: tag.data.subarray(0, tag.data.length - 5) } : tag));
}

/** No picture for four seconds, while the sound goes on. */
export const frozenPicture: Change = (tags) =>
  tags.filter((tag) => !isPicture(tag) || tag.timestamp < 4_000 || tag.timestamp >= 8_000);

/** The same in the newer form. */
export const enhanced: Change = (tags) =>
  tags.map((tag) => {
    if (isSound(tag)) return { ...tag, data: form(0x90 | (tag.data[1] ?? 0), 'mp4a', tag.data.subarray(2)) };
    if (tag.type !== 'video') return tag;
    const [first = 0, kind = 0] = tag.data;
    return { ...tag, data: form(0x80 | (first & 0x70) | kind, 'avc1', tag.data.subarray(kind === 1 ? 2 : 5)) };
  });

const form = (first: number, fourCc: string, rest: Buffer) =>
  Buffer.concat([Buffer.of(first), Buffer.from(fourCc), rest]);

/** Each sound twice, as two tracks in one message. */
export const twoTracks: Change = (tags) =>
  tags.map((tag) => {
    if (!isSound(tag)) return tag;
    const payload = tag.data.subarray(2);
    const size = Buffer.alloc(3);
    size.writeUIntBE(payload.length, 0, 3);
    const tracks = [0, 1].flatMap((id) => [Buffer.of(id), size, payload]);
    return { ...tag, data: form(0x95, `${String.fromCharCode(0x10 | (tag.data[1] ?? 0))}mp4a`, Buffer.concat(tracks)) };
  });

/** Each sound, and beside it another track of it in another codec. */
export const opusBeside: Change = (tags) =>
  tags.map((tag) => {
    if (!isSound(tag)) return tag;
    const payload = tag.data.subarray(2);
    const size = Buffer.alloc(3);
    size.writeUIntBE(payload.length, 0, 3);
    const of = (fourCc: string, id: number) => [Buffer.from(fourCc), Buffer.of(id), size, payload];
    const head = Buffer.of(0x95, 0x20 | (tag.data[1] ?? 0));
    return { ...tag, data: Buffer.concat([head, ...of('mp4a', 0), ...of('Opus', 1)]) };
  });

/** The same sound, said to be the core of HE-AAC: object type 5 over AAC-LC at 22,050 Hz, one channel. */
export const heAac: Change = (tags) =>
  tags.map((tag) =>
    isSoundSetUp(tag)
      ? { ...tag, data: Buffer.concat([tag.data.subarray(0, 2), Buffer.from('2b8a0800', 'hex')]) }
      : tag,
  );

/** The same bytes, said to be HEVC: what carries them does not read them. */
export const asHevc: Change = (tags) =>
  tags.map((tag) => {
    if (tag.type !== 'video') return tag;
    const [first = 0, kind = 0] = tag.data;
    const head = Buffer.from([(first & 0xf0) | 12, kind, 0, 0, 0]);
    return { ...tag, data: Buffer.concat([head, kind === 0 ? hevcSetUp : tag.data.subarray(5)]) };
  });

/** Lengths of four bytes; one VPS, SPS and PPS each. https://www.iso.org/standard/83336.html, 8.3.3.1 */
const hevcSetUp = Buffer.concat([
  Buffer.alloc(21, 1),
  Buffer.from('ff0320000100024001210001000242012200010002'.concat('4401'), 'hex'),
]);

/** The same sounds, said to be MP3, which has no set-up. */
export const asMp3: Change = (tags) =>
  tags
    .filter((tag) => !isSoundSetUp(tag))
    .map((tag) => (isSound(tag) ? { ...tag, data: Buffer.concat([Buffer.of(0x2f), tag.data.subarray(2)]) } : tag));

/** One sound of another codec. */
export function oneMp3Tag(tags: MediaTag[]): MediaTag[] {
  const at = tags.findIndex((tag) => isSound(tag) && tag.timestamp > 6_500);
  const mp3 = {
    type: 'audio' as const,
    timestamp: tags[at]?.timestamp ?? 0,
    data: Buffer.from([0x2f, 0xff, 0xfb, 0x90, 0]),
  };
  return [...tags.slice(0, at), mp3, ...tags.slice(at)];
}

/** A set-up of the picture that lacks its end, in the middle. */
export const cutOffSetUp: Change = (tags) => {
  const bad: MediaTag = { type: 'video', timestamp: 5, data: Buffer.from([0x17, 0, 0, 0, 0, 1]) };
  return [...tags.slice(0, 200), bad, ...tags.slice(200)];
};

/** Pictures of which none is said to be a key frame. */
export const withoutKeys: Change = (tags) =>
  tags.map((tag) =>
    isPicture(tag)
      ? { ...tag, data: Buffer.concat([Buffer.of(0x20 | ((tag.data[0] ?? 0) & 15)), tag.data.subarray(1)]) }
      : tag,
  );

/** A picture and a sound in kinds of packets that no specification has. */
export const unknownPackets: Change = (tags) => {
  const video: MediaTag = { type: 'video', timestamp: 5_000, data: Buffer.from([0x27, 9, 0, 0, 0, 1]) };
  const audio: MediaTag = { type: 'audio', timestamp: 5_000, data: Buffer.from([0xaf, 9, 1]) };
  return [...tags.slice(0, 200), video, audio, ...tags.slice(200)];
};
