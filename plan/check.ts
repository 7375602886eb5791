import type { Problem } from '../domain/errors.ts';
import { eventKey, eventKeyOf, partsOfKey } from '../domain/ids.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Plan, PreparedPlan } from '../domain/plan.ts';
import { problemsOf } from '../domain/problems.ts';
import { isFor } from '../domain/tenants.ts';
import type { NotifyPlan, WebhookSubscriber } from '../domain/webhooks/webhook.ts';
import type { VendorManifest } from '../vendors/manifest.ts';
import { vendors as registered } from '../vendors/registry.ts';
import { type Draft, draftOf } from './draft.ts';
import { plainInput } from './input.ts';
import { checkLegs } from './legs.ts';
import { maxProblems } from './limits.ts';
import { prepare } from './prepare.ts';
import {
  abilityProblems,
  eventIdProblems,
  limitProblems,
  notifyProblems,
  onlyWithLegs,
  timeProblems,
  vendorProblems,
} from './rules.ts';
import { planSchema } from './schema.ts';
import { timesOf } from './times.ts';

export interface CheckContext {
  /** Epoch milliseconds. */
  now: number;
  /** Inside a run; without it the plan must name its event. */
  workflowId?: string;
  /** The tenant in whose name space the event is to run. */
  nameSpace?: string;
  /** The instant a Temporal Schedule meant, epoch milliseconds. */
  nominalStart?: number;
  /** The configured accounts of a vendor that a plan of this tenant may use, where they are known. */
  accounts?: (vendor: string, tenant: string | undefined) => string[];
  /** The configured subscribers, where they are known, and how long a step may take without a warning. */
  webhooks?: { subscribers: readonly ConfiguredSubscriber[]; slowStepMs: number; soonMs?: number };
  /** Default: every vendor of the registry. */
  vendors?: readonly VendorManifest[];
}

export interface ConfiguredSubscriber extends WebhookSubscriber {
  /** Only for plans of these; absent for all. */
  tenants?: readonly string[];
  /** Gets the webhooks of events whose plan names no subscribers. */
  isDefault: boolean;
}

export type PlanCheck = { ok: true; plan: PreparedPlan } | { ok: false; problems: Problem[] };

/**
 * Checks a plan: the prepared plan, or every problem. A show that is over already is no problem of the plan: `isMissed`
 * checks that.
 */
export function checkPlan(input: unknown, context: CheckContext): PlanCheck {
  const plain = plainInput(input);
  if (!plain.ok) return { ok: false, problems: [plain.problem] };
  const { value } = plain;
  const checked =
    value.legs === undefined ? checkOne(value, context) : checkLegs(value, context, (plan) => checkOne(plan, context));
  return checked.ok ? checked : { ok: false, problems: atMost(maxProblems, checked.problems) };
}

/** Checks a plan of one leg in its short form. */
function checkOne(input: JsonObject, context: CheckContext): PlanCheck {
  const { workflowId, vendors = registered } = context;
  const parsed = planSchema.safeParse(input);
  const issues = parsed.error?.issues ?? [];
  const draft = draftOf(input, issues);
  const vendor = vendors.find(({ name }) => name === draft.plan.vendor);
  const tenant = tenantOf(draft, context);
  // What a tenant may not use does not exist for it.
  const subscribers = context.webhooks?.subscribers.filter(({ tenants }) => isFor(tenants, tenant));
  const times = timesOf(draft, context.nominalStart ?? context.now);
  const problems = [
    ...problemsOf(input, issues, planSchema),
    ...eventIdProblems(draft, context),
    ...vendorProblems(draft, vendors),
    ...onlyWithLegs(draft),
    ...(vendor ? abilityProblems(draft, vendor, context.accounts?.(vendor.name, tenant)) : []),
    ...timeProblems(draft, times),
    ...(vendor ? limitProblems(draft, vendor, { eventKey: keyFor(draft, context), times }) : []),
    ...notifyProblems(draft, subscribers),
  ];
  const { startsAt, endsAt, maxDurationMs } = times;
  if (problems.length > 0 || !vendor || startsAt === undefined || endsAt === undefined || maxDurationMs === undefined) {
    return { ok: false, problems };
  }
  const plan = draft.plan as Plan;
  const prepared = prepare(plan, vendor, { startsAt, endsAt, maxDurationMs }, workflowId);
  const notify = notifyOf(plan, subscribers, context.webhooks);
  return { ok: true, plan: { ...prepared, ...(notify && { notify }) } };
}

/** Whose plan it is; an empty name when it names none that can be, so that nothing of a tenant's is shown. */
function tenantOf({ plan, isBad }: Draft, { workflowId, nameSpace }: CheckContext): string | undefined {
  if (isBad('tenant')) return '';
  const { tenant } = partsOfKey((workflowId && eventKeyOf(workflowId)) ?? '');
  return plan.tenant ?? tenant ?? nameSpace;
}

/** The key that the event will have; empty where its id is none, which is a problem of its own. */
function keyFor({ plan, isBad }: Draft, { workflowId, nameSpace }: CheckContext): string {
  if (workflowId !== undefined) return eventKeyOf(workflowId) ?? '';
  return plan.eventId === undefined || isBad('eventId') ? '' : eventKey(plan.eventId, nameSpace);
}

/** The subscribers of the event; undefined where there are none. */
function notifyOf(
  { notify }: Plan,
  subscribers: readonly ConfiguredSubscriber[] = [],
  { slowStepMs, soonMs }: { slowStepMs?: number; soonMs?: number } = {},
): NotifyPlan | undefined {
  const wanted = subscribers.filter(({ name, isDefault }) => (notify ? notify.includes(name) : isDefault));
  if (slowStepMs === undefined || wanted.length === 0) return undefined;
  const isAnnounced = soonMs !== undefined && wanted.some(({ types }) => types.includes('starts-soon'));
  return {
    receivers: wanted.map(({ name, types }) => ({ name, types })),
    slowStepMs,
    ...(isAnnounced && { soonMs }),
  };
}

function atMost(count: number, problems: Problem[]): Problem[] {
  const more = problems.length - count;
  return more > 0 ? [...problems.slice(0, count), { path: '', message: `has ${more} more problems` }] : problems;
}
