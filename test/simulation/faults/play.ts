import { randomUUID } from 'node:crypto';
import { NoSuchEventError, RefusedError } from '../../../client/errors.ts';
import { vodRetryIdOf, workflowIdOf } from '../../../domain/ids.ts';
import { messageOf } from '../../../domain/message-of.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import type { EventStatus, VodRetry } from '../../../domain/report.ts';
import { History } from '../../support/history.ts';
import { secretsIn } from '../../support/secrets.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { type ScenarioAccounts, secretsOf } from './accounts.ts';
import { EncoderPlayer } from './encoder.ts';
import type { Evidence } from './evidence.ts';
import { type FaultsHarness, openHarness } from './faults-harness.ts';
import { Follower, hasEntered } from './follower.ts';
import type { OperatorPart, PlannedFault, Scenario } from './scenario.ts';

/** A run that is not over by then is not going to be. */
const givenUpAfterMs = 240_000;
/** So many attempts of one step prove that the run keeps trying. */
const enoughAttempts = 3;
const forEver = 1_000_000;

const by = { by: 'the scenario', reason: 'it says so' };

/** Plays one scenario on the real thing and gives what is known of it afterwards. */
export async function play(
  accounts: ScenarioAccounts,
  scenario: Scenario,
  eventId = `f${scenario.seed}-${randomUUID().slice(0, 6)}`,
): Promise<Evidence> {
  const accountName = `s${scenario.seed}`;
  const neighbour = scenario.neighbour ? `${eventId}-2` : undefined;
  const harness = await openHarness({ vendor: scenario.vendor, accountName, neighbour });
  accounts.hire(scenario.vendor, harness.account);
  try {
    return await new Performance(accounts, scenario, harness, eventId).run();
  } finally {
    accounts.letGo(harness.account);
    await harness.close();
  }
}

class Performance {
  readonly #env: TestEnvironment;
  readonly #scenario: Scenario;
  readonly #harness: FaultsHarness;
  readonly #eventId: string;
  readonly #follower: Follower;
  readonly #encoder: EncoderPlayer;
  readonly #due: Set<PlannedFault>;
  readonly #mishaps: string[] = [];
  readonly #begunAt = Date.now();
  #trying: Evidence['trying'];
  #cancelled = false;

  constructor(accounts: ScenarioAccounts, scenario: Scenario, harness: FaultsHarness, eventId: string) {
    this.#scenario = scenario;
    this.#harness = harness;
    this.#eventId = eventId;
    this.#env = accounts.env(scenario);
    this.#follower = new Follower(this.#env.showcaller, eventId);
    this.#encoder = new EncoderPlayer(accounts.accounts, this.#follower);
    this.#due = new Set(scenario.faults);
  }

  async run(): Promise<Evidence> {
    const { encoder, operators } = this.#scenario;
    this.#putFaults(({ from }) => from === undefined);
    await this.#env.showcaller.start(this.#plan());
    const giveUp = setTimeout(() => this.#follower.end(), givenUpAfterMs);
    await Promise.all([
      this.#follower.follow((status) => this.#meddle(status)),
      this.#encoder.play(encoder),
      ...operators.map((part) => this.#operate(part)),
    ]);
    clearTimeout(giveUp);
    const retry = await this.#retried();
    return this.#evidence(retry);
  }

  #plan(): Plan {
    const { plan, vendor } = this.#scenario;
    const ms = (count: number) => `${count}ms`;
    return {
      eventId: this.#eventId,
      vendor,
      account: this.#harness.account.name,
      startsAfter: ms(plan.startsAfterMs),
      duration: ms(plan.durationMs),
      warmUp: '500ms',
      startLead: '300ms',
      waits: {
        firstConnect: ms(plan.firstConnectMs),
        encoderLost: ms(plan.encoderLostMs),
        maxDuration: ms(plan.maxDurationMs),
      },
      vod: { publish: plan.publish },
    };
  }

  /** Puts the faults whose phase has come, and lifts them all once the run has shown that it keeps trying. */
  async #meddle(status: EventStatus): Promise<void> {
    this.#putFaults(({ from }) => from !== undefined && hasEntered(from)(status));
    const closing: readonly Phase[] = ['stopping', 'publishing-vod', 'cleaning-up'];
    if (this.#trying || !closing.includes(status.phase)) return;
    if (!this.#scenario.faults.some((fault) => fault.times === 'lasting' && !this.#due.has(fault))) return;
    const pending = await this.#env.showcaller.pending(this.#eventId);
    if (!pending.some(({ attempt }) => attempt >= enoughAttempts)) return;
    this.#trying = pending;
    this.#due.clear();
    this.#harness.kit.faults.clear();
  }

  #putFaults(is: (fault: PlannedFault) => boolean): void {
    for (const fault of [...this.#due].filter(is)) {
      this.#due.delete(fault);
      const { from: _, times, ...rest } = fault;
      this.#harness.kit.faults.add(this.#scenario.vendor, { ...rest, times: times === 'lasting' ? forEver : times });
    }
  }

  async #operate({ action, after, laterMs }: OperatorPart): Promise<void> {
    if (after === 'the end') await this.#follower.until(() => false);
    else if (!(await this.#follower.until(hasEntered(after)))) return;
    else await this.#follower.pause(laterMs);
    try {
      await this.#act(action);
    } catch (error) {
      if (error instanceof RefusedError || error instanceof NoSuchEventError) return;
      this.#mishaps.push(`${action.do}: ${messageOf(error)}`);
    }
  }

  async #act(action: OperatorPart['action']): Promise<unknown> {
    const { showcaller } = this.#env;
    const { latest } = this.#follower;
    const later = (instant: number | undefined, ms: number) => new Date((instant ?? Date.now()) + ms).toISOString();
    switch (action.do) {
      case 'stopNow':
        return showcaller.stopNow(this.#eventId, { ...by, keepRecording: action.keepRecording });
      case 'extend':
        return showcaller.extend(this.#eventId, { ...by, endsAt: later(latest?.endsAt, action.byMs) });
      case 'reschedule': {
        const times = {
          startsAt: later(latest?.startsAt, action.byMs),
          endsAt: later(latest?.endsAt, action.byMs),
        };
        return showcaller.reschedule(this.#eventId, { ...by, ...times });
      }
      case 'cancel':
        this.#cancelled = true;
        return showcaller.cancel(this.#eventId);
      default:
        return showcaller[action.do](this.#eventId, by);
    }
  }

  /** What came of a try at the recording after the end; whatever still goes wrong then has gone on long enough. */
  async #retried(): Promise<VodRetry | undefined> {
    if (!this.#scenario.operators.some(({ action }) => action.do === 'retryVod')) return undefined;
    this.#harness.kit.faults.clear();
    return this.#env.showcaller.vodRetry(this.#eventId);
  }

  async #evidence(retry: VodRetry | undefined): Promise<Evidence> {
    const handle = this.#env.client.workflow.getHandle(workflowIdOf(this.#eventId));
    const description = await this.#ended(handle);
    const unfinished = description === 'RUNNING' ? await this.#env.showcaller.pending(this.#eventId) : undefined;
    if (unfinished) await handle.terminate('the test gave it up');
    const letInAfterwards = await this.#encoder.knocksOnceMore();
    const { length, leakedSecrets } = await this.#kept(retry !== undefined);
    const { scenario, harness } = { scenario: this.#scenario, harness: this.#harness };
    return {
      scenario,
      report: unfinished ? this.#follower.latest : await this.#env.showcaller.result(this.#eventId),
      workflow: description,
      ...(unfinished && { unfinished }),
      ...(this.#trying && { trying: this.#trying }),
      mishaps: this.#mishaps,
      cancelled: this.#cancelled,
      calls: harness.kit.log.entries(),
      pushes: this.#encoder.pushes,
      ...(letInAfterwards !== undefined && { letInAfterwards }),
      billed: { spans: harness.billed(), at: Date.now() },
      left: harness.left(),
      mostChannels: harness.mostChannels(),
      channelsMade: harness.channelsMade(),
      neighbours: { before: harness.neighbours, after: harness.neighboursNow() },
      historyLength: length,
      leakedSecrets,
      ...(retry && { retry }),
      tookMs: Date.now() - this.#begunAt,
    };
  }

  /** The status has the last phase a moment before Temporal has the end. */
  async #ended(handle: { describe(): Promise<{ status: { name: string } }>; result(): Promise<unknown> }) {
    const { phase } = this.#follower.latest ?? {};
    if (phase === 'completed' || phase === 'failed' || phase === 'cancelled') await handle.result().catch(() => {});
    return (await handle.describe()).status.name;
  }

  /** What Temporal keeps or shows of the run, held against every secret there is. */
  async #kept(retried: boolean): Promise<{ length: number; leakedSecrets: string[] }> {
    const handle = this.#env.client.workflow.getHandle(workflowIdOf(this.#eventId));
    const [raw, { memo, searchAttributes }, details] = await Promise.all([
      handle.fetchHistory(),
      handle.describe(),
      handle.query('__temporal_workflow_metadata'),
    ]);
    const history = new History(raw);
    const later = retried ? this.#env.client.workflow.getHandle(vodRetryIdOf(this.#eventId)) : undefined;
    const laterTexts = later ? new History(await later.fetchHistory()).texts : [];
    const texts = [...history.texts, ...laterTexts, JSON.stringify([memo, searchAttributes, details, this.#trying])];
    const secrets = [
      ...secretsOf({ vendor: this.#scenario.vendor, account: this.#harness.account }),
      ...this.#encoder.keys,
    ];
    return { length: history.length, leakedSecrets: secretsIn(texts, secrets) };
  }
}
