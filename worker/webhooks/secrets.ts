import type { Problem } from '../../domain/errors.ts';

const prefix = 'SHOWCALLER_WEBHOOK_';
const suffix = '_SECRET';
const fileSuffix = '_FILE';

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
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): SubscriberSecrets {
  const problems: Problem[] = [];
  const found = new Map<string, string[]>();
  const expected = new Set<string>();
  for (const name of subscribers) {
    const variable = `${prefix}${name.toUpperCase().replaceAll('-', '_')}${suffix}`;
    expected.add(variable).add(`${variable}${fileSuffix}`);
    const text = given(variable, env, readFile);
    if ('problem' in text) problems.push(text.problem);
    else {
      const secrets = text.value.split(/\s+/).filter((one) => one !== '');
      const message = secrets.length === 0 ? 'is empty' : secrets.map(whyNotSecret).find((why) => why !== undefined);
      if (message === undefined) found.set(name, secrets);
      else problems.push({ path: text.from, message });
    }
  }
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(prefix) || !value || expected.has(variable)) continue;
    problems.push({ path: variable, message: 'belongs to no subscriber: "webhooks" has none of that name' });
  }
  return { problems, of: (subscriber) => found.get(subscriber) ?? [] };
}

type Given = { from: string; value: string } | { problem: Problem };

function given(
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Given {
  const inFile = `${variable}${fileSuffix}`;
  const value = env[variable];
  const path = env[inFile];
  const wrong = (at: string, message: string): Given => ({ problem: { path: at, message } });
  if (value && path) return wrong(inFile, `and ${variable} are both set: set one of them`);
  if (value) return { from: variable, value };
  if (!path) return wrong(variable, `is not set, nor ${inFile}: it signs the webhooks (whsec_<base64>)`);
  try {
    return { from: inFile, value: readFile(path) };
  } catch {
    return wrong(inFile, 'names a file that cannot be read');
  }
}

function whyNotSecret(secret: string): string | undefined {
  const key = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const bytes = key === undefined ? 0 : Buffer.from(key, 'base64').length;
  if (key !== undefined && key.length % 4 === 0 && bytes >= shortestKey && bytes <= longestKey) return undefined;
  return `must be whsec_ and the base64 of ${shortestKey} to ${longestKey} random bytes; several with spaces between, the newest first`;
}
