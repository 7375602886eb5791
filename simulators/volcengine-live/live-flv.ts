import type { Writable } from 'node:stream';
import { flvFileHeader, flvTag, type MediaTag } from '../kit/flv.ts';
import type { IngestSession } from '../kit/ingest-session.ts';
import { packetsOf } from '../kit/media-packets.ts';

/** A reader that is so far behind is cut off: a simulator has little memory. */
const mostBehindBytes = 8 * 1024 * 1024;

/** Plays live streams as HTTP-FLV: the configurations of the tracks, then all from the next key frame on. */
export class LiveFlv {
  /** By session, the newest configuration of each track. */
  readonly #configs = new WeakMap<IngestSession, Map<MediaTag['type'], MediaTag>>();

  /** From the first byte of a stream: its configurations come only once. */
  follow(session: IngestSession): void {
    const configs = new Map<MediaTag['type'], MediaTag>();
    this.#configs.set(session, configs);
    session.on('tag', (tag) => {
      if (isOf(tag, 'config')) configs.set(tag.type, tag);
    });
  }

  play(session: IngestSession, out: Writable): void {
    const configs = [...(this.#configs.get(session)?.values() ?? [])];
    let begun = !configs.some(({ type }) => type === 'video');
    out.write(flvFileHeader);
    for (const config of configs) out.write(flvTag(config));
    const write = (tag: MediaTag) => {
      begun ||= tag.type === 'video' && isOf(tag, 'frame');
      if (out.writableLength > mostBehindBytes) out.destroy();
      else if (begun) out.write(flvTag(tag));
    };
    const end = () => void out.end();
    session.on('tag', write).once('end', end);
    out.once('close', () => session.off('tag', write).off('end', end));
  }
}

/** A configuration, or a frame that begins a picture; a message that is cut off is neither. */
function isOf(tag: MediaTag, kind: 'config' | 'frame'): boolean {
  try {
    return packetsOf(tag).some((packet) => packet.kind === kind && packet.key);
  } catch {
    return false;
  }
}
