import type { Problem } from '../domain/errors.ts';
import { eventKey, eventKeyOf, legKeyOf, maxEventKeyLength, partsOfLegKey } from '../domain/ids.ts';
import { type Json, type JsonObject, kindOf } from '../domain/json.ts';
import type { LegPlan, Plan, PreparedLeg, PreparedPlan } from '../domain/plan.ts';
import { problemAt, problemsOf } from '../domain/problems.ts';
import { formatInstant } from '../domain/time.ts';
import { draftOf } from './draft.ts';
import { planDefaults } from './limits.ts';
import { planSchema } from './schema.ts';
import { durationOf } from './times.ts';

/** What a plan with legs says in each leg and not for itself. */
const ofTheLeg = ['vendor', 'account', 'vendorOptions'] as const;
/** What a leg may say otherwise than the plan. */
const alsoOfTheLeg = ['warmUp', 'startLead', 'standby', 'sources'] as const;
const legFields: readonly string[] = [...ofTheLeg, ...alsoOfTheLeg];
/** What the run of a leg is given by its event: the name follows from its workflow id, the times are instants. */
const ofTheEvent = ['eventId', 'startsAt', 'startsAfter', 'endsAt', 'duration'];

interface EventIds {
  workflowId?: string;
  nameSpace?: string;
}
type CheckedLegs = { ok: true; plan: PreparedPlan } | { ok: false; problems: Problem[] };

/** Checks a plan with legs: each leg as a plan of its own. One leg is the same as the short form. */
export function checkLegs(
  input: JsonObject,
  context: EventIds,
  checkOne: (plan: JsonObject) => CheckedLegs,
): CheckedLegs {
  const issues = planSchema.safeParse(input).error?.issues ?? [];
  const draft = draftOf(input, issues);
  const problems = [
    ...problemsOf(input, issues, planSchema),
    ...ofTheLeg.flatMap((field) =>
      input[field] === undefined ? [] : [problemAt(input, [field], 'stands in each of the legs: leave it out here')],
    ),
    ...(partsOfLegKey(keyOf(input, context)) ? [problemAt(input, ['legs'], 'has a leg only: a leg has no legs')] : []),
  ];
  const legs = legsOf(input.legs);
  const plans = legs.map((leg) => shortForm(input, leg));
  const checked = plans.map((plan, at) => {
    const outcome = checkOne(plan);
    if (!outcome.ok) problems.push(...outcome.problems.map((problem) => atLeg(problem, input, at)));
    return outcome;
  });
  problems.push(...namesOf(input, legs, context));
  const prepared = checked.flatMap((one) => (one.ok ? [one.plan] : []));
  const [first] = prepared;
  if (problems.length > 0 || !first || prepared.length < legs.length) return { ok: false, problems: unique(problems) };
  if (legs.length === 1) return { ok: true, plan: first };
  const { require = 'any', failover } = draft.plan;
  const ready = prepared.map((plan, at) => {
    const { uses, budget: _, ...others } = plans[at] ?? {};
    // An event has one encoder and one studio, however many legs: the first leg holds them.
    return legOf(legs[at] as unknown as LegPlan, plan, at === 0 && uses ? { ...others, uses } : others);
  });
  const darkMs = durationOf(failover?.dark) ?? planDefaults.failoverDarkMs;
  // What begins with the event decides how long before it the event begins.
  const hot = ready.filter(({ start }) => start === 'with-event');
  const warmUpMs = Math.max(...hot.map((leg) => leg.warmUpMs));
  const startLeadMs = Math.max(...hot.map((leg) => leg.startLeadMs));
  return { ok: true, plan: { ...first, warmUpMs, startLeadMs, legs: { require, darkMs, legs: ready } } };
}

function legsOf(legs: Json | undefined): JsonObject[] {
  return Array.isArray(legs) ? legs.filter((leg): leg is JsonObject => kindOf(leg) === 'an object') : [];
}

function shortForm({ legs: _, require: __, failover: ___, ...plan }: JsonObject, leg: JsonObject): JsonObject {
  const own = Object.fromEntries(Object.entries(leg).filter(([field]) => legFields.includes(field)));
  const shared = Object.fromEntries(Object.entries(plan).filter(([field]) => !ofTheLeg.some((one) => one === field)));
  return { ...shared, ...own };
}

/** A problem of a field that the leg gave, or should have given, stands in the leg. */
function atLeg(problem: Problem, input: JsonObject, at: number): Problem {
  const [field = ''] = problem.path.split(/[.[]/);
  const isOwn = ofTheLeg.some((one) => one === field) || legsOf(input.legs)[at]?.[field] !== undefined;
  return isOwn && legFields.includes(field) ? { ...problem, path: `legs[${at}].${problem.path}` } : problem;
}

/** Names that differ, and keys for which vendors have room; the first leg begins with the event. */
function namesOf(input: JsonObject, legs: readonly JsonObject[], context: EventIds): Problem[] {
  const key = keyOf(input, context);
  return legs.flatMap(({ name, start }, at) => {
    const refuse = (message: string, field = 'name') => problemAt(input, ['legs', at, field], message);
    const problems: Problem[] = [];
    if (typeof name === 'string') {
      if (legs.slice(0, at).some((other) => other.name === name)) problems.push(refuse('is the name of two legs'));
      const tooLong = legKeyOf(key, name).length - maxEventKeyLength;
      if (tooLong > 0 && legs.length > 1)
        problems.push(refuse(`is ${tooLong} characters too long after the event's id`));
    }
    if (at === 0 && start === 'on-failure') problems.push(refuse('must be with-event in the first leg', 'start'));
    return problems;
  });
}

function keyOf({ eventId }: JsonObject, { workflowId, nameSpace }: EventIds): string {
  const key = workflowId === undefined ? undefined : eventKeyOf(workflowId);
  return key ?? eventKey(typeof eventId === 'string' ? eventId : '', nameSpace);
}

function legOf({ name, start = 'with-event' }: LegPlan, prepared: PreparedPlan, plan: JsonObject): PreparedLeg {
  const { vendor, account, warmUpMs, startLeadMs, startsAt, endsAt, budget } = prepared;
  const kept = Object.fromEntries(Object.entries(plan).filter(([field]) => !ofTheEvent.includes(field)));
  const times = { startsAt: formatInstant(startsAt), endsAt: formatInstant(endsAt) };
  return {
    name,
    vendor,
    account,
    start,
    warmUpMs,
    startLeadMs,
    ...(budget && { bills: budget.bills }),
    plan: { ...kept, ...times } as Plan,
  };
}

/** What the legs share is wrong once. */
const unique = (problems: Problem[]): Problem[] => [
  ...new Map(problems.map((problem) => [JSON.stringify([problem.path, problem.message]), problem])).values(),
];
