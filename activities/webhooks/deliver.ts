import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { IngestEndpoint } from '../../domain/channel.ts';
import type { Notice } from '../../domain/webhooks/webhook.ts';
import type { Delivery, NoticeActivities } from '../contract.ts';
import type { ActivityDeps } from '../deps.ts';
import { redact } from '../redact.ts';
import { cloudEventOf } from './cloud-event.ts';
import { type Answer, post } from './post.ts';
import type { Receiver } from './subscriber.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** A receiver that does not answer by then is tried again later. */
const answerWithinMs = 10 * second;
/** After each attempt that failed; the last one for all that follow. */
const delaysMs = [5 * second, minute, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour];
const longestDelayMs = 12 * hour;
const giveUpAfterMs = 72 * hour;
/** A receiver that answers and refuses this one notice must not hold up the others for days. */
const mostRefusals = 5;

/** These say nothing about the notice: they may be mended at the receiver, or pass. */
const notAboutTheNotice: readonly number[] = [401, 403, 404, 408, 409, 425, 429];

/** Brings one notice to one receiver, and is asked again until it has arrived or its time is over. */
export const deliverActivities = (deps: ActivityDeps): NoticeActivities => ({
  deliver: async ({ receiver: name, notice }) => {
    const receiver = deps.receivers?.find((one) => one.name === name);
    if (!receiver) throw retry(deps, notice, `this worker has no receiver ${name}: add it to its configuration`);
    // The configuration may have changed since the plan was prepared: what counts is whom it trusts now.
    if (!receiver.types.includes(notice.type)) {
      return { outcome: 'not-wanted', reason: `${name} is not configured to be told of ${notice.type}` };
    }
    const endpoints = notice.type === 'ingest' ? await endpointsOf(deps, notice) : undefined;
    const event = cloudEventOf(notice, activityInfo().namespace, endpoints);
    const withinMs = Math.max(second, answerWithinMs * Math.min(1, deps.pace));
    const answer = await post(receiver, event, { withinMs, cancelled: cancellationSignal() });
    if (cancellationSignal().aborted) throw new CancelledFailure('the delivery was cancelled');
    return verdict(deps, notice, receiver, answer);
  },
});

function verdict(deps: ActivityDeps, notice: Notice, receiver: Receiver, answer: Answer): Delivery {
  const who = `${receiver.name} (${new URL(receiver.url).origin})`;
  if (answer.kind === 'unanswered') throw retry(deps, notice, `${who} ${answer.why}`);
  const { status, text, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  // It was sent a secret, and may have repeated it.
  const quoted = text === '' || notice.type === 'ingest' ? '' : `: ${redact(text, deps.secrets())}`;
  const said = `${who} answered ${status}${quoted}`;
  if (status === 410) return { outcome: 'gone', reason: said };
  if (status >= 300 && status < 400) throw retry(deps, notice, `${said}; redirects are not followed`);
  const refused = status >= 400 && status < 500 && !notAboutTheNotice.includes(status);
  if (refused && activityInfo().attempt >= mostRefusals) throw givenUp(`${said}; refused ${mostRefusals} times`);
  throw retry(deps, notice, said, status === 429 || status === 503 ? retryAfterMs : undefined);
}

/** Asked of the vendor at each attempt, so that a key is in no argument and no result. */
async function endpointsOf(deps: ActivityDeps, notice: Notice): Promise<IngestEndpoint[]> {
  const { channel } = notice;
  if (!channel) throw givenUp('an ingest notice without a channel: a bug');
  try {
    const driver = await deps.driver(channel.ref.vendor, channel.ref.account);
    return await driver.ingest(channel);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw retry(deps, notice, `the ingest endpoints could not be had: ${redact(why, deps.secrets())}`);
  }
}

/** Waiting for a receiver is no failure of ours: retried in silence, its reason shown in the Temporal UI. */
function retry(deps: ActivityDeps, notice: Notice, reason: string, retryAfterMs = 0): ApplicationFailure {
  const { attempt } = activityInfo();
  const usual = delaysMs[Math.min(attempt, delaysMs.length) - 1] ?? longestDelayMs;
  const wanted = Math.min(Math.max(usual * deps.pace, retryAfterMs), longestDelayMs);
  const nextRetryDelay = Math.max(20, Math.round(wanted * (1 + Math.random() * 0.2)));
  if (Date.now() + nextRetryDelay > notice.at + giveUpAfterMs * deps.pace) return givenUp(reason);
  return ApplicationFailure.create({
    type: 'undelivered',
    message: reason,
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay,
  });
}

const givenUp = (reason: string): ApplicationFailure =>
  ApplicationFailure.create({ type: 'given-up', message: reason, nonRetryable: true });
