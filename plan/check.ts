import type { Problem } from '../domain/errors.ts';
import type { Plan, PreparedPlan } from '../domain/plan.ts';
import { problemsOf } from '../domain/problems.ts';
import type { NotifyPlan, WebhookSubscriber } from '../domain/webhooks/webhook.ts';
import type { VendorManifest } from '../vendors/manifest.ts';
import { vendors as registered } from '../vendors/registry.ts';
import { draftOf } from './draft.ts';
import { plainInput } from './input.ts';
import { maxProblems } from './limits.ts';
import { prepare } from './prepare.ts';
import { abilityProblems, eventIdProblems, notifyProblems, timeProblems, vendorProblems } from './rules.ts';
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
  /** The configured accounts of a vendor, where they are known. */
  accounts?: (vendor: string) => string[];
  /** The configured subscribers, where they are known, and how long a step may take without a warning. */
  webhooks?: { subscribers: readonly ConfiguredSubscriber[]; slowStepMs: number };
  /** Default: every vendor of the registry. */
  vendors?: readonly VendorManifest[];
}

export interface ConfiguredSubscriber extends WebhookSubscriber {
  /** Gets the webhooks of events whose plan names no subscribers. */
  isDefault: boolean;
}

export type CheckedPlan = { ok: true; plan: PreparedPlan } | { ok: false; problems: Problem[] };

/**
 * The plan with nothing left to decide, or everything that is wrong with it at once. That the show is over already is
 * no fault of the plan: `isMissed` checks that.
 */
export function checkPlan(input: unknown, context: CheckContext): CheckedPlan {
  const plain = plainInput(input);
  if (!plain.ok) return { ok: false, problems: [plain.problem] };
  const { workflowId, vendors = registered } = context;
  const parsed = planSchema.safeParse(plain.value);
  const issues = parsed.error?.issues ?? [];
  const draft = draftOf(plain.value, issues);
  const vendor = vendors.find(({ name }) => name === draft.plan.vendor);
  const times = timesOf(draft, context.nominalStart ?? context.now);
  const problems = [
    ...problemsOf(plain.value, issues, planSchema),
    ...eventIdProblems(draft, context),
    ...vendorProblems(draft, vendors),
    ...(vendor ? abilityProblems(draft, vendor, context.accounts?.(vendor.name)) : []),
    ...timeProblems(draft, times),
    ...notifyProblems(draft, context.webhooks?.subscribers),
  ];
  const { startsAt, endsAt, maxDurationMs } = times;
  if (problems.length > 0 || !vendor || startsAt === undefined || endsAt === undefined || maxDurationMs === undefined) {
    return { ok: false, problems: atMost(maxProblems, problems) };
  }
  const plan = draft.plan as Plan;
  const prepared = prepare(plan, vendor, { startsAt, endsAt, maxDurationMs }, workflowId);
  const notify = notifyOf(plan, context.webhooks);
  return { ok: true, plan: { ...prepared, ...(notify && { notify }) } };
}

/** The subscribers of the event; undefined where there are none. */
function notifyOf({ notify }: Plan, webhooks: CheckContext['webhooks']): NotifyPlan | undefined {
  const wanted =
    webhooks?.subscribers.filter(({ name, isDefault }) => (notify ? notify.includes(name) : isDefault)) ?? [];
  if (!webhooks || wanted.length === 0) return undefined;
  return { receivers: wanted.map(({ name, types }) => ({ name, types })), slowStepMs: webhooks.slowStepMs };
}

function atMost(count: number, problems: Problem[]): Problem[] {
  const more = problems.length - count;
  return more > 0 ? [...problems.slice(0, count), { path: '', message: `has ${more} more problems` }] : problems;
}
