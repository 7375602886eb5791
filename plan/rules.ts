import type { Problem } from '../domain/errors.ts';
import { eventKey, eventKeyOf, eventOrLegIdPattern, isEventKey, maxEventKeyLength, partsOfKey } from '../domain/ids.ts';
import { type Path, problemAt, problemsOf } from '../domain/problems.ts';
import { formatDuration, formatInstant, parseInstant } from '../domain/time.ts';
import type { VendorManifest } from '../vendors/manifest.ts';
import type { Draft } from './draft.ts';
import { maxShowMs, planDefaults } from './limits.ts';
import { capOf, type DraftTimes } from './times.ts';

/** What no schema can say about an event's id and tenant: they must be those in the workflow id. */
export function eventIdProblems(
  { input, plan, isBad }: Draft,
  { workflowId, nameSpace }: { workflowId?: string; nameSpace?: string },
): Problem[] {
  const refuse = (message: string, field = 'eventId'): Problem[] => [problemAt(input, [field], message)];
  if (workflowId === undefined) {
    const { eventId } = plan;
    if (eventId === undefined) return isBad('eventId') ? [] : refuse('is required (a string)');
    const key = eventKey(eventId, nameSpace);
    return isEventKey(key) ? [] : refuse(tooLongForTenant(key, eventId));
  }
  const key = eventKeyOf(workflowId);
  if (key === undefined) return refuse(`needs a workflow id of the form live-event/<eventId>, not "${workflowId}"`);
  const { id, tenant } = partsOfKey(key);
  if (!eventOrLegIdPattern.test(id))
    return refuse(`"${id}" from the workflow id is not an event id: at most 100 letters, digits and . _ : -`);
  const problems = isEventKey(key) ? [] : refuse(tooLongForTenant(key, id));
  const { eventId } = plan;
  if (eventId !== undefined && eventId !== id && !isOccurrence(id, eventId)) {
    problems.push(...refuse(`must be "${id}", as in the workflow id; or leave it out`));
  }
  if (tenant !== undefined && plan.tenant !== undefined && plan.tenant !== tenant) {
    problems.push(...refuse(`must be "${tenant}", as in the workflow id; or leave it out`, 'tenant'));
  }
  return problems;
}

const tooLongForTenant = (key: string, id: string): string => {
  const room = maxEventKeyLength - (key.length - id.length);
  return `has ${id.length} characters, and with this tenant's name before it there is room for ${Math.max(0, room)}`;
};

/** A Temporal Schedule appends the instant that it means to the workflow id. */
const isOccurrence = (actual: string, eventId: string): boolean =>
  actual.startsWith(`${eventId}-`) && parseInstant(actual.slice(eventId.length + 1)) !== undefined;

export function vendorProblems({ input, plan }: Draft, vendors: readonly VendorManifest[]): Problem[] {
  if (input.vendor === undefined) return [problemAt(input, ['vendor'], 'is required (a string)')];
  if (plan.vendor === undefined || vendors.some(({ name }) => name === plan.vendor)) return [];
  return [problemAt(input, ['vendor'], `is not a vendor: ${listed(vendors.map(({ name }) => name))}`)];
}

/** What means nothing in a plan without legs. */
export const onlyWithLegs = ({ input }: Draft): Problem[] =>
  ['require', 'failover']
    .filter((field) => input[field] !== undefined)
    .map((field) => problemAt(input, [field], 'is only for plans with legs: leave it out'));

/** What the plan asks for that this vendor or its configured accounts cannot do. */
export function abilityProblems(draft: Draft, vendor: VendorManifest, accounts: string[] | undefined): Problem[] {
  const { input, plan, isBad } = draft;
  const problems: Problem[] = [];
  const account = plan.account ?? planDefaults.account;
  if (accounts && !isBad('account') && !accounts.includes(account)) {
    const known = accounts.length > 0 ? listed(accounts) : `no account of ${vendor.name} is configured`;
    problems.push(problemAt(input, ['account'], `"${account}" is not configured for ${vendor.name}: ${known}`));
  }
  if (plan.standby && !vendor.capabilities.standby) {
    problems.push(problemAt(input, ['standby'], `${vendor.name} cannot keep a channel warm: leave it out`));
  }
  if (plan.sources && plan.sources.length > 0 && !vendor.capabilities.relay) {
    problems.push(problemAt(input, ['sources'], `${vendor.name} cannot pull: leave it out and let the encoder push`));
  }
  if (isBad('vendorOptions')) return problems;
  const options = vendor.options.safeParse(plan.vendorOptions ?? {});
  return options.success
    ? problems
    : [...problems, ...problemsOf(input, options.error.issues, vendor.options, ['vendorOptions'])];
}

/** Limits of the vendor that the plan breaks, where the fields that they depend on are sound. */
export function limitProblems(draft: Draft, vendor: VendorManifest, { eventKey, times }: LimitContext): Problem[] {
  const { input, plan, isBad } = draft;
  const { startsAt, endsAt } = times;
  if (startsAt === undefined || endsAt === undefined || endsAt < startsAt) return [];
  if (['vendorOptions', 'sources', 'overrun', 'vod'].some(isBad)) return [];
  const options = vendor.options.safeParse(plan.vendorOptions ?? {});
  if (!options.success) return [];
  const until = capOf(plan.overrun?.until, endsAt);
  const end: Path = [input.endsAt === undefined ? 'duration' : 'endsAt'];
  const limited = {
    eventKey,
    startsAt,
    endsAt,
    lastEndsAt: Math.max(endsAt, until ?? endsAt),
    endField: until === undefined || until <= endsAt ? end : ['overrun', 'until'],
    publishesVod: plan.vod?.publish ?? true,
    sources: plan.sources ?? [],
    options: options.data,
  };
  return (vendor.limits ?? []).flatMap((limit) =>
    limit.problems(limited).map(({ path, message }) => problemAt(input, path, message)),
  );
}

interface LimitContext {
  eventKey: string;
  times: DraftTimes;
}

/** Subscribers that the worker's configuration does not have, where it is known. */
export function notifyProblems({ input, plan, isBad }: Draft, subscribers?: readonly { name: string }[]): Problem[] {
  if (!subscribers || isBad('notify')) return [];
  const known = subscribers.map(({ name }) => name);
  return (plan.notify ?? []).flatMap((name, at) => {
    if (known.includes(name)) return [];
    const allowed = known.length > 0 ? listed(known) : 'none is configured';
    return [problemAt(input, ['notify', at], `is not a configured subscriber: ${allowed}`)];
  });
}

/** `endsAt` or `duration`, and every instant in its order. */
export function timeProblems(draft: Draft, times: DraftTimes): Problem[] {
  const { input } = draft;
  const { startsAt, endsAt, maxDurationMs } = times;
  if (input.startsAt !== undefined && input.startsAfter !== undefined) {
    return [problemAt(input, ['startsAfter'], 'and startsAt are both given: give one of them')];
  }
  const both = input.endsAt !== undefined && input.duration !== undefined;
  if (both) return [problemAt(input, ['endsAt'], 'and duration are both given: give one of them')];
  if (input.endsAt === undefined && input.duration === undefined) {
    return [problemAt(input, ['endsAt'], 'is required (an instant), or duration')];
  }
  if (startsAt === undefined || endsAt === undefined) return [];
  if ((input.startsAt ?? input.startsAfter) !== undefined && endsAt <= startsAt) {
    return [problemAt(input, ['endsAt'], `must be after the start, ${formatInstant(startsAt)}`)];
  }
  const showMs = endsAt - startsAt;
  if (showMs > maxShowMs) {
    const longest = formatDuration(maxShowMs);
    return [problemAt(input, ['endsAt'], `makes the show ${formatDuration(showMs)} long: at most ${longest}`)];
  }
  if (maxDurationMs === undefined) return overrunProblems(draft, endsAt, undefined);
  const tooShort =
    showMs > maxDurationMs
      ? [problemAt(input, ['waits', 'maxDuration'], `is shorter than the show, which lasts ${formatDuration(showMs)}`)]
      : [];
  return [...tooShort, ...overrunProblems(draft, endsAt, startsAt + maxDurationMs)];
}

function overrunProblems({ input, plan }: Draft, endsAt: number, hardEndsAt: number | undefined): Problem[] {
  const until = capOf(plan.overrun?.until, endsAt);
  if (until === undefined) return [];
  const refuse = (message: string): Problem[] => [problemAt(input, ['overrun', 'until'], message)];
  if (until <= endsAt) return refuse(`must be after the end, ${formatInstant(endsAt)}`);
  if (hardEndsAt !== undefined && until > hardEndsAt && endsAt <= hardEndsAt) {
    return refuse(
      `is later than waits.maxDuration allows, ${formatInstant(hardEndsAt)}: bring it forward or raise that`,
    );
  }
  return [];
}

const listed = (names: readonly string[]): string => `one of ${names.join(', ')}`;
