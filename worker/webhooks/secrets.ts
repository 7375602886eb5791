import { type ConfigSources, fileVariableOf, secretText } from '../../domain/configuration/environment.ts';
import type { Problem } from '../../domain/errors.ts';

const prefix = 'SHOWCALLER_WEBHOOK_';

/** Bytes; shorter ones can be guessed, and other libraries refuse longer ones. */
const shortestKey = 24;
const longestKey = 64;

export interface SubscriberSecrets {
  problems: Problem[];
  /** Newest first; empty where something is wrong with them. */
  of(subscriber: string): string[];
}

/** `SHOWCALLER_WEBHOOK_<NAME>_SECRET`, or the same with `_FILE`. Never quotes a value. */
export function secretsOf(
  subscribers: readonly string[],
  sources: Pick<ConfigSources, 'env' | 'readFile'>,
): SubscriberSecrets {
  const problems: Problem[] = [];
  const found = new Map<string, string[]>();
  const expected = new Set<string>();
  for (const name of subscribers) {
    const variable = `${prefix}${name.toUpperCase().replaceAll('-', '_')}_SECRET`;
    expected.add(variable).add(fileVariableOf(variable));
    const text = secretText(variable, sources);
    if ('problem' in text) problems.push(text.problem);
    else {
      const secrets = (text.value ?? '').split(/\s+/).filter((one) => one !== '');
      const message = secrets.length === 0 ? missing(variable) : secrets.map(whyNotSecret).find((why) => why);
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

const missing = (variable: string): string =>
  `is not set, nor ${fileVariableOf(variable)}: it signs the webhooks (whsec_<base64>)`;

function whyNotSecret(secret: string): string | undefined {
  const key = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const bytes = key === undefined ? 0 : Buffer.from(key, 'base64').length;
  if (key !== undefined && key.length % 4 === 0 && bytes >= shortestKey && bytes <= longestKey) return undefined;
  return `must be whsec_ and the base64 of ${shortestKey} to ${longestKey} random bytes; several with spaces between, the newest first`;
}
