import type { EventSpec } from '../domain/channel.ts';
import { VendorError } from '../domain/errors.ts';
import { messageOf } from '../domain/message-of.ts';
import { inOrder, type Preflight, type PreflightLook, type PreflightRequest } from '../domain/preflight.ts';
import { redact } from '../domain/redact.ts';
import { formatInstant } from '../domain/time.ts';
import { runWith } from '../vendors/under-way.ts';
import type { LiveEventActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { notBefore } from './failures.ts';
import { withHeartbeat } from './heartbeat.ts';
import { within } from './waiting.ts';
import { reach } from './webhooks/post.ts';

/** The allocation waits for no look that takes longer. */
const mostMs = 25_000;
const subscriberMs = 5_000;

export const preflightActivities = (deps: ActivityDeps): Pick<LiveEventActivities, 'preflight'> => ({
  preflight: ({ preflight, ...event }) => {
    const now = deps.clock.now();
    const { notBefore: at = now } = preflight;
    if (now < at) throw notBefore(at, now, `the time to check the account, ${formatInstant(at)}`);
    return withHeartbeat(() => lookAhead(deps, event, preflight));
  },
});

/** What would go wrong with the event. Never fails: what cannot be looked at is unseen. */
export async function lookAhead(deps: ActivityDeps, event: EventSpec, request: PreflightRequest): Promise<Preflight> {
  const [vendor, subscribers] = await Promise.all([
    inTime(lookAtVendor(deps, event, request)),
    lookAtSubscribers(deps, request.subscribers),
  ]);
  const clean = (text: string) => redact(text, deps.secrets());
  return {
    at: deps.clock.now(),
    findings: inOrder([...vendor.findings, ...subscribers.findings]).map(({ check, message, advice }) => ({
      check,
      message: clean(message),
      advice: clean(advice),
    })),
    unseen: inOrder([...vendor.unseen, ...subscribers.unseen]).map(({ check, reason }) => ({
      check,
      reason: clean(reason),
    })),
  };
}

async function lookAtVendor(deps: ActivityDeps, event: EventSpec, { from }: PreflightRequest): Promise<PreflightLook> {
  const { vendor, account, workflowId, endsAt } = event;
  const { planned } = deps;
  const count = async (limit: number) =>
    planned
      ? planned({ vendor, account, workflowId, from, to: endsAt }, limit)
      : { unknown: 'this worker does not know what is planned' };
  try {
    const driver = await deps.driver(vendor, account);
    // A question of which nothing can come is no change that would have to be cleaned up.
    return await runWith({ counter: { count: 0 } }, () => driver.preflight(event, count));
  } catch (error) {
    if (!(error instanceof VendorError)) return unseen(messageOf(error));
    const { kind, message, advice = 'correct it before the event is allocated' } = error.facts;
    if (['unavailable', 'throttled', 'unknown'].includes(kind)) return unseen(message);
    return { findings: [{ check: kind === 'unauthorized' ? 'credentials' : 'place', message, advice }], unseen: [] };
  }
}

const unseen = (reason: string): PreflightLook => ({
  findings: [],
  unseen: [{ check: 'place', reason }],
});

/** A look that hangs goes on by itself: it only reads. */
const inTime = async (look: Promise<PreflightLook>): Promise<PreflightLook> =>
  (await within(look, mostMs)) ?? unseen(`the look did not end within ${mostMs / 1000} s`);

/** Each is asked for nothing: an answer of any kind means that it is there, unless it says that it is not. */
async function lookAtSubscribers(deps: ActivityDeps, names: readonly string[]): Promise<PreflightLook> {
  const looked = await Promise.all(names.map((name) => lookAtSubscriber(deps, name)));
  return { findings: looked.flatMap(({ findings }) => findings), unseen: looked.flatMap((look) => look.unseen) };
}

async function lookAtSubscriber({ subscribers, http }: ActivityDeps, name: string): Promise<PreflightLook> {
  const subscriber = subscribers.find((one) => one.name === name);
  if (!subscriber) {
    return found(
      `this worker has no subscriber ${name}, and cannot deliver its webhooks`,
      'add it to the configuration of every worker of the task queue, as the plan names it',
    );
  }
  if (subscriber.format === 'email') {
    const reason = `the subscriber ${name} is a mailbox: a mail server can be asked only by a mail`;
    return { findings: [], unseen: [{ check: 'subscriber', reason }] };
  }
  const why = await reach(subscriber, { http, withinMs: subscriberMs });
  if (why === undefined) return { findings: [], unseen: [] };
  return found(`the subscriber ${name} ${why}`, 'bring it up, or correct its url in the configuration of the worker');
}

const found = (message: string, advice: string): PreflightLook => ({
  findings: [{ check: 'subscriber', message, advice }],
  unseen: [],
});
