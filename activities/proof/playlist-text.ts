import { createHash } from 'node:crypto';
import type { TextLine } from './lines.ts';

export interface Tag {
  name: string;
  value: string;
}

/** The tag of a line that is not an address; undefined for a comment. */
export function tagOf({ text }: TextLine): Tag | undefined {
  if (!text.startsWith('#EXT')) return undefined;
  const colon = text.indexOf(':');
  return colon < 0
    ? { name: text.slice(1), value: '' }
    : { name: text.slice(1, colon).trim(), value: text.slice(colon + 1).trim() };
}

export const isAddress = ({ text }: TextLine): boolean => !text.startsWith('#');

/** Of a tag that should be there once, the values are kept up to this many. */
const mostValues = 4;
const mostUndigested = 16_384;

/** What a playlist says whatever its kind, and a digest of it as players see it. */
export class PlaylistDigest {
  readonly #digest = createHash('sha256');
  /** What is not in the digest yet: it takes many lines at once as fast as one. */
  #undigested = '';
  readonly #counts = new Map<string, number>();
  readonly #values = new Map<string, string[]>();
  /** How many tags or addresses follow the first ENDLIST. */
  linesAfterEnd = 0;

  take(line: TextLine, tag: Tag | undefined): void {
    if (!tag && !isAddress(line)) return;
    if (this.has('EXT-X-ENDLIST')) this.linesAfterEnd += 1;
    this.#undigested += `${tag ? withoutSignatures(line.text) : fileOf(line.text)}\n`;
    if (this.#undigested.length > mostUndigested) this.#digestAll();
    if (!tag) return;
    this.#counts.set(tag.name, this.count(tag.name) + 1);
    const values = this.#values.get(tag.name);
    if (!values) this.#values.set(tag.name, [tag.value]);
    else if (values.length < mostValues) values.push(tag.value);
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  has(name: string): boolean {
    return this.#counts.has(name);
  }

  /** The first few values of a tag. */
  values(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** May be asked for once. */
  digest(): string {
    this.#digestAll();
    return this.#digest.digest('hex');
  }

  #digestAll(): void {
    this.#digest.update(this.#undigested);
    this.#undigested = '';
  }
}

/** Signatures, which change at every read, stand in the query or in the folders of an address. */
function fileOf(uri: string): string {
  const query = uri.search(/[?#]/);
  const path = query < 0 ? uri : uri.slice(0, query);
  return path.slice(path.lastIndexOf('/') + 1);
}

const withoutSignatures = (tag: string): string =>
  tag.includes('URI="') ? tag.replace(/URI="([^"]*)"/g, (_, uri: string) => `URI="${fileOf(uri)}"`) : tag;
