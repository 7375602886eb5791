import { withoutSecretFolders } from './secret-folders.ts';

/** A character of an address as a text may have it: itself, percent-encoded any number of times, or escaped as in JSON. */
const written = (character: string): string => {
  const hex = character.charCodeAt(0).toString(16);
  return `(?:\\\\*[${character}]|%(?:25)*${hex}|\\\\+(?:u00|x)${hex})`;
};

/** No address holds white space, a double quote or angle brackets, as themselves or as JSON escapes them. */
const words = /(?:\\(?!["nrt]|u00(?:22|3[ce]))|[^\s"<>\\])+/gi;
/** A word that holds no character of an address, and is too short for a token: most words. */
const plain = /^[^?#;&%@=\\/:]{1,11}$/;
/** What ends a sentence or a quotation; a signature is more than that. */
const closing = /[)\]}'`.,:;!\\]*$/;

const start = new RegExp(`(?:[a-z][a-z0-9+.-]{0,30}${written(':')})?${written('/')}{2}`, 'i');
const encodedStart = new RegExp(`%(?:25)*3a${written('/')}{2}`, 'i');
const query = new RegExp(`${written('?')}(?=[!->@-~])`, 'gi');
/** In an address: what stands behind `;`, and behind `#` unless it names a chapter of a page. */
const parameter = new RegExp(`${written(';')}|${written('#')}(?![a-z]+(?:[-_.][a-z]+)*$)`, 'gi');
/** In the path of an address: `hmac=…`. */
const segment = new RegExp(`(?<=/|%2f)[^/]*?${written('=')}`, 'gi');
/** In what may be a relative address, or a media type with its charset. */
const secretParameter = new RegExp(
  `(?:${written(';')}|${written('#')}|${written('&')})(?=[\\w-]*(?:sig|token|key|auth|secret|pass|hmac|hdn|policy|credential))`,
  'gi',
);
const [at, atOrEncoded] = ['\\\\*@|\\\\+(?:u00|x)40', written('@')].map((sign) => new RegExp(sign, 'gi'));

/**
 * A text whose addresses say where and nothing more: signatures and tokens stand in a query, a fragment, the parameters and
 * the folders of a path, and passwords before an `@`. What is no valid address is cut generously.
 */
export const withoutQueries = (text: string): string =>
  text.replace(words, (word, at: number) => (plain.test(word) ? word : bare(word, text[at - 1] === '\\')));

/** @param isEscaped its first character belongs to an escape of JSON */
function bare(word: string, isEscaped: boolean): string {
  const end = word.length - (closing.exec(word)?.[0].length ?? 0);
  const core = word.slice(0, end);
  const kept = isEscaped ? 1 : 0;
  const began = start.exec(core);
  const from = began ? began.index + began[0].length : undefined;
  const asked = indexFrom(query, core, 0);
  const given = from === undefined ? indexFrom(secretParameter, core, 0) : indexFrom(parameter, core, from);
  const part = from === undefined ? end : indexFrom(segment, core.slice(0, Math.min(asked, given)), from);
  const cut = Math.min(asked, given, part);
  const where =
    from !== undefined && from <= cut ? withoutUserInfo(core, from, cut) : withoutLogin(core.slice(0, cut), kept);
  const hidden = cut === end ? '' : cut === asked ? '?…' : '…';
  return `${where.slice(0, kept)}${withoutSecretFolders(where.slice(kept))}${hidden}${word.slice(end)}`;
}

/** `ann:hush@h.example:1935`, `ann:hush@h.example/live`: an address without its scheme, and no name such as `oidc:ann@h.example`. */
function withoutLogin(address: string, kept: number): string {
  const [colon, at] = [address.indexOf(':'), address.lastIndexOf('@')];
  if (colon < 1 || at < colon || !/^[^@/\\]+(?:\\*\/|:\d)/.test(address.slice(at + 1))) return address;
  const from = Math.max(kept, ...['(', '[', "'", '=', '/', ','].map((sign) => address.lastIndexOf(sign, colon) + 1));
  return `${address.slice(0, from)}…${address.slice(at)}`;
}

/** The address up to `cut`. A password may hold what usually ends the host: an `@` behind that is believed too. */
function withoutUserInfo(core: string, from: number, cut: number): string {
  const sign = encodedStart.test(core) ? atOrEncoded : at;
  const last = sign && [...core.slice(from).matchAll(sign)].at(-1);
  if (!last) return core.slice(0, cut);
  const host = from + last.index + last[0].length;
  if (host > cut) return core.slice(0, from);
  return `${core.slice(0, from)}…@${core.slice(host, cut)}`;
}

/** Where the pattern begins; the end of the text where it does not. */
function indexFrom(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.exec(text)?.index ?? text.length;
}
