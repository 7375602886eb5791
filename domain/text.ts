/**
 * What is not seen, and a terminal, a log or a reader follows: control characters, line separators, what turns the direction
 * of writing, what Unicode lets a reader ignore, halves of characters, and a pattern of Braille without a dot.
 */
export const unseen =
  '\\p{Cc}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Bidi_Control}\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb\\u2800';

/** Scripts in whose words a joiner changes what is seen: https://www.unicode.org/reports/tr31/#Layout_and_Format_Control_Characters */
const joiningScripts =
  'Arab Syrc Mand Nkoo Mong Phag Adlm Rohg Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Tibt Mymr Khmr Bali Java Sund'
    .split(' ')
    .map((script) => `\\p{scx=${script}}`)
    .join('');
const pictograph = '\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|\\p{Extended_Pictographic}\\ufe0f';
/** What is ignorable and still seen, by what it does to the character before it: in Persian words, in emoji, in Chinese names. */
const effective = [
  `(?<=[${joiningScripts}])[\\u200c\\u200d]`,
  `(?<=${pictograph})\\u200d(?=\\p{Extended_Pictographic})`,
  '(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]',
  '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
  '(?<=\\p{Ideographic})[\\ufe00-\\ufe02\\u{e0100}-\\u{e01ef}]',
  '(?<=\\p{scx=Mong})[\\u180b-\\u180d\\u180f]',
].join('|');

const hidden = new RegExp(`(?!${effective})[${unseen}]`, 'u');
const everyHidden = new RegExp(hidden.source, 'gu');

/** Whether a text is on one line, with nothing that steers a terminal, breaks a line of a log, or hides. */
export const isPlainLine = (text: string): boolean => !hidden.test(text);
/** For messages: what `isPlainLine` wants. */
export const plainLineRule = 'must be one line without control characters and invisible ones';

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t' };

/** A text on one line that a terminal may show: what steers it, or is not seen, becomes `\u{1b}`; a line break `\n`. */
export const printable = (text: string): string =>
  text.replace(everyHidden, (character) => shortEscapes[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`);

/** Like `printable`, for JSON text, which stays JSON. Line breaks between its fields stay. */
export const printableJson = (json: string): string =>
  json.replace(everyHidden, (character) =>
    character === '\n'
      ? character
      : [...character.split('')].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );

/** The beginning of a text, of whole characters. */
export const beginningOf = (text: string, most: number): string =>
  text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');

/**
 * Words from outside, cut where they are long. A word that the cut goes through is left out: half of an address or of a secret is
 * recognised by no redaction.
 */
export const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${beginningOf(text, most - 1).replace(/[!-~]+$/, '')}…`;

/** A text with a space for each character that `isPlainLine` refuses. */
export const onOneLine = (text: string): string => text.replace(everyHidden, ' ');

/** An invisible character that keeps parsers from recognising markup. */
const joiner = '\u2060';
/** The characters that begin an HTML tag or entity, a Markdown link or picture, or a bare address that becomes a link. */
const markup = /<(?=[a-z/!?])|&(?=[a-z#])|\](?=[[(:])|!(?=\[)|@|:(?=\/\/)|\b(?:www|mailto|javascript)(?=[.:])/gi;

/** A text that stays what it says where it is shown as Markdown, and looks the same where it is not: no link, no HTML. */
export const withoutMarkup = (text: string): string => text.replace(markup, (found) => `${found}${joiner}`);
