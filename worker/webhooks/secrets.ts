import type { WebhookFormat } from '../../activities/webhooks/subscriber.ts';
import { type ConfigSources, fileVariableOf, secretText } from '../../domain/configuration/environment.ts';
import type { Problem } from '../../domain/errors.ts';
import { whyNotAddress } from './addresses.ts';

const prefix = 'SHOWCALLER_WEBHOOK_';

/** Bytes; shorter ones can be guessed, and other libraries refuse longer ones. */
const shortestKey = 24;
const longestKey = 64;

export interface SubscriberSecrets {
  problems: Problem[];
  /** Newest first; empty where something is wrong with them. */
  of(subscriber: string): string[];
}

interface Kind {
  /** The end of the variable's name. */
  suffix: 'SECRET' | 'URL';
  isOptional?: boolean;
  /** What the variable holds, for a message. */
  holds: string;
  /** Why a part of its value is none. */
  whyNot(value: string): string | undefined;
}

const address: Kind = {
  suffix: 'URL',
  holds: 'it is the address of the incoming webhook, which is a secret',
  whyNot: (value) => whyNotAddress(value),
};

/** What each format keeps secret. */
const kinds: Readonly<Record<WebhookFormat, Kind>> = {
  cloudevents: { suffix: 'SECRET', holds: 'it signs the webhooks (whsec_<base64>)', whyNot: whyNotSecret },
  slack: address,
  teams: address,
  pagerduty: {
    suffix: 'SECRET',
    holds: 'it is the routing key of the integration',
    whyNot: (value) => (/^[A-Za-z0-9]{32}$/.test(value) ? undefined : 'must be a routing key of 32 letters and digits'),
  },
  email: { suffix: 'SECRET', isOptional: true, holds: 'it is the password', whyNot: () => undefined },
};

/** `SHOWCALLER_WEBHOOK_<NAME>_SECRET`, of Slack and Teams `_URL`, or the same with `_FILE`. Never quotes a value. */
export function secretsOf(
  subscribers: readonly { name: string; format: WebhookFormat }[],
  sources: Pick<ConfigSources, 'env' | 'readFile'>,
): SubscriberSecrets {
  const problems: Problem[] = [];
  const found = new Map<string, string[]>();
  const expected = new Set<string>();
  for (const { name, format } of subscribers) {
    const { suffix, isOptional, holds, whyNot } = kinds[format];
    const variable = `${prefix}${name.toUpperCase().replaceAll('-', '_')}_${suffix}`;
    expected.add(variable).add(fileVariableOf(variable));
    const text = secretText(variable, sources);
    if ('problem' in text) problems.push(text.problem);
    else {
      const secrets = (text.value ?? '').split(/\s+/).filter((one) => one !== '');
      const isMissing = secrets.length === 0 && !isOptional;
      const message = isMissing ? missing(variable, holds) : secrets.map(whyNot).find((why) => why);
      if (message === undefined) found.set(name, secrets);
      else problems.push({ path: text.from, message });
    }
  }
  for (const [variable, value] of Object.entries(sources.env)) {
    if (!variable.startsWith(prefix) || !value || expected.has(variable)) continue;
    problems.push({ path: variable, message: 'belongs to no subscriber: "webhooks" has none of that name' });
  }
  return { problems, of: (subscriber) => found.get(subscriber) ?? [] };
}

const missing = (variable: string, holds: string): string => `is not set, nor ${fileVariableOf(variable)}: ${holds}`;

function whyNotSecret(secret: string): string | undefined {
  const key = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const bytes = key === undefined ? 0 : Buffer.from(key, 'base64').length;
  if (key !== undefined && key.length % 4 === 0 && bytes >= shortestKey && bytes <= longestKey) return undefined;
  return `must be whsec_ and the base64 of ${shortestKey} to ${longestKey} random bytes; several with spaces between, the newest first`;
}
