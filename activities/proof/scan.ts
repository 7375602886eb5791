/** What the text of a playlist says line by line, before any parser forgives it. */
export interface Scan {
  /** The first line, for people. */
  firstLine: string;
  hasHeader: boolean;
  /** Values of each tag in order, by name without `#`. */
  tags: ReadonlyMap<string, readonly string[]>;
  /** How many tags or addresses follow the first ENDLIST. */
  linesAfterEnd: number;
  /** Raw duration of each EXTINF that has an address. */
  durations: readonly string[];
  /** EXTINF lines that no address follows. */
  danglingDurations: number;
  /** Addresses that no EXTINF and no STREAM-INF announces. */
  strayAddresses: readonly string[];
}

export function scan(text: string): Scan {
  const lines = text.split('\n').map((line) => line.trim());
  const meaningful = lines.filter((line) => line !== '' && (!line.startsWith('#') || line.startsWith('#EXT')));
  const tags = new Map<string, string[]>();
  for (const line of meaningful) {
    if (!line.startsWith('#')) continue;
    const { name, value } = tagOf(line);
    const values = tags.get(name);
    if (values) values.push(value);
    else tags.set(name, [value]);
  }
  const end = meaningful.indexOf('#EXT-X-ENDLIST');
  return {
    firstLine: lines[0] ?? '',
    hasHeader: lines[0] === '#EXTM3U',
    tags,
    linesAfterEnd: end < 0 ? 0 : meaningful.length - end - 1,
    ...pairs(meaningful),
  };
}

/** Which announcement belongs to which address. */
function pairs(lines: readonly string[]): Pick<Scan, 'durations' | 'danglingDurations' | 'strayAddresses'> {
  const durations: string[] = [];
  const strayAddresses: string[] = [];
  let announced: string | undefined;
  let isVariant = false;
  let danglingDurations = 0;
  for (const line of lines) {
    if (!line.startsWith('#')) {
      if (announced !== undefined) durations.push(announced);
      else if (!isVariant) strayAddresses.push(line);
      announced = undefined;
      isVariant = false;
      continue;
    }
    const { name, value } = tagOf(line);
    if (name === 'EXT-X-STREAM-INF') isVariant = true;
    if (name !== 'EXTINF') continue;
    if (announced !== undefined) danglingDurations += 1;
    announced = value.split(',', 1)[0]?.trim() ?? '';
  }
  if (announced !== undefined) danglingDurations += 1;
  return { durations, danglingDurations, strayAddresses };
}

function tagOf(line: string): { name: string; value: string } {
  const colon = line.indexOf(':');
  return colon < 0
    ? { name: line.slice(1), value: '' }
    : { name: line.slice(1, colon).trim(), value: line.slice(colon + 1).trim() };
}

export const valuesOf = (found: Scan, tag: string): readonly string[] => found.tags.get(tag) ?? [];

/** A playlist as players see it: comments and the changing signatures of addresses are not part of it. */
export const normalizePlaylist = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && (!line.startsWith('#') || line.startsWith('#EXT')))
    .map((line) => (line.startsWith('#') ? line.replace(/(URI="[^"?]*)\?[^"]*"/g, '$1"') : line.replace(/\?.*$/, '')))
    .join('\n');
