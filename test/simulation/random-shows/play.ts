import type { Activities } from '../../../activities/contract.ts';
import { createActivities } from '../../../activities/index.ts';
import type { ViewerGet } from '../../../activities/on-air/viewer.ts';
import { RunClock } from '../../../activities/run-clock.ts';
import { Bookings } from '../../../client/bookings.ts';
import { ShowcallerClient } from '../../../client/client.ts';
import { NoSuchEventError, NoWorkerError, RefusedError } from '../../../client/errors.ts';
import type { Booking } from '../../../domain/booking/calendar.ts';
import { bookingsIdOf, workflowIdOf } from '../../../domain/ids.ts';
import { type Phase, phases } from '../../../domain/phases.ts';
import type { VendorDriver } from '../../../vendors/driver.ts';
import { attemptStart, isUnderWay } from '../../../worker/attempt.ts';
import { budgetsPort } from '../../../worker/budgets.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { driverContext } from '../../support/accounts.ts';
import { Prng } from '../prng.ts';
import type { Payload } from '../temporal/events.ts';
import { fromPayload } from '../temporal/payloads.ts';
import type { WorkflowSandbox } from '../temporal/sdk-internals.ts';
import { type Execution, isRunning } from '../temporal/server/execution.ts';
import { quietLatency, roughLatency } from '../temporal/server/latencies.ts';
import { Simulation } from '../temporal/simulation.ts';
import { Cloud, isSent } from './cloud.ts';
import { channelNameOf, cloudDriver } from './cloud-driver.ts';
import { Encoder } from './encoder.ts';
import type { Evidence } from './evidence.ts';
import { Network } from './network.ts';
import { listsOf, Playback } from './playback.ts';
import type { Happening, OperatorAction, Scenario, Timed } from './scenario.ts';

const minute = 60_000;
const hour = 60 * minute;
/** A killed worker is missed by its heartbeats, or by the timeout of its workflow tasks. */
const missedAfterMs = 90_000;
const amplyOf = () => ({ minutes: 1_000_000, onLimit: 'refuse' as const });
const by = { by: 'the scenario', reason: 'the seed says so' };

export interface PlayOptions {
  sandbox: WorkflowSandbox;
  /** Breaks something on purpose. */
  mutant?: Mutant;
}

/** What is broken on purpose. */
export interface Mutant {
  /** The bundle of the workflows: the sandbox is opened with it. */
  code?(code: string): string;
  driver?(driver: VendorDriver): VendorDriver;
  activities?(activities: Activities): Activities;
  /** What a viewer asks with. */
  get?(get: ViewerGet): ViewerGet;
  clock?(clock: RunClock): RunClock;
}

/** Plays one show in virtual time; everything follows from its seed. */
export async function play(scenario: Scenario, options: PlayOptions): Promise<Evidence> {
  return new Play(scenario, options).evidence();
}

class Play {
  readonly #scenario: Scenario;
  readonly #mutant: Mutant;
  readonly #simulation: Simulation;
  readonly #showcaller: ShowcallerClient;
  readonly #cloud: Cloud;
  readonly #network: Network;
  readonly #playback: Playback;
  readonly #encoder: Encoder;
  readonly #waiting: Set<Timed<Happening>>;
  readonly #phases: Evidence['phases'] = [];
  readonly #acted: Evidence['acted'] = [];
  readonly #unattended: Evidence['unattended'] = [];
  readonly #stuck: Evidence['stuck'] = [];
  readonly #began: number;
  #kills = 0;
  #isOver = false;

  constructor(scenario: Scenario, { sandbox, mutant = {} }: PlayOptions) {
    const { seed, isShuffled, isRough, listsLagMs, faults, happenings, plan, viewing } = scenario;
    this.#scenario = scenario;
    this.#mutant = mutant;
    this.#simulation = new Simulation({
      sandbox,
      seed,
      latency: isRough ? roughLatency : quietLatency,
      isShuffled,
      onEvent: (run, event) => {
        if (event.type !== 'UpsertWorkflowSearchAttributes' || run.workflowId !== this.#workflowId) return;
        this.#seePhase(event.attributes.searchAttributes?.indexedFields?.ShowcallerPhase);
      },
    });
    const { clock, client, taskQueue } = this.#simulation;
    const note = (line: string) => this.#simulation.note(line);
    this.#showcaller = new ShowcallerClient(client, { taskQueue, countsBudget: () => true });
    this.#cloud = new Cloud({ clock, prng: new Prng(seed * 8 + 5), note, listsLagMs });
    this.#network = new Network({ clock, prng: new Prng(seed * 8 + 7), note });
    this.#network.faults.push(...faults.map((fault) => ({ ...fault })));
    this.#playback = new Playback(this.#cloud, clock, { segmentMs: viewing.segmentMs, lists: listsOf(seed) });
    for (const { kind } of viewing.faults)
      if (kind === 'late-first-segment') this.#playback.faults.push({ kind, from: 0, to: Number.POSITIVE_INFINITY });
    this.#encoder = new Encoder(this.#cloud, channelNameOf(plan.eventId), clock);
    this.#waiting = new Set(happenings);
    this.#began = clock.now;
  }

  get #workflowId(): string {
    return workflowIdOf(this.#scenario.plan.eventId);
  }

  evidence(): Promise<Evidence> {
    return this.#simulation.run(() => this.#play());
  }

  async #play(): Promise<Evidence> {
    const { plan, encoder, workers } = this.#scenario;
    const { clock, server } = this.#simulation;
    const neighbour = this.#neighbour();
    for (let n = 0; n < workers; n += 1) this.#startWorker();
    await this.#showcaller.start(plan);
    const run = server.find({ workflowId: this.#workflowId });
    void this.#encoder.play(encoder);
    await this.#ended(run);
    this.#isOver = true;
    const left = this.#cloud.billed.filter(({ name }) => name !== neighbour).map((channel) => ({ ...channel }));
    const letInAfterwards = this.#encoder.isLetIn;
    this.#encoder.end();
    const closedAt = clock.now;
    if (!this.#simulation.workers.some(({ isAlive }) => isAlive)) this.#startWorker();
    const report = isRunning(run) ? undefined : await this.#showcaller.result(plan.eventId);
    const held = report && this.#scenario.hasBudget ? await this.#held() : [];
    const still = this.#cloud.find(neighbour);
    return {
      scenario: this.#scenario,
      ...(report && { report }),
      status: run.status,
      closedAt,
      phases: this.#phases,
      acted: this.#acted,
      sent: this.#encoder.sent,
      news: this.#playback.newsOf(channelNameOf(plan.eventId)),
      targetMs: this.#scenario.viewing.segmentMs,
      viewerFaults: this.#playback.faults,
      calls: this.#network.calls,
      opened: this.#cloud.opened,
      closed: this.#cloud.closed,
      made: this.#cloud.made.filter(({ name }) => name !== neighbour),
      left,
      held,
      neighbourIsUntouched: still?.state === 'open' && isSent(still) && still.sessions.length === 1,
      letInAfterwards,
      unattended: this.#unattended,
      stuck: this.#stuck,
      taskFailures: this.#simulation.taskFailures,
      histories: Object.fromEntries([...server.runs.values()].map(({ workflowId, history }) => [workflowId, history])),
      trace: this.#simulation.trace,
      digest: this.#simulation.digest,
      kills: this.#kills,
      virtualMs: closedAt - this.#began,
    };
  }

  /** Asked when the run has ended: the bookings have its last request, and may be over themselves. */
  async #held(): Promise<string[]> {
    const { client, taskQueue, server } = this.#simulation;
    const id = bookingsIdOf(taskQueue);
    if (!server.newestOf(id)) return [];
    const all = await client.workflow.getHandle(id).query<Booking[]>('bookings');
    return all.map(({ event }) => event);
  }

  /** A channel of another event, under a name that begins like ours: it is being sent to all the time. */
  #neighbour(): string {
    const { eventId } = this.#scenario.plan;
    const name = channelNameOf(`${eventId}-2`);
    this.#cloud.populate({ name, tag: workflowIdOf(`${eventId}-2`), state: 'open', records: true, sessions: [] });
    this.#cloud.connect(name);
    return name;
  }

  /** Lasting faults are lifted at last, so that what must end can. */
  async #ended(run: Execution): Promise<void> {
    const { clock } = this.#simulation;
    const liftAfterMs = 20 * hour;
    await new Promise<void>((resolve) => {
      run.closeWatchers.push(resolve);
      clock.in(liftAfterMs, () => {
        this.#simulation.note('every fault is lifted');
        this.#network.faults.length = 0;
        clock.in(30 * hour, resolve);
      });
    });
  }

  #startWorker(): void {
    const { clock, client, taskQueue } = this.#simulation;
    const { polls, skewMs, plan, hasBudget } = this.#scenario;
    const base = { vendor: plan.vendor ?? '', cloud: this.#cloud, network: this.#network, lists: polls };
    const {
      driver: brokenDriver = (one) => one,
      activities: brokenActivities = (one) => one,
      get: brokenGet = (one) => one,
      clock: brokenClock = (one) => one,
    } = this.#mutant;
    const driver = brokenDriver(cloudDriver({ ...base, account: 'default' }));
    const activities = createActivities({
      driver: async () => driver,
      http: driverContext.http,
      clock: brokenClock(new RunClock({ startedAt: attemptStart(client) })),
      isUnderWay: isUnderWay(client),
      accounts: () => ['default'],
      secrets: () => [],
      timeScale: 1,
      proofGraceMs: 10 * minute,
      ...(hasBudget && {
        bookings: new Bookings(client, { taskQueue }),
        budgets: budgetsPort(client, { taskQueue, budgetOf: amplyOf }),
      }),
      ...(polls && { poller: pollerPort(client, taskQueue), viewer: brokenGet(this.#playback.get) }),
    });
    const worker = this.#simulation.work(brokenActivities(activities), { ...(skewMs !== 0 && { skewMs }) });
    const open = this.#unattended.at(-1);
    if (open && open.to === Number.POSITIVE_INFINITY) open.to = clock.now + missedAfterMs;
    this.#simulation.note(`${worker.name} starts`);
  }

  #seePhase(payload: Payload | undefined): void {
    const name = payload && String(fromPayload(payload));
    const phase = phases.find((one) => one === name);
    if (!phase || this.#phases.at(-1)?.phase === phase) return;
    this.#phases.push({ phase, at: this.#simulation.clock.now });
    this.#simulation.note(`phase: ${phase}`);
    if (phase === 'live' && !this.#phases.slice(0, -1).some((one) => one.phase === phase)) this.#serveBadly();
    this.#begin(phase);
  }

  /** From when the run is live for the first time. */
  #serveBadly(): void {
    const { now } = this.#simulation.clock;
    for (const { kind, laterMs, forMs } of this.#scenario.viewing.faults) {
      const late = this.#playback.faults.find((one) => one.kind === kind && kind === 'late-first-segment');
      if (late) late.to = now + laterMs;
      else this.#playback.faults.push({ kind, from: now + laterMs, to: now + laterMs + forMs });
    }
  }

  #begin(phase: Phase): void {
    for (const timed of [...this.#waiting].filter(({ after }) => after === phase)) {
      this.#waiting.delete(timed);
      this.#simulation.clock.in(timed.laterMs, () => {
        if (!this.#isOver) this.#happens(timed.what);
      });
    }
  }

  #happens(what: Happening): void {
    const { clock } = this.#simulation;
    switch (what.kind) {
      case 'fault':
        this.#network.faults.push({ ...what.fault });
        return;
      case 'stuck':
        this.#stuck.push({ from: clock.now, to: clock.now + what.untilMs + what.forMs });
        this.#cloud.stuckForMs = what.forMs;
        clock.in(what.untilMs, () => {
          this.#cloud.stuckForMs = 0;
        });
        return;
      case 'kill':
        this.#kill(what.downMs);
        return;
      case 'restart':
        this.#restart();
        return;
      case 'operator':
        void this.#act(what.action);
    }
  }

  #kill(downMs: number): void {
    const { clock, workers } = this.#simulation;
    const worker = workers.find(({ isAlive }) => isAlive);
    if (!worker) return;
    this.#kills += 1;
    this.#simulation.note(`${worker.name} is killed with ${worker.attemptsUnderWay} attempts under way`);
    worker.kill();
    this.#unattended.push({ from: clock.now, to: Number.POSITIVE_INFINITY });
    clock.in(downMs, () => this.#startWorker());
  }

  #restart(): void {
    const { server } = this.#simulation;
    this.#simulation.note('Temporal is killed and starts again');
    for (const run of server.runs.values()) server.activities.startEarly(run);
  }

  async #act(action: OperatorAction): Promise<void> {
    const acted = {
      action,
      at: this.#simulation.clock.now,
      // Until it is answered: the run may end before.
      outcome: 'unanswered',
      answer: '',
    } as Evidence['acted'][number];
    this.#simulation.note(`operator: ${JSON.stringify(action)}`);
    this.#acted.push(acted);
    try {
      acted.answer = JSON.stringify(await this.#send(action)) ?? '';
      acted.outcome = 'accepted';
    } catch (error) {
      const isRefusal = error instanceof RefusedError || error instanceof NoSuchEventError;
      acted.outcome = isRefusal ? 'refused' : error instanceof NoWorkerError ? 'unanswered' : 'failed';
      acted.answer = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    this.#simulation.note(`${acted.outcome}: ${JSON.stringify(action)} ${acted.answer}`);
  }

  #send(action: OperatorAction): Promise<unknown> {
    const { eventId } = this.#scenario.plan;
    const instant = (ms: number) => new Date(this.#simulation.clock.now + ms).toISOString();
    switch (action.do) {
      case 'stopNow':
        return this.#showcaller.stopNow(eventId, { ...by, keepRecording: action.keepRecording });
      case 'extend':
        return this.#showcaller.extend(eventId, { ...by, endsAt: instant(action.inMs) });
      case 'reschedule': {
        const times = { startsAt: instant(action.inMs), endsAt: instant(action.inMs + action.forMs) };
        return this.#showcaller.reschedule(eventId, { ...by, ...times });
      }
      case 'cancel':
        return this.#showcaller.cancel(eventId);
      default:
        return this.#showcaller[action.do](eventId, by);
    }
  }
}
