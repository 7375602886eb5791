import type { SimRequest } from '../kit/types.ts';
import { IvsError } from './errors.ts';

/** A JSON object as the client sent it; nothing in it can be trusted yet. */
export type Body = Readonly<Record<string, unknown>>;

/** What the service model says of a text. */
export interface TextRule {
  pattern: RegExp;
  min?: number;
  max: number;
}

const arnOf = (noun: string): TextRule => ({
  pattern: new RegExp(`^arn:aws:ivs:[a-z0-9-]+:[0-9]+:${noun}/[a-zA-Z0-9-]+$`),
  min: 1,
  max: 128,
});
const orEmpty = ({ pattern, max }: TextRule): TextRule => ({ pattern: new RegExp(`^$|${pattern.source}`), max });

/** documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_Types.html): patterns and lengths. */
export const rules = {
  name: { pattern: /^[a-zA-Z0-9-_]*$/, max: 128 },
  channelArn: arnOf('channel'),
  streamKeyArn: arnOf('stream-key'),
  recordingArn: arnOf('recording-configuration'),
  recordingArnOrNone: orEmpty(arnOf('recording-configuration')),
  policyArn: arnOf('playback-restriction-policy'),
  policyArnOrNone: orEmpty(arnOf('playback-restriction-policy')),
  keyPairArn: arnOf('playback-key'),
  publicKey: { pattern: /^-----BEGIN PUBLIC KEY-----\r?\n/, min: 1, max: 1024 },
  country: { pattern: /^[A-Z]{2}$/, min: 2, max: 2 },
  origin: { pattern: /^(\*|https?:\/\/[^/]+)$/, min: 1, max: 128 },
  streamId: { pattern: /^st-[a-zA-Z0-9]+$/, min: 26, max: 26 },
  bucket: { pattern: /^[a-z0-9-.]+$/, min: 3, max: 63 },
  token: { pattern: /^[a-zA-Z0-9+/=_-]*$/, max: 1024 },
  metadata: { pattern: /^/, min: 1, max: 1024 },
} satisfies Record<string, TextRule>;

const tagKey = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const tagValue = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

const invalid = (message: string): IvsError => new IvsError('ValidationException', message);

/** An empty body is an empty object. */
export function readBody(req: SimRequest): Body {
  if (req.body.length === 0) return {};
  const parsed = parseJson(req.body.toString('utf8'));
  if (isObject(parsed)) return parsed;
  throw invalid('The request body is not a JSON object.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function text(body: Body, key: string, rule: TextRule): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && obeys(value, rule)) return value;
  throw invalid(`Value at '${key}' failed to satisfy constraint: ${rule.pattern.source}, at most ${rule.max} long.`);
}

const obeys = (value: string, { pattern, min = 0, max }: TextRule): boolean =>
  value.length >= min && Buffer.byteLength(value) <= max && pattern.test(value);

export function requiredText(body: Body, key: string, rule: TextRule): string {
  const value = text(body, key, rule);
  if (value !== undefined) return value;
  throw invalid(`Value at '${key}' failed to satisfy constraint: Member must not be null.`);
}

export function oneOf<const T extends string>(body: Body, key: string, allowed: readonly T[]): T | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw invalid(`Value at '${key}' failed to satisfy constraint: Member must satisfy enum value set: ${allowed}.`);
}

export function integer(body: Body, key: string, min: number, max: number): number | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(`Value at '${key}' failed to satisfy constraint: an integer from ${min} to ${max}.`);
}

export function flag(body: Body, key: string): boolean | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw invalid(`Value at '${key}' must be a boolean.`);
}

export function object(body: Body, key: string): Body | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (isObject(value)) return value;
  throw invalid(`Value at '${key}' must be an object.`);
}

export function arns(body: Body, rule: TextRule): string[] {
  const list = body.arns;
  if (!Array.isArray(list) || list.length < 1 || list.length > 50) throw invalid("Value at 'arns' must have 1 to 50.");
  return list.map((arn: unknown) => requiredText({ arns: arn }, 'arns', rule));
}

/** Undefined when it is not given. */
export function texts(body: Body, key: string, rule: TextRule): string[] | undefined {
  const list = body[key];
  if (list === undefined || list === null) return undefined;
  if (!Array.isArray(list)) throw invalid(`Value at '${key}' must be a list.`);
  return list.map((one: unknown) => requiredText({ [key]: one }, key, rule));
}

export function tags(body: Body): Record<string, string> {
  const given = Object.entries(object(body, 'tags') ?? {});
  if (given.length > 50) throw invalid("Value at 'tags' must have at most 50 entries.");
  const wrong = given.find(([key, value]) => !tagKey.test(key) || typeof value !== 'string' || !tagValue.test(value));
  // documented(https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html)
  const reserved = given.find(([key]) => /^aws:/i.test(key));
  if (reserved) throw invalid(`The tag '${reserved[0]}' begins with aws:, which is reserved for AWS.`);
  if (wrong) throw invalid(`The tag '${wrong[0]}' has a key or value with characters that are not allowed.`);
  return Object.fromEntries(given.map(([key, value]) => [key, String(value)]));
}

export interface Sequenced {
  /** Grows with each thing made; a page goes on after the last one given, whatever was deleted since. */
  seq: number;
}

/**
 * One page. documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListChannels.html):
 * bounds of `maxResults`. The form of the token is ours: clients must not read it.
 */
export function pageOf<T extends Sequenced>(all: readonly T[], body: Body, limit: number) {
  const after = decodeToken(text(body, 'nextToken', rules.token));
  const size = integer(body, 'maxResults', 1, limit) ?? Math.min(50, limit);
  const rest = all.filter((one) => one.seq > after).sort((a, b) => a.seq - b.seq);
  const items = rest.slice(0, size);
  const last = items.at(-1);
  return { items, ...(last && rest.length > size && { nextToken: encodeToken(last.seq) }) };
}

const encodeToken = (seq: number): string => Buffer.from(`after:${seq}`).toString('base64url');

function decodeToken(token: string | undefined): number {
  if (!token) return Number.NEGATIVE_INFINITY;
  const match = /^after:(-?\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (match) return Number(match[1]);
  throw invalid("Value at 'nextToken' is not a token of this listing.");
}
