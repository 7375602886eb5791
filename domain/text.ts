/**
 * What is not seen, and a terminal, a log or a reader follows: control characters, line separators, what turns the direction
 * of writing, and characters without a width. Joiners and variation selectors stay, which Persian and emoji are written with.
 */
export const unseen =
  '\\p{Cc}\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164' +
  '\\ufeff\\uffa0\\ufff0-\\ufffb\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}';

/** A text on one line, with nothing that steers a terminal, breaks a line of a log, or hides. */
export const plainLine = new RegExp(`^[^${unseen}]*$`, 'u');
/** For messages: what `plainLine` allows. */
export const plainLineRule = 'must be one line without control characters and invisible ones';

const unprintable = new RegExp(`[${unseen}]`, 'gu');
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t' };

/** A text on one line that a terminal may show: what steers it, or is not seen, becomes `\u{1b}`; a line break `\n`. */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => shortEscapes[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`);

/** Like `printable`, for JSON text, which stays JSON. Line breaks between its fields stay. */
export const printableJson = (json: string): string =>
  json.replace(unprintable, (character) =>
    character === '\n'
      ? character
      : [...character.split('')].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );

/** A text with a space for each character that `plainLine` refuses. */
export const onOneLine = (text: string): string => text.replace(unprintable, ' ');

/** An invisible character that keeps parsers from recognising markup. */
const joiner = '\u2060';
/** The characters that begin an HTML tag or entity, a Markdown link or picture, or a bare address that becomes a link. */
const markup = /<(?=[a-z/!?])|&(?=[a-z#])|\](?=[[(:])|!(?=\[)|@|:(?=\/\/)|\b(?:www|mailto|javascript)(?=[.:])/gi;

/** A text that stays what it says where it is shown as Markdown, and looks the same where it is not: no link, no HTML. */
export const withoutMarkup = (text: string): string => text.replace(markup, (found) => `${found}${joiner}`);
