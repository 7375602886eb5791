import type { Command } from 'commander';
import { InvalidPlanError } from '../../client/errors.ts';
import { messageOf } from '../../domain/message-of.ts';
import type { PreparedPlan } from '../../domain/plan.ts';
import {
  findingText,
  type PlannedAtOnce,
  type PlannedSpan,
  type Preflight,
  unseenText,
} from '../../domain/preflight.ts';
import { formatInstant } from '../../domain/time.ts';
import { cuesOf } from '../../domain/timeline.ts';
import { checkPlan } from '../../plan/check.ts';
import { eachLeg } from '../../plan/each-leg.ts';
import { lookAheadOfAll } from '../../vendors/look-ahead.ts';
import { accountsHere } from '../accounts.ts';
import { type ConnectionFlags, withTemporal } from '../context.ts';
import { answer, FailedResult } from '../io.ts';
import { timesOf } from '../times.ts';
import { connectionOptions, type TimeFlags, timeOptions } from './options.ts';
import { readPlan } from './start.ts';

export const registerCheck = (program: Command): void => {
  timeOptions(connectionOptions(program.command('check')))
    .description('check a plan, and look at its account with the credentials of this environment; nothing is made')
    .argument('<plan>', 'a JSON file, or - for standard input')
    .option('--no-preflight', 'check the plan alone: ask neither the vendor nor Temporal')
    .action(async (file: string, flags: ConnectionFlags & TimeFlags & { preflight: boolean }) => {
      const checked = checkPlan(readPlan(file), { now: Date.now() });
      if (!checked.ok) throw new InvalidPlanError(checked.problems);
      const { plan } = checked;
      const preflight = flags.preflight ? await look(plan, flags) : undefined;
      answer(flags.json, { plan, ...(preflight && { preflight }) }, () =>
        lines(plan, preflight).map(timesOf(flags).inTexts),
      );
      if (preflight && preflight.findings.length > 0) throw new FailedResult();
    });
};

function look(plan: PreparedPlan, flags: ConnectionFlags): Promise<Preflight> {
  const { accounts, drivers } = accountsHere();
  return lookAheadOfAll(eachLeg(plan, Date.now()), {
    accounts,
    drivers,
    planned: (span, limit) => planned(span, limit, flags),
  });
}

/** Temporal is asked only where an account has a quota; without an answer the rest is worth something all the same. */
async function planned(span: PlannedSpan, limit: number, flags: ConnectionFlags): Promise<PlannedAtOnce> {
  try {
    return await withTemporal(flags, (showcaller) => showcaller.planned(span, limit));
  } catch (error) {
    const why = messageOf(error);
    return { unknown: `Temporal was not asked what is planned: ${why}` };
  }
}

function lines(plan: PreparedPlan, preflight: Preflight | undefined): string[] {
  const { eventId, title, vendor, account, startsAt, endsAt } = plan;
  return [
    `${eventId} — ${title}: the plan is valid`,
    `  vendor    ${vendor} / ${account}`,
    `  show      ${formatInstant(startsAt)} → ${formatInstant(endsAt)}`,
    `  allocate  ${formatInstant(cuesOf(plan, {}).allocateAt)}`,
    ...(preflight?.findings ?? []).map((finding) => `  finding   ${findingText(finding)}`),
    ...(preflight?.unseen ?? []).map((one) => `  unseen    ${unseenText(one)}`),
    ...(preflight && preflight.findings.length === 0 ? [`  ${nothingFound(preflight, plan)}`] : []),
  ];
}

/** What could not be seen is not well. */
function nothingFound({ unseen }: Preflight, plan: PreparedPlan): string {
  if (unseen.length === 0) return 'the look at the account found nothing wrong';
  // Where the account is not here, its credentials are unseen, and nothing else was looked at.
  const notHere = unseen.filter(({ check }) => check === 'credentials').length;
  if (notHere < (plan.legs?.legs.length ?? 1)) return 'the look at the account found nothing wrong in what was seen';
  return 'nothing was seen of the account: configure it here (docs/configuration.md), or ask an API that has it (POST /v1/plans/check)';
}
