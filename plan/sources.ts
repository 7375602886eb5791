/** `rtmp`, `rtmps` and `srt` carry any path; over HTTP only what vendors pull: FLV and HLS. */
const pulledOverHttp = /\.(flv|m3u8)$/i;
const secretQuery = /token|secret|signature|passw|passphrase|^(sign|sig|key|auth_?key|stream_?key)$/i;

/** What is wrong with an address to pull from, and what is allowed; undefined when nothing is. */
export function whyNotSource(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL: write rtmp://, rtmps://, srt:// or http(s)://….flv or ….m3u8';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return withoutSecret('a user name or password');
  const secret = [...url.searchParams.keys()].find((name) => secretQuery.test(name));
  if (secret !== undefined) return withoutSecret('a key or token in its query');
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

const withoutSecret = (what: string): string =>
  `carries ${what}, which would stay readable in the history of the run: let the source accept the vendor's addresses instead`;
