import { z } from 'zod';
import type { Subscriber } from '../../activities/webhooks/subscriber.ts';
import { type Checked, unlessProblems } from '../../domain/configuration/checked.ts';
import type { ConfigSources } from '../../domain/configuration/environment.ts';
import type { Problem } from '../../domain/errors.ts';
import { accountPattern, tenantPattern } from '../../domain/ids.ts';
import type { Json } from '../../domain/json.ts';
import { isLoopback } from '../../domain/loopback.ts';
import { problemsOf } from '../../domain/problems.ts';
import { maxSubscribers, webhookTypes } from '../../domain/webhooks/webhook.ts';
import { secretsOf } from './secrets.ts';

/** What a subscriber that names no events gets; ingest addresses never by default. */
const usualTypes = webhookTypes.filter((type) => type !== 'ingest');

const subscriberSchema = z.strictObject({
  url: z.string().check((given) => {
    const message = whyNotUrl(given.value);
    if (message !== undefined) given.issues.push({ code: 'custom', message, input: given.value });
  }),
  events: z
    .array(z.string())
    .min(1)
    .refine((types) => types.every(isUsual), {
      error: `must be a list of ${usualTypes.join(', ')}; addresses of encoders come with "ingest": true`,
    })
    .transform((types) => types.filter(isUsual))
    .default(usualTypes),
  default: z.boolean().default(false),
  ingest: z.boolean().default(false),
  tenants: z.array(z.string().min(1).max(100).regex(tenantPattern, 'is not the name of a tenant')).min(1).optional(),
});

const nameRule = 'must be named by 1 to 32 lower-case letters and digits, with single hyphens between them';

/** The section `webhooks` of the configuration file, subscriber by subscriber. */
const webhooksSchema = z.record(z.string(), subscriberSchema).check((given) => {
  const wrong = (path: string[], message: string) =>
    given.issues.push({ code: 'custom', path, message, input: given.value });
  const names = Object.keys(given.value);
  if (names.length > maxSubscribers) wrong([], `has ${names.length} subscribers: at most ${maxSubscribers}`);
  const trusted = names.filter((name) => given.value[name]?.ingest);
  for (const [index, name] of trusted.entries()) {
    const other = trusted.slice(0, index).find((one) => overlap(given.value[one]?.tenants, given.value[name]?.tenants));
    if (other === undefined) continue;
    wrong([name, 'ingest'], `and ${other} both get the keys of encoders: trust one subscriber with them`);
  }
});

/** Whether two subscribers have a tenant in common; one without tenants is for all. */
const overlap = (one: readonly string[] | undefined, other: readonly string[] | undefined): boolean =>
  one === undefined || other === undefined || one.some((tenant) => other.includes(tenant));

/**
 * The subscribers of the section `webhooks`, with their secrets from the environment; or everything wrong with them at
 * once.
 */
export function readSubscribers(
  section: Json | undefined,
  sources: Pick<ConfigSources, 'env' | 'readFile'>,
): Checked<Subscriber[]> {
  const given = section ?? {};
  const parsed = webhooksSchema.safeParse(given);
  const found = problemsOf({ webhooks: given }, parsed.error?.issues ?? [], webhooksSchema, ['webhooks']);
  const names = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.keys(given) : [];
  const misnamed = names.filter((name) => !accountPattern.test(name));
  const secrets = secretsOf(names, sources);
  const problems = [
    ...misnamed.map((name): Problem => ({ path: `webhooks.${name}`, message: nameRule })),
    ...found.map(withoutAddress),
    ...secrets.problems,
  ];
  return unlessProblems(problems, () =>
    Object.entries(parsed.data ?? {}).map(([name, { url, events, ingest, default: isDefault, tenants }]) => ({
      name,
      url,
      types: ingest ? [...events, 'ingest'] : events,
      isDefault,
      ...(tenants && { tenants }),
      secrets: secrets.of(name),
    })),
  );
}

/** Never quotes what was given: what follows the host of an address is a secret at some services. */
function withoutAddress({ path, message }: Problem): Problem {
  const isSecret = /^webhooks\.[^.]+\.secret$/.test(path);
  return { path, message: isSecret ? 'is a secret and must not be in the configuration file' : message };
}

const isUsual = (type: string): type is (typeof usualTypes)[number] => (usualTypes as string[]).includes(type);

function whyNotUrl(given: string): string | undefined {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url) return 'must be an address, such as https://ops.example/hooks/showcaller';
  if (url.username !== '' || url.password !== '') return 'must be without user name and password: requests are signed';
  if (url.hash !== '') return 'must be without a fragment';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return undefined;
  return 'must begin with https://; http:// only for this machine (localhost, 127.0.0.1, [::1])';
}
