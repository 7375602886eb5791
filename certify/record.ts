import { redactor } from '../domain/redact.ts';
import type { Account, VendorManifest } from '../vendors/manifest.ts';
import { decoded, parsed, secretsIn } from './recorded-secrets.ts';
import { signsIn, type WireExchange } from './wire.ts';

/** One exchange as data: what the replay of the contract tests reads. Without secrets and without names of the account. */
export interface RecordedExchange {
  /** Method and path below the account, or a URL. */
  request: string;
  body?: unknown;
  accept: string | null;
  status: number;
  /** Those that decide what a client does. */
  headers: Record<string, string>;
  answer?: unknown;
  /** The answer to the same request before: it may come any number of times. */
  pending?: unknown;
}

export interface RecordedShow {
  source: string;
  vendor: string;
  apiVersion: string;
  location: string;
  exchanges: RecordedExchange[];
}

/** A JSON Web Token, wherever it stands. */
const jwt = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;
/** What an address says besides its place may be a signature; the version decides what is answered. */
const query = /(?<=[a-z]:\/\/[^\s"'<>?]*\?)[^\s"'<>]*/gi;
const withoutSignatures = (text: string): string =>
  text
    .replace(jwt, '{jwt}')
    .replace(query, (terms) => /(?:^|&)api-version=[\w-]+/.exec(terms)?.[0].replace(/^&/, '') ?? '');

const decisive = ['azure-asyncoperation', 'location', 'retry-after', 'odata-version', 'content-language'];
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** Who asked, in answers of every vendor: a mailbox, a role of AWS. */
const person = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<=arn:aws[\w-]*:(?:iam|sts)::\d{12}:)[\w+=,.@/-]+/g;
/** The number of an AWS account, where an ARN has it; it stands in paths too. */
const awsAccount = /arn:aws[\w-]*:[\w-]*:[\w-]*:(\d{12}):/g;
/** An address of an encoder or of a server; 0.0.0.0 is a rule and no address. */
const ip = /(?<![\w.])(?!0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/g;
/** In answers; what is ours has its placeholder already. */
const otherHost = /((?:rtmps?|https?):\/\/)([^/"{}]+)/g;
/** As SDKs write it in one case or the other; the replay puts it in front. */
const armAccount =
  / (?:\{id\}|\{endpoint\}\/subscriptions\/\{subscription\}\/resourceGroups\/\{group\}\/providers\/Microsoft\.Media\/mediaServices\/\{account\})/i;
/** A word of an account that is shorter stands in texts by chance. */
const shortestName = 4;

/** The show as data. `secrets` are those of the account and of the push addresses; those that answers name are added. */
export function recordedShow(
  exchanges: readonly WireExchange[],
  { manifest, account, secrets }: { manifest: VendorManifest; account: Account; secrets: ReadonlySet<string> },
): RecordedShow {
  const texts = exchanges.filter(({ url }) => !signsIn.test(url)).flatMap(readable);
  const all = new Set([...secrets, ...texts.flatMap((text) => secretsIn(...saidIn(text)))]);
  const names = new Map<string, string>();
  const nameOf = (value: string, form: string) => {
    if (!names.has(value)) names.set(value, `{${form}:${form}${names.size + 1}}`);
    return names.get(value) ?? '';
  };
  const scrub = redactor(all, (secret) => nameOf(secret, /^[0-9a-f]{32}$/.test(secret) ? 'token' : 'text'));
  const place = placesOf(account);
  const numbers = new Set(texts.flatMap((text) => accountNumbersIn(saidIn(text).join(' '))));
  // What the client chose stands in requests as it is: no answer has named it before.
  const chosen = new Set<string>();
  const withoutNumbers = (text: string) =>
    [...numbers].reduce((rest, number) => rest.replaceAll(number, nameOf(number, 'account')), text);
  const general = (text: string) =>
    withoutNumbers(place(scrub(text)).replace(person, (who) => nameOf(who, 'text')))
      .replace(time, '{time}')
      .replace(/(?<="hostName":")[^"{}]+/g, (host) => nameOf(host, 'host'))
      .replace(otherHost, (_whole, scheme: string, host: string) => scheme + nameOf(host, 'host'))
      .replace(ip, (address) => nameOf(address, 'ip'))
      .replace(guid, (value) => (chosen.has(value) ? value : nameOf(value, 'guid')));
  const apiVersion = texts.map(({ url }) => new URL(url).searchParams.get('api-version')).find((one) => one) ?? '';
  const before = new Map<string, string>();
  const recorded = texts.map(({ exchange, sent, received, url }): RecordedExchange => {
    for (const [value] of `${url} ${sent}`.matchAll(guid)) if (!names.has(value)) chosen.add(value);
    const request = general(`${exchange.method} ${withoutVersion(url, apiVersion)}`).replace(armAccount, ' ');
    const answer = withoutSignatures(general(received));
    const earlier = before.get(request);
    before.set(request, answer);
    return {
      request,
      ...(sent !== '' && { body: parsed(withoutSignatures(general(sent))) }),
      accept: String(exchange.requestHeaders.accept ?? '') || null,
      status: exchange.status,
      headers: Object.fromEntries(
        decisive.flatMap((name) => {
          const value = exchange.headers[name];
          return value === undefined ? [] : [[name, withoutSignatures(general(String(value)))]];
        }),
      ),
      ...(answer !== '' && { answer: parsed(answer) }),
      ...(exchange.method === 'GET' && earlier !== undefined && earlier !== answer && { pending: parsed(earlier) }),
    };
  });
  const { region = '', location = region } = account.settings;
  const source = 'showcaller certify';
  return { source, vendor: manifest.name, apiVersion, location, exchanges: recorded };
}

/** What is text; media, playlists of it and what was compressed are left out. */
function readable(exchange: WireExchange) {
  const received = exchange.body.toString('utf8');
  const isText =
    !exchange.headers['content-encoding'] &&
    !received.startsWith('#EXTM3U') &&
    Buffer.from(received).equals(exchange.body);
  const sent = exchange.requestBody.toString('utf8');
  return isText ? [{ exchange, url: exchange.url, sent, received }] : [];
}

/** All that is kept of an exchange, as it was. */
const saidIn = ({ exchange, sent, received, url }: ReturnType<typeof readable>[number]): string[] => [
  sent,
  received,
  url,
  ...decisive.flatMap((name) => exchange.headers[name] ?? []),
];

const accountNumbersIn = (text: string): string[] =>
  [...text.matchAll(awsAccount), ...decoded(text).matchAll(awsAccount)].flatMap(([, number]) => number ?? []);

/** The account's own names, each as the setting that has it; an Azure account by its path. */
function placesOf({ settings }: Account): (text: string) => string {
  const { endpoint = '', subscriptionId, resourceGroup, accountName } = settings;
  const below = (group: string) =>
    `/subscriptions/${subscriptionId}/${group}/${resourceGroup}/providers/Microsoft.Media/mediaservices/${accountName}`;
  const own: [string, string][] =
    accountName === undefined
      ? []
      : [
          [endpoint + below('resourcegroups'), '{root}'],
          [endpoint + below('resourceGroups'), '{id}'],
          [below('resourceGroups'), '{id}'],
          [subscriptionId ?? '', '{subscription}'],
          [resourceGroup ?? '', '{group}'],
          [accountName, '{account}'],
        ];
  const others = Object.entries(settings)
    .filter(([key, value]) => value.length >= shortestName && !/^\d+$/.test(value) && !plainSettings.has(key))
    .map(([key, value]): [string, string] => [value, `{${key}}`])
    .sort(([one], [two]) => two.length - one.length);
  const names = [...own, ...others].filter(([value]) => value !== '');
  // The ownership tag is ours, whatever the account is called.
  const patterns = names.map(([value, name]) => ({ pattern: new RegExp(`${literal(value)}(?!-workflow)`, 'g'), name }));
  return (text) => patterns.reduce((rest, { pattern, name }) => rest.replace(pattern, name), text);
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** These name nothing of the account. */
const plainSettings = new Set([
  'location',
  'region',
  'authMode',
  'credentials',
  'protocol',
  'addressing',
  'afterwards',
  'playbackAccess',
  'app',
  'ingestUrlTemplate',
]);

/** The replay adds the usual version itself. */
const withoutVersion = (url: string, version: string): string =>
  version === '' ? url : url.replace(new RegExp(`([?&])api-version=${version}(?:&|$)`), '$1').replace(/[?&]$/, '');
