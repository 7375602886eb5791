import { type Frame, TsPacketizer } from '../../simulators/kit/ts-packets.ts';

export interface Media {
  /** Where its first sample stands on the encoder's timeline, milliseconds. */
  startMs: number;
  lengthMs: number;
  /** Between two pictures, milliseconds. Default 500. */
  everyMs?: number;
  /** Of each picture. Default 400. */
  bytes?: number;
  video?: boolean;
  audio?: boolean;
  /** Announces sound in MPEG-TS that it does not have. */
  silent?: boolean;
}

/** A segment of MPEG-TS: tables and samples whose times fill its length. Nothing can be decoded. */
export function tsMedia(media: Media): Buffer {
  const { startMs, lengthMs, everyMs = 500, bytes = 400, video = true, audio = true, silent = false } = media;
  const packetizer = new TsPacketizer();
  const parts = [packetizer.tables({ ...(video && { video: 'AVC' }), ...(audio && { audio: 'AAC' }) })];
  const step = Math.min(everyMs, lengthMs);
  for (let at = 0; at + step / 2 < lengthMs; at += step) {
    const time = { ptsMs: startMs + at, dtsMs: startMs + at };
    const picture: Frame = {
      track: 'video',
      payload: Buffer.alloc(bytes, 0xaa),
      randomAccess: at === 0,
      clock: true,
      ...time,
    };
    const sound: Frame = {
      track: 'audio',
      payload: Buffer.alloc(60, 0x55),
      randomAccess: true,
      clock: !video,
      ...time,
    };
    if (video) parts.push(packetizer.frame(picture));
    if (audio && !silent) parts.push(packetizer.frame(sound));
  }
  return Buffer.concat(parts);
}

export const box = (type: string, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
};

const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * i);
  return bytes;
};

const timescale = 1_000;

const trak = (id: number, handler: 'vide' | 'soun'): Buffer =>
  box(
    'trak',
    box('tkhd', words(7, 0, 0, id, 0), Buffer.alloc(60)),
    box(
      'mdia',
      box('mdhd', words(0, 0, 0, timescale, 0, 0)),
      box('hdlr', words(0, 0), Buffer.from(handler), words(0, 0, 0)),
    ),
  );

/** An initialisation section for `mp4Media`. */
export const mp4Init = (): Buffer =>
  Buffer.concat([
    box('ftyp', Buffer.from('iso6'), words(0)),
    box(
      'moov',
      trak(1, 'vide'),
      trak(2, 'soun'),
      box('mvex', ...[1, 2].map((id) => box('trex', words(0, id, 1, 0, 0, 0)))),
    ),
  ]);

/** A fragment for each `fragments`: samples of both tracks, with their times. */
export function mp4Media(media: Media, fragments = 1): Buffer {
  const { startMs, lengthMs, everyMs = 500, bytes = 400, video = true, audio = true } = media;
  const tracks = [...(video ? [1] : []), ...(audio ? [2] : [])];
  const part = lengthMs / fragments;
  return Buffer.concat([
    box('styp', Buffer.from('msdh'), words(0)),
    ...Array.from({ length: fragments }, (_, n) => {
      const count = Math.max(1, Math.round(part / everyMs));
      const traf = (id: number) =>
        box(
          'traf',
          box('tfhd', words(0, id)),
          box('tfdt', words(0, Math.round(startMs + n * part))),
          box(
            'trun',
            words(0x301, count, 0),
            words(...Array.from({ length: count }, () => [Math.round(part / count), bytes]).flat()),
          ),
        );
      const moof = box('moof', box('mfhd', words(0, n + 1)), ...tracks.map(traf));
      return Buffer.concat([moof, box('mdat', Buffer.alloc(tracks.length * count * bytes, 0xaa))]);
    }),
  ]);
}
