import { attributesOf, type Variables } from './attributes.ts';
import type { TextLine } from './lines.ts';
import { isAddress, type Tag } from './playlist-text.ts';
import { resolve } from './urls.ts';

export interface ListedVariant {
  /** Empty where the list names none. */
  url: string;
  /** Bits per second at most; 0 where the list does not say. */
  bandwidth: number;
  iFramesOnly: boolean;
}

/** Reads the lines of a list of variants. */
export class VariantLines {
  readonly variants: ListedVariant[] = [];
  /** Audio and video renditions that have a playlist of their own. */
  readonly renditions = new Set<string>();
  readonly #base: string;
  readonly #variables: Variables;
  #announced: ListedVariant | undefined;

  constructor(base: string, variables: Variables) {
    this.#base = base;
    this.#variables = variables;
  }

  take(line: TextLine, tag: Tag | undefined): void {
    if (tag) this.#tag(tag);
    else if (isAddress(line) && this.#announced) {
      this.#announced.url = this.#absolute(this.#variables.resolve(line.text));
      this.#announced = undefined;
    }
  }

  #tag({ name, value }: Tag): void {
    if (name === 'EXT-X-DEFINE') this.#variables.define(value);
    if (!/^EXT-X-(STREAM-INF|I-FRAME-STREAM-INF|MEDIA)$/.test(name)) return;
    const attributes = attributesOf(this.#variables.resolve(value));
    const url = this.#absolute(attributes.get('URI') ?? '');
    if (name === 'EXT-X-MEDIA') {
      if (url !== '' && /^(AUDIO|VIDEO)$/.test(attributes.get('TYPE') ?? '')) this.renditions.add(url);
      return;
    }
    const iFramesOnly = name === 'EXT-X-I-FRAME-STREAM-INF';
    const variant = { url, bandwidth: Number(attributes.get('BANDWIDTH')) || 0, iFramesOnly };
    this.variants.push(variant);
    if (!iFramesOnly) this.#announced = variant;
  }

  #absolute = (uri: string): string => (uri === '' ? '' : (resolve(uri, this.#base) ?? uri));
}
