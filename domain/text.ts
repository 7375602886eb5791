/** A text on one line, with nothing that steers a terminal or breaks a line of a log. */
export const plainLine = /^[^\p{Cc}]*$/u;

const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;

/**
 * A text as a terminal may show it: control characters, and those that turn the direction of writing, become `\u{1b}`.
 * Line breaks and tabs stay.
 */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) =>
    character === '\n' || character === '\t' ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );

/** Like `printable`, for JSON text, which stays JSON. */
export const printableJson = (json: string): string =>
  json.replace(unprintable, (character) =>
    character === '\n'
      ? character
      : [...character.split('')].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );

/** An invisible character that keeps parsers from recognising markup. */
const joiner = '\u2060';
/** The characters that begin an HTML tag or entity, a Markdown link or picture, or a bare address that becomes a link. */
const markup = /<(?=[a-z/!?])|&(?=[a-z#])|\](?=[[(:])|!(?=\[)|@|:(?=\/\/)|\b(?:www|mailto|javascript)(?=[.:])/gi;

/** A text that stays what it says where it is shown as Markdown, and looks the same where it is not: no link, no HTML. */
export const withoutMarkup = (text: string): string => text.replace(markup, (found) => `${found}${joiner}`);

const address = /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#@"'<>]*@)?([^\s?#"'<>]*)(\?[^\s#"'<>]*)?/gi;

/** A text whose addresses say where and nothing more: a query is where signatures and tokens stand. */
export const withoutQueries = (text: string): string =>
  text.replace(address, (_all, scheme: string, rest: string, query?: string) => `${scheme}${rest}${query ? '?…' : ''}`);
