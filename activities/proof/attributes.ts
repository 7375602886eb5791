/** What stands behind the colon of a tag (RFC 8216, 4.2): names with their values, quotation marks taken off. */
export function attributesOf(list: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, quoted, plain] of list.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g)) {
    if (name) attributes.set(name, quoted ?? plain?.trim() ?? '');
  }
  return attributes;
}

const reference = /\{\$([A-Za-z0-9_-]+)\}/g;

/**
 * EXT-X-DEFINE: names that stand for parts of addresses and attributes (draft-pantos-hls-rfc8216bis, 4.3). `parent` are
 * those of the list of variants, which a list of segments may import; `url` may hold more in its query.
 */
export class Variables {
  readonly #values = new Map<string, string>();
  readonly #parent: ReadonlyMap<string, string>;
  readonly #url: string;
  /** Names that nothing defines. */
  readonly missing = new Set<string>();

  constructor(url: string, parent: ReadonlyMap<string, string> = new Map()) {
    this.#url = url;
    this.#parent = parent;
  }

  get values(): ReadonlyMap<string, string> {
    return this.#values;
  }

  define(list: string): void {
    const attributes = attributesOf(list);
    const name = attributes.get('NAME') ?? attributes.get('IMPORT') ?? attributes.get('QUERYPARAM');
    if (name === undefined) return;
    const value = attributes.has('NAME')
      ? attributes.get('VALUE')
      : attributes.has('IMPORT')
        ? this.#parent.get(name)
        : (new URL(this.#url).searchParams.get(name) ?? undefined);
    if (value === undefined) this.missing.add(name);
    else this.#values.set(name, value);
  }

  /** The text with the values in place of the names. */
  resolve(text: string): string {
    if (!text.includes('{$')) return text;
    return text.replace(reference, (whole, name: string) => {
      const value = this.#values.get(name);
      if (value === undefined) this.missing.add(name);
      return value ?? whole;
    });
  }
}
