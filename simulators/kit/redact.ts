const secretName = /sign|^sig$|token|secret|credential|password|authorization|auth_key|streamkey/i;
const redacted = '***';

/** The url with the values of signatures, tokens and keys in its query replaced; the rest stays as it was sent. */
export function redactUrl(url: string): string {
  const index = url.indexOf('?');
  if (index < 0) return url;
  const query = url
    .slice(index + 1)
    .split('&')
    .map(redactPair)
    .join('&');
  return `${url.slice(0, index)}?${query}`;
}

function redactPair(pair: string): string {
  const [name = ''] = pair.split('=', 1);
  return name !== pair && secretName.test(plain(name)) ? `${name}=${redacted}` : pair;
}

function plain(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A push URL for people: the last path segment is a stream key at most vendors, the query a signature at others. */
export function redactPushUrl(url: string): string {
  const [base = ''] = url.split('?', 1);
  return base.replace(/[^/]+$/, redacted);
}
