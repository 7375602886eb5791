import { request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { type Exchange, Matcher, type Recording } from './recording.ts';

export interface ReplayTarget {
  /** `https://host` */
  endpoint: string;
  token: string;
  subscriptionId: string;
  resourceGroup: string;
  accountName: string;
}

/** The simulator's transitions take their time, however fast the machine asks; what never ends is ended by the test's limit. */
const pollEveryMs = 5;

/** Sends what was recorded, in order, and says where the answers are others. Names in paths are those of the recording. */
export async function replay(recording: Recording, target: ReplayTarget): Promise<string[]> {
  const { subscriptionId, resourceGroup, accountName, endpoint } = target;
  const below = (group: string) =>
    `/subscriptions/${subscriptionId}/${group}/${resourceGroup}/providers/Microsoft.Media/mediaservices/${accountName}`;
  const matcher = new Matcher({
    id: below('resourceGroups'),
    root: endpoint + below('resourcegroups'),
    version: recording.apiVersion,
    subscription: subscriptionId,
    group: resourceGroup,
    account: accountName,
    endpoint,
  });
  for (const one of recording.given ?? []) await prepare(one, matcher, target);
  const differences: string[] = [];
  for (const exchange of recording.exchanges) {
    const found = await exchanged(exchange, matcher, target);
    differences.push(...found.map((difference) => `${exchange.request} ${difference}`));
  }
  const unordered = (recording.order ?? []).filter(
    ([earlier, later]) => !(Date.parse(matcher.known(earlier) ?? '') < Date.parse(matcher.known(later) ?? '')),
  );
  return [...differences, ...unordered.map(([earlier, later]) => `${earlier} is not before ${later}`)];
}

async function exchanged(exchange: Exchange, matcher: Matcher, target: ReplayTarget): Promise<string[]> {
  for (;;) {
    const { status, headers, body } = await send(exchange, matcher, target);
    if (exchange.pending !== undefined && matcher.differences(exchange.pending, body).length === 0) {
      await pause(pollEveryMs);
      continue;
    }
    return [
      ...(status === exchange.status ? [] : [`status: ${status}, not ${exchange.status}`]),
      ...matcher.headerDifferences(exchange.headers, headers),
      ...matcher.differences(exchange.answer ?? '', body, 'body'),
    ];
  }
}

async function prepare(one: Pick<Exchange, 'request' | 'body'>, matcher: Matcher, target: ReplayTarget): Promise<void> {
  const { status, headers } = await send(one, matcher, target);
  if (status >= 300) throw new Error(`${one.request} answered ${status}`);
  const poll = headers.get('azure-asyncoperation');
  for (let going = poll !== null; going; ) {
    const { body } = await send({ request: `GET ${poll}` }, matcher, target);
    going = Object(body).status === 'InProgress';
  }
}

interface Answer {
  status: number;
  headers: Headers;
  /** Parsed; '' when there is none. */
  body: unknown;
}

async function send(
  exchange: Pick<Exchange, 'request' | 'body' | 'accept'>,
  matcher: Matcher,
  target: ReplayTarget,
): Promise<Answer> {
  const [method = '', place = ''] = matcher.fill(exchange.request).split(' ');
  const url = place.startsWith('http') ? place : target.endpoint + matcher.fill(`{id}${place}`);
  const versioned = url.includes('api-version=')
    ? url
    : matcher.fill(`${url}${url.includes('?') ? '&' : '?'}api-version={version}`);
  const { accept = 'application/json', body } = exchange;
  const headers = { authorization: `Bearer ${target.token}`, ...(accept !== null && { accept }) };
  return exchangeBytes(
    new URL(versioned),
    method,
    headers,
    body === undefined ? '' : matcher.fill(JSON.stringify(body)),
  );
}

/** `fetch` would add an `Accept` of its own. */
function exchangeBytes(url: URL, method: string, headers: Record<string, string>, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } });
    outgoing.once('error', reject);
    outgoing.once('response', async (incoming) => {
      const text = await textOf(incoming).catch(reject);
      const found = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
      resolve({
        status: incoming.statusCode ?? 0,
        headers: new Headers(found),
        body: text ? JSON.parse(text) : '',
      });
    });
    outgoing.end(body);
  });
}
