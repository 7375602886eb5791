import { isSecretName } from '../domain/secret-names.ts';

/** `rtmp`, `rtmps` and `srt` carry any path; over HTTP only what vendors pull: FLV and HLS. */
const pulledOverHttp = /\.(flv|m3u8)$/i;

/** What is wrong with an address to pull from, and what is allowed; undefined when nothing is. */
export function whyNotSource(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL: write rtmp://, rtmps://, srt:// or http(s)://….flv or ….m3u8';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return withoutSecret('a user name or password');
  // Some senders put parameters behind `#` or `;`.
  const parameters = [...url.searchParams, ...parametersIn(url.hash.slice(1)), ...parametersIn(url.pathname)];
  if (parameters.some(([name, value]) => isSecretName(name) || holdsSecret(name, value)))
    return withoutSecret('a key, token or password in its parameters');
  if (url.hostname === '') return 'has no host';
  switch (url.protocol) {
    case 'rtmp:':
    case 'rtmps:':
    case 'srt:':
      return undefined;
    case 'http:':
    case 'https:':
      return pulledOverHttp.test(url.pathname) ? undefined : 'must end in .flv or .m3u8 when pulled over HTTP';
    default:
      return 'must be rtmp, rtmps, srt, http or https';
  }
}

const parametersIn = (text: string): [string, string][] =>
  text.split(/[;&,?]/).flatMap((part): [string, string][] => {
    const [name = '', ...value] = part.split('=');
    return value.length > 0 ? [[name, value.join('=')]] : [];
  });

/**
 * What an SRT stream id says: `#!::r=live,u=ann,pass=…` (https://github.com/Haivision/srt/blob/master/docs/features/access-control.md),
 * or `read:live:ann:…`, as MediaMTX has it. Of any other value, a parameter inside it.
 */
function holdsSecret(name: string, value: string): boolean {
  const inside = value.replace(/^#!::/, '');
  if (parametersIn(inside).some(([one]) => isSecretName(one))) return true;
  return name.toLowerCase() === 'streamid' && /^(publish|read|request):[^:]*:[^:]*:./i.test(inside);
}

const withoutSecret = (what: string): string =>
  `carries ${what}, which would stay readable in the history of the run: let the source accept the vendor's addresses instead`;
