import type { Activities } from '../../../activities/contract.ts';
import { sweepNow } from '../../../client/sweep.ts';
import type { SweepReport } from '../../../domain/sweep.ts';
import { type PersistentEncoder, persistentEncoder } from '../../support/persistent-encoder.ts';
import type { Show, ShowHarness } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';
import { by } from './crashed-show.ts';
import { interrupted, type Moment } from './moments.ts';

const airtimeMs = 1_500;

export interface TerminatedShow {
  show: Show;
  moment: Moment;
  /** Keeps connecting, because it does not know that the show is over. */
  encoder?: PersistentEncoder;
}

/** A harness on which runs are terminated from outside, each at its moment, by the activities themselves. */
export class TerminatedRuns {
  readonly harness: ShowHarness;
  readonly #moments = new Map<string, Moment>();
  readonly #underway = new Set<Promise<unknown>>();

  private constructor(harness: ShowHarness) {
    this.harness = harness;
  }

  static async on(harness: ShowHarness): Promise<TerminatedRuns> {
    const { client } = harness.env;
    const self = new TerminatedRuns(harness);
    const atTheirMoments = (composed: Activities) =>
      interrupted(composed, {
        at: (workflowId) => self.#moments.get(workflowId),
        happens: async (workflowId) => {
          await client.workflow.getHandle(workflowId).terminate('as an operator should not');
        },
      });
    const config = { accounts: harness.accounts, timeScale: 0.1, proofGraceMs: 60_000 };
    await harness.env.run(config, {
      poller: false,
      activities: (composed) => kept(atTheirMoments(composed), self.#underway),
    });
    return self;
  }

  /**
   * Runs shows up to their moments. The attempt under way goes on: what it makes belongs to no run. Resolves when no
   * attempt is under way any more.
   */
  async shows(wanted: readonly { vendor: string; moment: Moment }[]): Promise<TerminatedShow[]> {
    const shows = await Promise.all(wanted.map(({ vendor, moment }) => this.#show(vendor, moment)));
    await until(() => this.#underway.size === 0);
    return shows;
  }

  async #show(vendor: string, moment: Moment): Promise<TerminatedShow> {
    const { env } = this.harness;
    const show = this.harness.showOf(vendor);
    const workflowId = `live-event/${show.eventId}`;
    this.#moments.set(workflowId, moment);
    await env.showcaller.start(show.plan);
    let isOver = false;
    const over = env.client.workflow
      .getHandle(workflowId)
      .result()
      .catch(() => undefined)
      .finally(() => {
        isOver = true;
      });
    const encoder = await performUntil(this.harness, show, moment, () => isOver);
    await over;
    return { show, moment, encoder };
  }
}

/** Everything with our ownership tag whose run is over, released at once. */
export const sweepAtOnce = ({ env }: ShowHarness): Promise<SweepReport> =>
  sweepNow(env.client, { graceMs: 0, taskQueue: env.taskQueue });

/** Remembers the attempts that are under way. */
function kept<T extends object>(activities: T, underway: Set<Promise<unknown>>): T {
  const wrapped = Object.entries(activities).map(([name, work]) => [
    name,
    (...args: unknown[]) => {
      const attempt: Promise<unknown> = work(...args);
      underway.add(attempt);
      const over = () => underway.delete(attempt);
      attempt.then(over, over);
      return attempt;
    },
  ]);
  return Object.fromEntries(wrapped);
}

/** The encoder sends and the operators act until the run is cut off. */
async function performUntil(
  { env }: ShowHarness,
  show: Show,
  { step }: Moment,
  isOver: () => boolean,
): Promise<PersistentEncoder | undefined> {
  const reached = async (phase: string) =>
    (await env.showcaller.status(show.eventId).catch(() => undefined))?.phase === phase;
  await until(async () => isOver() || (await reached('waiting-for-encoder')));
  if (isOver() && step !== 'watchEncoder') return undefined;
  const url = await until(() => show.ingestUrl().catch(() => isOver()));
  if (typeof url !== 'string') return undefined;
  const encoder = persistentEncoder(url);
  await until(async () => isOver() || (await reached('live')));
  const since = Date.now();
  await until(() => isOver() || Date.now() - since >= airtimeMs);
  if (step === 'resetEncoder') await env.showcaller.resetEncoder(show.eventId, by).catch(() => {});
  else if (!isOver()) await env.showcaller.stopNow(show.eventId, by).catch(() => {});
  await until(isOver);
  return encoder;
}
