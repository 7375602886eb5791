import type { Problem } from '../domain/errors.ts';
import { eventIdOf, eventIdPattern } from '../domain/ids.ts';
import { problemAt, problemsOf } from '../domain/problems.ts';
import { formatDuration, formatInstant, parseInstant } from '../domain/time.ts';
import type { VendorManifest } from '../vendors/manifest.ts';
import type { Draft } from './draft.ts';
import { maxShowMs, planDefaults } from './limits.ts';
import { capOf, type Times } from './times.ts';

/** What no schema can say about an event's id: it must be the one in the workflow id. */
export function eventIdProblems({ input, plan, isBad }: Draft, workflowId: string | undefined): Problem[] {
  const refuse = (message: string): Problem[] => [problemAt(input, ['eventId'], message)];
  if (workflowId === undefined) {
    return plan.eventId === undefined && !isBad('eventId') ? refuse('is required (a string)') : [];
  }
  const actual = eventIdOf(workflowId);
  if (actual === undefined) return refuse(`needs a workflow id of the form live-event/<eventId>, not "${workflowId}"`);
  const problems = eventIdPattern.test(actual)
    ? []
    : refuse(`"${actual}" from the workflow id is not an event id: at most 100 letters, digits and . _ : -`);
  const { eventId } = plan;
  if (eventId === undefined || eventId === actual || isOccurrence(actual, eventId)) return problems;
  return [...problems, ...refuse(`must be "${actual}", as in the workflow id; or leave it out`)];
}

/** A Temporal Schedule appends the instant that it means to the workflow id. */
const isOccurrence = (actual: string, eventId: string): boolean =>
  actual.startsWith(`${eventId}-`) && parseInstant(actual.slice(eventId.length + 1)) !== undefined;

export function vendorProblems({ input, plan }: Draft, vendors: readonly VendorManifest[]): Problem[] {
  if (plan.vendor === undefined || vendors.some(({ name }) => name === plan.vendor)) return [];
  return [problemAt(input, ['vendor'], `is not a vendor: ${listed(vendors.map(({ name }) => name))}`)];
}

/** What this vendor, or its configuration here, cannot do for the plan. */
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

/** Receivers that this worker's configuration does not have, where that is known. */
export function notifyProblems({ input, plan, isBad }: Draft, receivers?: readonly { name: string }[]): Problem[] {
  if (!receivers || isBad('notify')) return [];
  const known = receivers.map(({ name }) => name);
  return (plan.notify ?? []).flatMap((name, at) => {
    if (known.includes(name)) return [];
    const allowed = known.length > 0 ? listed(known) : 'none is configured';
    return [problemAt(input, ['notify', at], `is not a configured receiver: ${allowed}`)];
  });
}

/** `endsAt` or `duration`, and every instant in its order. */
export function timeProblems(draft: Draft, times: Times): Problem[] {
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
