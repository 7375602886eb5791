import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A push URL as encoders read it: the last segment and the query are the name, the rest is the app. */
export interface PushTarget {
  /** Whether the connection is TLS: `rtmps:`. */
  secure: boolean;
  host: string;
  port: number;
  app: string;
  /** With its query. */
  name: string;
  tcUrl: string;
}

const usualPorts: Record<string, number> = { 'rtmp:': 1935, 'rtmps:': 443 };

/** Throws on anything that is not `rtmp[s]://host[:port]/app/name[?query]`; the error does not repeat it: it may be secret. */
export function parsePushUrl(url: string): PushTarget {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const usualPort = parsed && usualPorts[parsed.protocol];
  if (!parsed || usualPort === undefined || parsed.hostname === '') {
    throw new Error('a push URL must look like rtmp://host:port/app/name');
  }
  const segments = parsed.pathname.split('/').filter((segment) => segment !== '');
  const name = segments.pop();
  if (name === undefined || segments.length === 0)
    throw new Error('a push URL needs an app and a name: rtmp://host/app/name');
  const app = segments.join('/');
  return {
    secure: parsed.protocol === 'rtmps:',
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: Number(parsed.port) || usualPort,
    app,
    name: name + parsed.search,
    tcUrl: `${parsed.protocol}//${parsed.host}/${app}`,
  };
}

/** Splits `text?query`; slashes around the text go. */
export function splitQuery(text: string): { text: string; query: Record<string, string> } {
  const index = text.indexOf('?');
  const plain = index < 0 ? text : text.slice(0, index);
  return { text: plain.replace(/^\/+|\/+$/g, ''), query: index < 0 ? {} : parseQuery(text.slice(index + 1)) };
}

/** A `+` stays one: signatures are base64, and push URLs are not forms. */
function parseQuery(query: string): Record<string, string> {
  const pairs = query.split('&').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const index = pair.indexOf('=');
      return index < 0 ? [decode(pair), ''] : [decode(pair.slice(0, index)), decode(pair.slice(index + 1))];
    }),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A connection to where it points. Nothing vouches for the certificate of a simulator, which is on this machine; a real
 * ingest must have one, because the key is sent to it.
 */
export const dial = ({ secure, host, port }: PushTarget): Socket =>
  secure
    ? connectTls({ host, port, servername: isIP(host) ? '' : host, rejectUnauthorized: !isHere(host) })
    : connect(port, host);

const isHere = (host: string): boolean => /^(127(\.\d{1,3}){3}|::1|(.+\.)?localhost)$/.test(host);
