import { type Cut, segmentsIn } from './cut.ts';
import { type JoinableSegment, segmentsOf } from './media-segments.ts';
import { type FetchedPlaylist, NotJoinable } from './playlist-text.ts';

const oldestVersion = 3;

/**
 * One playlist of recordings that follow each other: their segments as they are, at absolute addresses, with a discontinuity
 * before each further recording. https://www.rfc-editor.org/rfc/rfc8216#section-4.3.2.3
 *
 * @param cuts what of each is played; all of it without them
 * @throws NotJoinable when no player could play them as one
 */
export function joinMedia(playlists: readonly FetchedPlaylist[], cuts: readonly Cut[] = []): string {
  const whole = playlists.map(segmentsOf);
  const cut = whole.map((part, i) => ({
    ...part,
    segments: cuts[i] ? segmentsIn(part.segments, cuts[i]) : part.segments,
  }));
  const parts = cut.filter(({ segments }) => segments.length > 0);
  if (parts.length === 0) throw new NotJoinable('the recordings have no segments');
  const writer = new Writer();
  parts.forEach(({ segments, tail }, part) => {
    segments.forEach((segment, index) => {
      writer.write({ ...segment, discontinuity: segment.discontinuity || (part > 0 && index === 0) });
    });
    writer.lines.push(...tail);
  });
  const head = [
    '#EXTM3U',
    `#EXT-X-VERSION:${Math.max(oldestVersion, ...parts.map(({ version }) => version))}`,
    ...(parts.every(({ isIndependent }) => isIndependent) ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : []),
    `#EXT-X-TARGETDURATION:${Math.max(1, ...parts.map(({ targetSeconds }) => targetSeconds))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
  ];
  return `${[...head, ...writer.lines, '#EXT-X-ENDLIST'].join('\n')}\n`;
}

/** Writes what is in force for a segment where it differs from what is in force already. */
class Writer {
  readonly lines: string[] = [];
  #keys: readonly string[] = [];
  #map = '';

  write({ keys, map, discontinuity, tags, uri }: JoinableSegment): void {
    // Before the very first segment there is nothing it could be discontinuous with.
    if (discontinuity && this.lines.length > 0) this.lines.push('#EXT-X-DISCONTINUITY');
    if (!map && this.#map !== '') {
      // Nothing ends what an initialisation section begins.
      throw new NotJoinable('one recording has an initialisation section, and another has none');
    }
    const wanted = map ? [...map.keys, map.tag].join('\n') : '';
    if (map && wanted !== this.#map) {
      this.#use(map.keys);
      this.lines.push(map.tag);
      this.#map = wanted;
    }
    this.#use(keys);
    this.lines.push(...tags, uri);
  }

  #use(keys: readonly string[]): void {
    if (keys.join('\n') === this.#keys.join('\n')) return;
    // A key replaces that of its own format alone.
    const isReplaced = keys.length === 1 && this.#keys.length === 1;
    if (this.#keys.length > 0 && !isReplaced) this.lines.push('#EXT-X-KEY:METHOD=NONE');
    this.lines.push(...keys);
    this.#keys = keys;
  }
}
