/** A playlist as it was read. */
export interface FetchedPlaylist {
  text: string;
  /** Where it was found, redirects followed: what it names is relative to that. */
  url: string;
}

/** These recordings cannot become one playlist: why, for people. */
export class NotJoinable extends Error {
  override readonly name = 'NotJoinable';
}

/** One line: a tag with what follows its colon, or an address. */
export type PlaylistLine = { tag: string; value: string; text: string } | { tag?: undefined; uri: string };

/** The lines of a playlist, without comments and blank ones. @throws NotJoinable for what is no playlist */
export function linesOf({ text }: FetchedPlaylist): PlaylistLine[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  if (lines[0] !== '#EXTM3U') throw new NotJoinable('a recording is no playlist');
  return lines.slice(1).flatMap((line): PlaylistLine[] => {
    if (line === '' || (line.startsWith('#') && !line.startsWith('#EXT'))) return [];
    if (!line.startsWith('#')) return [{ uri: line }];
    const colon = line.indexOf(':');
    const tag = colon < 0 ? line : line.slice(0, colon);
    return [{ tag, value: colon < 0 ? '' : line.slice(colon + 1), text: line }];
  });
}

export type Attributes = Map<string, string>;

/** Values as written, quotes included. https://www.rfc-editor.org/rfc/rfc8216#section-4.2 */
export const attributesOf = (value: string): Attributes =>
  new Map([...value.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^",]*)/g)].map(([, name = '', text = '']) => [name, text]));

export const attributeText = (attributes: Attributes): string =>
  [...attributes].map(([name, value]) => `${name}=${value}`).join(',');

export const unquoted = (value: string | undefined): string | undefined => value?.replace(/^"|"$/g, '');

/** An address that a player can ask. @throws NotJoinable for one that it cannot */
export function absolute(uri: string, base: string): string {
  const url = URL.canParse(uri, base) ? new URL(uri, base) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new NotJoinable(`a player cannot read ${url?.protocol ?? 'such'} addresses`);
  return url.href;
}

/** `attributes` with an absolute `URI`, where there is one. Keys may be in it, or at a licence server: `data:`, `skd:`. */
export function withAbsoluteUri(attributes: Attributes, base: string): Attributes {
  const uri = unquoted(attributes.get('URI'));
  if (uri === undefined || /^[a-z][a-z0-9+.-]*:/i.test(uri)) return attributes;
  return new Map(attributes).set('URI', `"${absolute(uri, base)}"`);
}
