import { unseen } from './text.ts';

/** The type of the one workflow people start by hand; part of the public contract. */
export const workflowType = 'liveEvent';
export const defaultTaskQueue = 'showcaller';

/**
 * For each start of that workflow. A cue may come while a worker that dies has begun a task of its run: it is met once the task is given to
 * another, after 10 s by Temporal's default.
 */
export const taskTimeout = { workflowTaskTimeout: '5s' } as const;

/** In the memo of a run: Temporal had none of its id when it was started. */
export const firstRunMemo = 'isFirst';

/** What the build of a worker begins with that is not named by a deployment. */
export const ownBuild = 'showcaller@';

const prefix = 'live-event/';

/**
 * Identifies an event or a schedule among all tenants: its id, and before it the tenant in whose name space it
 * was made: `final`, `acme/final`. Its workflow id, its channel's name and the id of its Temporal Schedule are made of it.
 */
export const eventKey = (id: string, tenant?: string): string =>
  tenant === undefined ? id : `${escapeTenant(tenant)}/${id}`;

/** `live-event/<event key>`: the one place that knows it. */
export const workflowIdOf = (key: string): string => `${prefix}${key}`;

/** The event key inside a workflow id; undefined for workflows that are not events. */
export const eventKeyOf = (workflowId: string): string | undefined =>
  workflowId.startsWith(prefix) && workflowId.length > prefix.length ? workflowId.slice(prefix.length) : undefined;

/**
 * The key of one leg's run: the event's key, `@` and the leg's name, as in `acme/final@backup`. No event id has an `@`, and
 * every vendor takes one in a tag.
 */
export const legKeyOf = (key: string, leg: string): string => `${key}@${leg}`;

/** The key of the run that is meant: of the leg where one is named, else of the event. */
export const runKeyOf = (key: string, leg: string | undefined): string =>
  leg === undefined ? key : legKeyOf(key, leg);

/** The event key and the leg's name inside the key of a leg's run; undefined for keys of events. */
export function partsOfLegKey(key: string): { event: string; leg: string } | undefined {
  const at = key.lastIndexOf('@');
  return at <= 0 ? undefined : { event: key.slice(0, at), leg: key.slice(at + 1) };
}

/** The id and the tenant of an event key; a key whose tenant cannot be read is an id that no event has. */
export function partsOfKey(key: string): { id: string; tenant?: string } {
  const slash = key.indexOf('/');
  const tenant = slash < 0 ? undefined : unescapeTenant(key.slice(0, slash));
  return tenant === undefined ? { id: key } : { id: key.slice(slash + 1), tenant };
}

/** The event id inside a workflow id; undefined for workflows that are not events. */
export const eventIdOf = (workflowId: string): string | undefined => {
  const key = eventKeyOf(workflowId);
  return key === undefined ? undefined : partsOfKey(key).id;
};

/**
 * Letters, digits, `-` and `.` stay, each other byte becomes `_XX`: two tenants never have the same name space. A dot in
 * front is escaped too, so that no part of a path is `..`.
 */
const escapeTenant = (tenant: string): string =>
  encodeURIComponent(tenant)
    .replace(/^\.|[_!~*'()]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%', '_');

/** Undefined for what `escapeTenant` does not write. */
function unescapeTenant(text: string): string | undefined {
  try {
    const tenant = decodeURIComponent(text.replaceAll('_', '%'));
    return escapeTenant(tenant) === text && tenant !== '' ? tenant : undefined;
  } catch {
    return undefined;
  }
}

/** The workflow type and id of a later try at a finished event's recording. */
export const vodRetryType = 'liveEventVod';
export const vodRetryIdOf = (key: string): string => `live-event-vod/${key}`;

/** Delivers the webhooks of one run, and may outlive it: a later run of the event has its own. */
export const webhooksIdOf = (eventId: string, firstRunId: string): string =>
  `live-event-notices/${eventId}/${firstRunId}`;

/** Keeps what the sweep released of an event, and what of it was billed until then. */
export const releasedIdOf = (key: string): string => `live-event-released/${key}`;

/** The sweep, and the Temporal Schedule that starts it every few minutes. */
export const sweepType = 'sweep';
export const sweepScheduleId = 'showcaller-sweep';

/** Keeps who uses what, and when, for all events of a task queue. */
export const bookingsType = 'bookings';
export const bookingsIdOf = (taskQueue: string): string => `live-event-bookings/${taskQueue}`;

/** The poller of one account; workers of another task queue have their own, because they may be gone tomorrow. */
export const pollerType = 'encoderHub';
export const pollerIdOf = (taskQueue: string, vendor: string, account: string): string =>
  `encoder-hub/${taskQueue}/${vendor}/${account}`;

/**
 * Letters, digits and `. _ -`, starting with a letter or digit; `:` too, because a Temporal Schedule appends an ISO
 * instant. At most 100 characters, as the key that it is part of.
 */
export const eventIdPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

/** An event id, or that of one of its legs: `final@backup`. */
export const eventOrLegIdPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}(@[a-z0-9]+(-[a-z0-9]+)*)?$/;

/** With our ownership tag an event key must fit the shortest field a vendor gives us (OSS description, 128 bytes). */
export const maxEventKeyLength = 100;

export const isEventKey = (key: string): boolean =>
  key.length <= maxEventKeyLength &&
  /^([A-Za-z0-9._-]+\/)?[A-Za-z0-9][A-Za-z0-9._:-]*(@[a-z0-9]+(-[a-z0-9]+)*)?$/.test(key);

/**
 * Well-formed text that a list can be filtered by: Temporal's servers differ in how they quote the other characters. Two names
 * that look the same are the same as far as characters that are not seen go, and spaces of other kinds.
 */
export const tenantPattern = new RegExp(`^(?:[^"\\\\\\p{Zs}${unseen}]| )+$`, 'u');

/**
 * Names of accounts and subscribers. `EU_WEST` in the environment is `eu-west` in a plan: a spelling that both can express. At
 * most 32 characters.
 */
export const accountPattern = /^(?=.{1,32}$)[a-z0-9]+(-[a-z0-9]+)*$/;

/** The account of plans that name none. */
export const defaultAccount = 'default';

/** What plans use beside their channel: encoders, studios. */
export const usePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
