import { z } from 'zod';
import { type Subscriber, type WebhookFormat, webhookFormats } from '../../activities/webhooks/subscriber.ts';
import { type Checked, unlessProblems } from '../../domain/configuration/checked.ts';
import type { ConfigSources } from '../../domain/configuration/environment.ts';
import type { Problem } from '../../domain/errors.ts';
import { accountPattern, tenantPattern } from '../../domain/ids.ts';
import type { Json } from '../../domain/json.ts';
import { problemsOf } from '../../domain/problems.ts';
import { severities } from '../../domain/webhooks/notification.ts';
import { maxSubscribers, webhookTypes } from '../../domain/webhooks/webhook.ts';
import { isMailServer, whyNotAddress, whyNotMailServer } from './addresses.ts';
import { secretsOf } from './secrets.ts';

/** What a subscriber that names no events gets; ingest addresses never by default. */
const usualTypes = webhookTypes.filter((type) => type !== 'ingest');

/** An address as RFC 5322 has it, or one with a name before it. */
const mailbox = z
  .string()
  .max(320)
  .regex(/^[^\p{Cc}<>,;]*<?[^\s\p{Cc}<>,;@]+@[^\s\p{Cc}<>,;@]+>?$/u, 'is not an address of a mailbox');

/** PagerDuty's own, in the United States: https://developer.pagerduty.com/docs/send-alert-event */
const pagerDutyUrl = 'https://events.pagerduty.com/v2/enqueue';

const subscriberSchema = z
  .strictObject({
    format: z.enum(webhookFormats).default('cloudevents'),
    url: z
      .string()
      .check((given) => {
        const message = isMailServer(given.value) ? whyNotMailServer(given.value) : whyNotAddress(given.value);
        if (message !== undefined) given.issues.push({ code: 'custom', message, input: given.value });
      })
      .optional(),
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
    severity: z.enum(severities).default('info'),
    vendors: z
      .array(z.string().regex(/^[a-z0-9-]{1,64}$/, 'is not the name of a vendor'))
      .min(1)
      .optional(),
    from: mailbox.optional(),
    to: z.array(mailbox).min(1).max(20).optional(),
    user: z.string().min(1).max(200).optional(),
    tenants: z.array(z.string().min(1).max(100).regex(tenantPattern, 'is not the name of a tenant')).min(1).optional(),
  })
  .check((given) => {
    const { format, url, from, to, user, ingest } = given.value;
    const wrong = (field: string, message: string) =>
      given.issues.push({ code: 'custom', path: [field], message, input: given.value });
    const isMail = format === 'email';
    if (format === 'slack' || format === 'teams') {
      if (url !== undefined) wrong('url', 'is a secret of this format: it belongs into the environment, as …_URL');
    } else if (url === undefined) {
      if (format !== 'pagerduty') wrong('url', 'is missing');
    } else if (isMail !== isMailServer(url)) wrong('url', `is no address for "format": "${format}"`);
    if (isMail && from === undefined) wrong('from', 'is missing: who sends the mails');
    if (isMail && to === undefined) wrong('to', 'is missing: who gets the mails');
    for (const [field, value] of Object.entries({ from, to, user }))
      if (!isMail && value !== undefined) wrong(field, 'is only for "format": "email"');
    if (ingest && format !== 'cloudevents')
      wrong('ingest', 'is only for CloudEvents: others show what they get to people');
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
  const secrets = secretsOf(
    names.map((name) => ({ name, format: formatIn(given, name) })),
    sources,
  );
  const problems = [
    ...misnamed.map((name): Problem => ({ path: `webhooks.${name}`, message: nameRule })),
    ...found.map(withoutAddress),
    ...secrets.problems,
  ];
  return unlessProblems(problems, () =>
    Object.entries(parsed.data ?? {}).map(([name, one]) => subscriberOf(name, one, secrets.of(name))),
  );
}

/** Of what may be wrong in other ways: it decides which secret is looked for. */
function formatIn(section: Json, name: string): WebhookFormat {
  const one = (section as Record<string, { format?: unknown } | null>)[name];
  return webhookFormats.find((format) => format === one?.format) ?? 'cloudevents';
}

function subscriberOf(
  name: string,
  { url, events, ingest, default: isDefault, tenants, vendors, format, severity, from, to, user }: Configured,
  secrets: string[],
): Subscriber {
  const own = format === 'slack' || format === 'teams' ? secrets[0] : undefined;
  return {
    name,
    url: own ?? url ?? pagerDutyUrl,
    types: ingest ? [...events, 'ingest'] : events,
    isDefault,
    ...(tenants && { tenants }),
    ...(vendors && { vendors }),
    ...(format !== 'cloudevents' && { format }),
    ...(severity !== 'info' && { severity }),
    ...(from !== undefined && to && { mail: { from, to, ...(user !== undefined && { user }) } }),
    secrets,
  };
}

type Configured = z.output<typeof subscriberSchema>;

/** Never quotes what was given: what follows the host of an address is a secret at some services. */
function withoutAddress({ path, message }: Problem): Problem {
  const isSecret = /^webhooks\.[^.]+\.secret$/.test(path);
  return { path, message: isSecret ? 'is a secret and must not be in the configuration file' : message };
}

const isUsual = (type: string): type is (typeof usualTypes)[number] => (usualTypes as string[]).includes(type);
