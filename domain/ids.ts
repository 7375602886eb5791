/** The type of the one workflow people start by hand; part of the public contract. */
export const workflowType = 'liveEvent';
export const defaultTaskQueue = 'showcaller';
const prefix = 'live-event/';

/** `live-event/<eventId>`: the one place that knows it. */
export const workflowIdOf = (eventId: string): string => `${prefix}${eventId}`;

/** The workflow type and id of a later try at a finished event's recording. */
export const vodRetryType = 'liveEventVod';
export const vodRetryIdOf = (eventId: string): string => `live-event-vod/${eventId}`;

/** Brings the notices of one run to their receivers, and may outlive it: a later run of the event has its own. */
export const noticesIdOf = (eventId: string, firstRunId: string): string =>
  `live-event-notices/${eventId}/${firstRunId}`;

/** The sweep, and the Temporal Schedule that starts it every few minutes. */
export const sweepType = 'sweep';
export const sweepScheduleId = 'showcaller-sweep';

/** The poller of one account; workers of another task queue have their own, because they may be gone tomorrow. */
export const pollerType = 'encoderHub';
export const pollerIdOf = (taskQueue: string, vendor: string, account: string): string =>
  `encoder-hub/${taskQueue}/${vendor}/${account}`;

/** The event id inside a workflow id; undefined for workflows that are not events. */
export const eventIdOf = (workflowId: string): string | undefined =>
  workflowId.startsWith(prefix) && workflowId.length > prefix.length ? workflowId.slice(prefix.length) : undefined;

/**
 * Letters, digits and `. _ -`, starting with a letter or digit; `:` too, because a Temporal Schedule appends an ISO
 * instant. At most 100 characters: with our mark it must fit the shortest field a vendor gives us (OSS description,
 * 128 bytes).
 */
export const eventIdPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

/**
 * Of accounts and receivers. `EU_WEST` in the environment is `eu-west` in a plan: a spelling that both can express. At
 * most 32 characters.
 */
export const accountPattern = /^(?=.{1,32}$)[a-z0-9]+(-[a-z0-9]+)*$/;
