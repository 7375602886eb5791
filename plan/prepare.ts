import { eventKeyOf, partsOfKey } from '../domain/ids.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Plan, PreparedPlan } from '../domain/plan.ts';
import type { VendorManifest } from '../vendors/manifest.ts';
import { planDefaults } from './limits.ts';
import { capOf, type DraftTimes, durationOf } from './times.ts';

/** Fills in what a plan without problems leaves open. */
export function prepare(
  plan: Plan,
  vendor: VendorManifest,
  { startsAt, endsAt, maxDurationMs }: Required<DraftTimes>,
  workflowId: string | undefined,
): PreparedPlan {
  const key = workflowId === undefined ? undefined : partsOfKey(eventKeyOf(workflowId) ?? '');
  const eventId = key?.id ?? plan.eventId ?? '';
  const tenant = plan.tenant ?? key?.tenant;
  const startLeadMs = durationOf(plan.startLead) ?? vendor.defaults.startLeadMs;
  const until = capOf(plan.overrun?.until, endsAt);
  return {
    eventId,
    title: plan.title ?? eventId,
    vendor: vendor.name,
    account: plan.account ?? planDefaults.account,
    ...(tenant !== undefined && { tenant }),
    startsAt,
    endsAt,
    hardEndsAt: startsAt + maxDurationMs,
    // A channel cannot open before it is there.
    warmUpMs: Math.max(durationOf(plan.warmUp) ?? vendor.defaults.warmUpMs, startLeadMs),
    startLeadMs,
    preflightMs: durationOf(plan.preflight) ?? planDefaults.preflightMs,
    preflightWaits: true,
    standby: plan.standby ?? false,
    sources: plan.sources ?? [],
    waits: {
      firstConnectMs: durationOf(plan.waits?.firstConnect) ?? planDefaults.firstConnectMs,
      encoderLostMs: durationOf(plan.waits?.encoderLost) ?? planDefaults.encoderLostMs,
      darkMs: durationOf(plan.waits?.dark) ?? planDefaults.darkMs,
      maxDurationMs,
    },
    ...(until !== undefined && {
      overrun: { stepMs: durationOf(plan.overrun?.step) ?? planDefaults.overrunStepMs, until },
    }),
    vod: {
      publish: plan.vod?.publish ?? true,
      deadlineMs: durationOf(plan.vod?.deadline) ?? planDefaults.vodDeadlineMs,
    },
    ...(plan.budget && {
      budget: {
        billedMs: plan.budget.billedMinutes * 60_000,
        onLimit: plan.budget.onLimit ?? 'warn',
        bills: vendor.bills,
      },
    }),
    ...(plan.uses && plan.uses.length > 0 && { uses: [...new Set(plan.uses)] }),
    vendorOptions: vendor.options.parse(plan.vendorOptions ?? {}) as JsonObject,
    capabilities: vendor.capabilities,
  };
}
