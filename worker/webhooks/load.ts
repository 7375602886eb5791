import type { Subscriber } from '../../activities/webhooks/subscriber.ts';
import type { Problem } from '../../domain/errors.ts';
import { accountPattern } from '../../domain/ids.ts';
import { maxSubscribers, type WebhookType, webhookTypes } from '../../domain/webhooks/webhook.ts';
import { type SubscriberSecrets, secretsOf } from './secrets.ts';

export interface SubscriberSources {
  env: Readonly<Record<string, string | undefined>>;
  /** The configuration file. The loader of the accounts reports when it cannot be read. */
  file?: string;
  /** Throws when the file cannot be read. */
  readFile: (path: string) => string;
}

export type LoadedSubscribers = { ok: true; subscribers: Subscriber[] } | { ok: false; problems: Problem[] };

/** The types of a subscriber that names none; never `ingest`. */
const usualTypes: readonly WebhookType[] = webhookTypes.filter((type) => type !== 'ingest');
const fields = ['url', 'events', 'default', 'ingest'];

/**
 * The subscribers of the configuration file's `webhooks`, with their secrets from the environment; or everything wrong
 * with them at once.
 */
export function loadSubscribers({ env, file, readFile }: SubscriberSources): LoadedSubscribers {
  const webhooks = file === undefined ? undefined : webhooksIn(file, readFile);
  const problems: Problem[] = [];
  if (webhooks !== undefined && !isRecord(webhooks)) {
    problems.push({ path: 'webhooks', message: 'must be an object, subscriber by subscriber' });
  }
  const entries = isRecord(webhooks) ? Object.entries(webhooks) : [];
  if (entries.length > maxSubscribers) {
    problems.push({ path: 'webhooks', message: `has ${entries.length} subscribers: at most ${maxSubscribers}` });
  }
  const secrets = secretsOf(
    entries.map(([name]) => name),
    env,
    readFile,
  );
  problems.push(...secrets.problems);
  const subscribers = entries.flatMap(([name, given]) => subscriberOf(name, given, secrets, problems) ?? []);
  const trusted = subscribers.filter(({ types }) => types.includes('ingest'));
  for (const { name } of trusted.slice(1)) {
    const message = `and ${trusted[0]?.name} both get the keys of encoders: trust one subscriber with them`;
    problems.push({ path: `webhooks.${name}.ingest`, message });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, subscribers };
}

function webhooksIn(file: string, readFile: (path: string) => string): unknown {
  try {
    const root: unknown = JSON.parse(readFile(file));
    return isRecord(root) ? root.webhooks : undefined;
  } catch {
    return undefined;
  }
}

function subscriberOf(
  name: string,
  given: unknown,
  secrets: SubscriberSecrets,
  problems: Problem[],
): Subscriber | undefined {
  const path = `webhooks.${name}`;
  const before = problems.length;
  const wrong = (field: string, message: string) => problems.push({ path: field ? `${path}.${field}` : path, message });
  if (!accountPattern.test(name)) {
    wrong('', 'must be named by 1 to 32 lower-case letters and digits, with single hyphens between them');
  }
  if (!isRecord(given)) {
    wrong('', 'must be an object');
    return undefined;
  }
  for (const key of Object.keys(given)) {
    if (key === 'secret') wrong(key, 'is a secret and must not be in the configuration file');
    else if (!fields.includes(key)) wrong(key, `is not a known field; known here: ${fields.join(', ')}`);
  }
  const { url, events, ingest = false, default: isDefault = false } = given;
  const badUrl = whyNotUrl(url);
  if (badUrl !== undefined) wrong('url', badUrl);
  if (events !== undefined && !areTypes(events)) {
    wrong('events', `must be a list of ${usualTypes.join(', ')}; addresses of encoders come with "ingest": true`);
  }
  if (typeof isDefault !== 'boolean') wrong('default', 'must be true or false');
  if (typeof ingest !== 'boolean') wrong('ingest', 'must be true or false');
  if (problems.length > before) return undefined;
  const types = areTypes(events) ? events : usualTypes;
  return {
    name,
    url: String(url),
    types: ingest === true ? [...types, 'ingest'] : types,
    isDefault: isDefault === true,
    secrets: secrets.of(name),
  };
}

/** Never quotes the address: what follows the host is a secret at some services. */
function whyNotUrl(given: unknown): string | undefined {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
  if (!url) return 'must be an address, such as https://ops.example/hooks/showcaller';
  if (url.username !== '' || url.password !== '') return 'must be without user name and password: requests are signed';
  if (url.hash !== '') return 'must be without a fragment';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return undefined;
  return 'must begin with https://; http:// only for this machine (localhost, 127.0.0.1, [::1])';
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

const areTypes = (given: unknown): given is WebhookType[] =>
  Array.isArray(given) && given.length > 0 && given.every((one) => usualTypes.includes(one));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
