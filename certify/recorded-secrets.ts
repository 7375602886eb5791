import { isSecretName } from '../domain/secret-names.ts';

/** As JSON where it is some. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Values that stand under the name of a secret: in JSON, in XML, in queries and forms, and in what a vendor says in words. */
export function secretsIn(...texts: string[]): string[] {
  return texts.flatMap((text) => {
    const body = parsed(text);
    if (typeof body === 'object') return [...secretsUnder(body, false), ...textsIn(body).flatMap(secretsInPairs)];
    return [...secretElements(text), ...secretsInPairs(text)];
  });
}

const textsIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];

/** Keys of objects are names. */
const openElement = /^(?:\w+Marker|(?:Max|Start)?Keys?(?:Count)?)$/;

function secretElements(xml: string): string[] {
  return [...xml.matchAll(/<([\w.-]+)>([^<]+)<\//g)].flatMap(([, name = '', value = '']) =>
    isSecretName(name) && !openElement.test(name) ? [value, unescaped(value)] : [],
  );
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unescaped = (text: string): string => text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name) => entities[name] ?? '');

/** A shorter one is a number or a switch. */
const shortestSecret = 8;

/** The secrets among the `name=value` of queries, forms, signatures and error messages, each as it stands and decoded. */
function secretsInPairs(text: string): string[] {
  return [...unescaped(text).matchAll(/([\w.%-]+)=([^\s"'<>&,;]+)/g)].flatMap(([, name = '', value = '']) =>
    isSecretName(decoded(name)) && value.length >= shortestSecret ? [value, decoded(value)] : [],
  );
}

/** As itself where it is no part of an address. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function secretsUnder(value: unknown, secret: boolean): string[] {
  if (typeof value === 'string') return secret && !/^(arn:|https?:)/.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    secretsUnder(inner, secret || (isSecretName(name) && !/name$/i.test(name))),
  );
}
