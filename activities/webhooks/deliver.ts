import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { IngestEndpoint } from '../../domain/channel.ts';
import { fieldsOf } from '../../domain/json.ts';
import { messageOf } from '../../domain/message-of.ts';
import { redact } from '../../domain/redact.ts';
import { isFor } from '../../domain/tenants.ts';
import { printable } from '../../domain/text.ts';
import type { WebhookMessage } from '../../domain/webhooks/webhook.ts';
import type { Delivery, WebhookActivities } from '../contract.ts';
import type { ActivityDeps } from '../deps.ts';
import { beatOnce } from '../heartbeat.ts';
import { cloudEventOf } from './cloud-event.ts';
import { type Answer, post } from './post.ts';
import { passes, sendFormatted } from './send.ts';
import type { Subscriber } from './subscriber.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** A subscriber that does not answer by then is tried again later. */
const answerWithinMs = 10 * second;
/** After each attempt that failed; the last one for all that follow. */
const delaysMs = [5 * second, minute, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour];
const longestDelayMs = 12 * hour;
const giveUpAfterMs = 72 * hour;
/** A subscriber that refuses this one webhook must not delay the following ones for days. */
const mostRefusals = 5;

/** These statuses are not about this webhook: the subscriber can fix their cause, or it passes. */
const notAboutThisWebhook: readonly number[] = [401, 403, 404, 408, 409, 425, 429];

/** Sends one webhook to one subscriber. Retried until it is delivered or its time is over. */
export const deliverActivities = (deps: ActivityDeps): WebhookActivities => ({
  deliver: async ({ receiver: name, notice: message }) => {
    const subscriber = deps.subscribers.find((one) => one.name === name);
    if (!subscriber)
      throw retry(deps, message, `this worker has no subscriber ${name}: add it to the worker's configuration`);
    // The configuration may have changed since the plan was prepared: today's trust counts.
    const { tenant } = message.data;
    if (!isFor(subscriber.tenants, typeof tenant === 'string' ? tenant : undefined))
      return { outcome: 'not-wanted', reason: `${name} is not configured for this tenant` };
    if (!subscriber.types.includes(message.type)) {
      return { outcome: 'not-wanted', reason: `${name} is not configured for ${message.type} webhooks` };
    }
    if (!passes(subscriber, message)) return { outcome: 'filtered' };
    const endpoints = message.type === 'ingest' ? await endpointsOf(deps, message) : undefined;
    const withinMs = Math.max(second, answerWithinMs * Math.min(1, deps.timeScale));
    const sending = { http: deps.http, withinMs, now: deps.clock.now(), cancelled: cancellationSignal() };
    const answer = subscriber.format
      ? await sendFormatted(subscriber, message, sending)
      : await post(subscriber, cloudEventOf(message, activityInfo().namespace, endpoints), sending);
    if (cancellationSignal().aborted) throw new CancelledFailure('the delivery was cancelled');
    return verdict(deps, message, subscriber, answer);
  },
});

function verdict(deps: ActivityDeps, message: WebhookMessage, subscriber: Subscriber, answer: Answer): Delivery {
  const { origin, host } = new URL(subscriber.url);
  const target = `${subscriber.name} (${origin === 'null' ? host : origin})`;
  if (answer.kind === 'unanswered') throw retry(deps, message, `${target} ${answer.why}`);
  const { status, text, retryAfterMs, partly } = answer;
  if (status >= 200 && status < 300) {
    if (partly !== undefined) log.warn(`${target} took ${message.type} of ${message.data.eventId}, but ${partly}`);
    return { outcome: 'delivered' };
  }
  // The request held a secret, and the answer may repeat it.
  const known = [...deps.secrets(), ...secretsOfAddress(subscriber.url)];
  const quoted = text === '' || message.type === 'ingest' ? '' : `: ${printable(redact(text, known))}`;
  const answered = `${target} answered ${status}${quoted}`;
  if (status === 410) return { outcome: 'gone', reason: answered };
  if (status >= 300 && status < 400) throw retry(deps, message, `${answered}; redirects are not followed`);
  const refused = status >= 400 && status < 500 && !notAboutThisWebhook.includes(status);
  if (refused) {
    const refusals = refusalsBefore() + 1;
    if (refusals >= mostRefusals) throw givenUp(`${answered}; refused ${mostRefusals} times`);
    // The next attempt gets these details. Attempts without an answer between them leave them as they are.
    beatOnce({ refusals });
  }
  throw retry(deps, message, answered, status === 429 || status === 503 ? retryAfterMs : undefined);
}

/** The details of the last heartbeat of the attempts before this one. */
function refusalsBefore(): number {
  const { refusals } = fieldsOf(activityInfo().heartbeatDetails);
  return typeof refusals === 'number' ? refusals : 0;
}

const shortestToken = 12;

/** What follows the host may be a secret, and an answer may repeat a part of it. */
function secretsOfAddress(url: string): string[] {
  const { pathname, search, searchParams } = new URL(url);
  const parts = [...pathname.split('/'), ...searchParams.values()].filter(({ length }) => length >= shortestToken);
  return [pathname + search, pathname, ...parts, ...parts.map(decoded)];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Asked of the vendor at each attempt, so that a key is in no argument and no result. */
async function endpointsOf(deps: ActivityDeps, message: WebhookMessage): Promise<IngestEndpoint[]> {
  const { channel } = message;
  if (!channel) throw givenUp('an ingest webhook without a channel: a bug in showcaller');
  try {
    const driver = await deps.driver(channel.ref.vendor, channel.ref.account);
    return await driver.ingest(channel);
  } catch (error) {
    const why = messageOf(error);
    throw retry(deps, message, `cannot get the ingest endpoints from the vendor: ${redact(why, deps.secrets())}`);
  }
}

/** BENIGN, so that it is neither logged nor counted as a failure; the Temporal UI shows the reason. */
function retry(deps: ActivityDeps, message: WebhookMessage, reason: string, retryAfterMs = 0): ApplicationFailure {
  const { attempt } = activityInfo();
  const usual = delaysMs[Math.min(attempt, delaysMs.length) - 1] ?? longestDelayMs;
  const wanted = Math.min(Math.max(usual * deps.timeScale, retryAfterMs), longestDelayMs);
  const nextRetryDelay = Math.max(20, Math.round(wanted * (1 + Math.random() * 0.2)));
  if (deps.clock.now() + nextRetryDelay > message.at + giveUpAfterMs * deps.timeScale) return givenUp(reason);
  return ApplicationFailure.create({
    type: 'undelivered',
    message: reason,
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay,
  });
}

const givenUp = (reason: string): ApplicationFailure =>
  ApplicationFailure.create({ type: 'given-up', message: reason, nonRetryable: true });
