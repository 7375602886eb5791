import { secretFolders } from '../domain/secret-folders.ts';

/** `rtmp`, `rtmps` and `srt` carry any path; over HTTP only what vendors pull: FLV and HLS. */
const pulledOverHttp = /\.(flv|m3u8)$/i;

/**
 * Parameters that hold no secret: which stream it is, and how it is sent. Vendors and senders invent names for signatures,
 * so that a list of those would have gaps.
 */
const visibleParameters = ['vhost', 'app', 'start', 'end', 'mode', 'latency', 'rcvlatency', 'peerlatency', 'streamid'];
/** Of an SRT stream id: resource, mode, host, type. A user name is none: https://github.com/Haivision/srt/blob/master/docs/features/access-control.md */
const visibleInStreamId = ['r', 'm', 'h', 't'];
/** https://www.rfc-editor.org/rfc/rfc3986#section-2 */
const written = /^[\w\-.~:/?#[\]@!$&'()*+,;=%]*$/;
const plainValue = /^[\w./-]{0,100}$/;
/** `read:live`, as MediaMTX has it: what follows would be a query, or a user name and a password. */
const plainStreamId = /^(?:(?:publish|read|request):)?[\w./-]{1,100}$/;

/** What is wrong with an address to pull from, and what is allowed; undefined when nothing is. */
export function whyNotSource(text: string): string | undefined {
  if (!written.test(text)) return 'has characters that no address has: percent-encode them, and a host as xn--';
  if (!URL.canParse(text)) return 'is not a URL: write rtmp://, rtmps://, srt:// or http(s)://….flv or ….m3u8';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return withoutSecret('a user name or password');
  if (secretFolders(url.pathname.split('/').map(decoded)).includes(true))
    return withoutSecret('a token, a signature or a password in its path');
  if (!isPlain(url)) {
    const allowed = `only ${visibleParameters.join(', ')} may stand in it, with plain values`;
    return withoutSecret('parameters that may hold a key, a token or a password', allowed);
  }
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

/** Whether an address has only parameters that may be read by everyone. Some senders put them behind `#` or into the path. */
function isPlain({ protocol, pathname, search, hash, searchParams }: URL): boolean {
  if (/[;=?&]|%(?:25)*(?:3[bdf]|26|23)/i.test(pathname)) return false;
  // `streamid=#!::r=live` is a fragment where its `#` is not written `%23`.
  const unescaped = protocol === 'srt:' && search.endsWith('streamid=') && hash !== '';
  if (hash !== '' && !(unescaped && isPlainStreamId(decoded(hash)))) return false;
  return [...searchParams].every(([name, value]) =>
    name === 'streamid'
      ? isPlainStreamId(value) || (unescaped && value === '')
      : visibleParameters.includes(name) && isPlainValue(value),
  );
}

const isPlainValue = (value: string): boolean =>
  plainValue.test(value) && !secretFolders(value.split('/')).includes(true);

function isPlainStreamId(id: string): boolean {
  if (!id.startsWith('#!::')) return plainStreamId.test(id) && isPlainValue(id.replaceAll(':', '/'));
  return id
    .slice('#!::'.length)
    .split(',')
    .every((part) => {
      const [name = '', value = ''] = part.split(/=(.*)/s);
      return visibleInStreamId.includes(name) && isPlainValue(value);
    });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const withoutSecret = (what: string, allowed?: string): string =>
  `carries ${what}, which would stay readable in the history of the run: ${allowed ? `${allowed}; ` : ''}let the source accept the vendor's addresses instead`;
