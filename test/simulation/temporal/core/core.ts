import type { TaskAnswer, UpdateRequest } from '../commands.ts';
import type { EventOf, Failure, HistoryEvent, Payload } from '../events.ts';
import { fromPayload } from '../payloads.ts';
import type { Activated, Job, LangCommand, WorkflowInstance, WorkflowSandbox } from '../sdk-internals.ts';
import { simulatedBuild } from '../simulated-build.ts';
import { applyEvent } from './apply-event.ts';
import { endsWorkflow, takeCommand } from './lang-commands.ts';
import { LocalActivities, type LocalRequest, type LocalResolution } from './local-activities.ts';
import { matchCommand } from './match-command.ts';
import { announcePatches } from './patches.ts';
import { type RunIdentity, RunState } from './run-state.ts';

/** The workflow task failed: an error of the workflow's code, which Temporal would try again for ever. */
export class TaskFailedError extends Error {
  override readonly name = 'TaskFailedError';
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message ?? 'workflow task failed');
    this.failure = failure;
  }
}

export interface TaskInput {
  /** Up to a WorkflowTaskStarted. */
  events: readonly HistoryEvent[];
  updates?: readonly UpdateRequest[];
  /** The history behind this task, where it is replayed. */
  ahead?: readonly HistoryEvent[];
  isReplaying?: boolean;
  /** Of the SDK's behaviour, from the task's completion where it is replayed. */
  flags?: readonly number[];
  /** That of the worker that did it. */
  build?: string;
}

export type OnActivation = (jobs: readonly Job[], answer: Activated, state: RunState) => void;

/**
 * What the SDK's native Core does between the server and the workflow's code: it makes activations of a task's events and
 * takes in the commands. The facts are Core's (sdk-core/src/worker/workflow). It throws at what it does not model.
 */
export class SimulatedCore {
  readonly state: RunState;
  /** The last workflow task that was taken in. */
  lastStartedId = 0;
  readonly #sandbox: WorkflowSandbox;
  readonly #onActivation: OnActivation | undefined;
  readonly #local: LocalActivities;
  #instance: WorkflowInstance | undefined;
  #queries = 0;
  #startedAt = 0;
  #answer: TaskAnswer | undefined;
  #flagsBefore = new Set<number>();
  #build = '';

  constructor(sandbox: WorkflowSandbox, identity: RunIdentity, onActivation?: OnActivation) {
    this.#sandbox = sandbox;
    this.state = new RunState(identity);
    this.#local = new LocalActivities(this.state);
    this.#onActivation = onActivation;
  }

  /** Takes in a task's events and runs the workflow as far as it gets. `answer` gives what came of it. */
  async task({
    events,
    updates = [],
    ahead = [],
    isReplaying = false,
    flags = [],
    build = isReplaying ? '' : simulatedBuild,
  }: TaskInput): Promise<void> {
    const { state } = this;
    for (const flag of flags) state.flags.add(flag);
    this.#build = build;
    this.#flagsBefore = new Set(state.flags);
    state.isReplaying = isReplaying;
    this.#apply(events);
    const started = events.at(-1);
    if (started?.type !== 'WorkflowTaskStarted') throw new Error(`a task ends with its start, not ${started?.type}`);
    this.lastStartedId = started.id;
    const [first] = events;
    if (first?.type === 'WorkflowExecutionStarted') await this.#begin(first, started.at);
    announcePatches(state, ahead);
    for (const update of updates) state.jobs.push(updateJob(update, !isReplaying));
    if (!isReplaying) this.#local.startedAnew();
    this.#local.lookAhead(ahead);
    this.#answer = { commands: [], rejected: [], flags: [] };
    await this.#activateAll();
  }

  /** Local activities that the worker has not answered yet. */
  get localActivitiesUnderWay(): number {
    return this.#local.underWay;
  }

  takeLocalRequests(): LocalRequest[] {
    return this.#local.takeRequests();
  }

  /** A local activity ended; the workflow goes on at once when a task is under way, else in the next. */
  async resolveLocal(resolution: LocalResolution): Promise<void> {
    if (this.#local.resolve(resolution) && this.#answer) await this.#activateAll();
  }

  /** What the task came to, for the server. */
  answer({ asksForAnother = false } = {}): TaskAnswer {
    const { state } = this;
    if (!this.#answer) throw new Error(`${state.identity.workflowId}: no task is under way`);
    const sent = state.outgoing.splice(0).filter(({ machine }) => !machine?.isWithdrawn);
    state.expected.push(...sent);
    const flags = [...state.flags].filter((flag) => !this.#flagsBefore.has(flag));
    const answer = { ...this.#answer, commands: sent.map(({ command }) => command), flags };
    this.#answer = undefined;
    return { ...answer, ...(asksForAnother && { asksForAnother }) };
  }

  /** Takes in what follows the last task. @throws NondeterminismError when the events are not what the code asked for. */
  conclude(events: readonly HistoryEvent[]): void {
    this.#apply(events);
  }

  /** Forgets a task of which the server kept nothing. */
  undo(lastStartedId: number, lastEventId: number): void {
    this.lastStartedId = lastStartedId;
    this.state.processed = lastEventId;
  }

  async query(name: string, args: Payload[]) {
    this.#queries += 1;
    const query = { queryId: `q${this.#queries}`, queryType: name, arguments: args, headers: {} };
    const [command] = await this.#activate([{ queryWorkflow: query }], true);
    if (!command?.respondToQuery) throw new Error(`the query ${name} got no answer`);
    return command.respondToQuery;
  }

  async dispose(): Promise<void> {
    await this.#instance?.dispose();
    this.#instance = undefined;
  }

  async #begin({ attributes, at }: EventOf<'WorkflowExecutionStarted'>, firstTaskAt: number): Promise<void> {
    const { identity } = this.state;
    const { parentWorkflowExecution: parent, parentWorkflowNamespace: namespace = identity.namespace } = attributes;
    const { continuedExecutionRunId: continuedFrom, memo } = attributes;
    this.#startedAt = at;
    this.#instance = await this.#sandbox.start(
      {
        ...identity,
        firstRunId: attributes.firstExecutionRunId || identity.runId,
        workflowType: attributes.workflowType.name,
        startedAt: this.#startedAt,
        firstTaskAt,
        ...(parent && { parent: { ...parent, namespace } }),
        ...(continuedFrom && { continuedFrom }),
        searchAttributes: attributes.searchAttributes?.indexedFields ?? {},
        ...(memo && { memo: valuesOfFields(memo.fields ?? {}) }),
      },
      randomnessSeedOf(attributes.originalExecutionRunId || identity.runId),
    );
  }

  async #activateAll(): Promise<void> {
    const { state } = this;
    while (state.jobs.length > 0) {
      const jobs = inCoresOrder(state.jobs);
      state.jobs = [];
      const commands = await this.#activate(jobs, state.isReplaying);
      for (const command of terminalLast(commands)) this.#take(command);
      this.#local.resolveFromMarkers();
    }
  }

  async #activate(jobs: Job[], isReplaying: boolean): Promise<LangCommand[]> {
    const { state } = this;
    if (!this.#instance) throw new Error(`${state.identity.workflowId} is not begun`);
    const { now, processed: historyLength } = state;
    const context = { now, isReplaying, historyLength, flags: [...state.flags], build: this.#build };
    const answer = await this.#instance.activate(jobs, context);
    this.#onActivation?.(jobs, answer, state);
    if ('failure' in answer) throw new TaskFailedError(answer.failure);
    for (const flag of answer.flags) state.flags.add(flag);
    return answer.commands;
  }

  #take(command: LangCommand): void {
    if (command.updateResponse) this.#takeUpdateResponse(command.updateResponse);
    else if (command.scheduleLocalActivity) this.#local.schedule(command.scheduleLocalActivity);
    else if (command.requestCancelLocalActivity) this.#local.cancel(command.requestCancelLocalActivity.seq ?? 0);
    else takeCommand(this.state, command);
  }

  #takeUpdateResponse({
    protocolInstanceId,
    accepted,
    rejected,
    completed,
  }: NonNullable<LangCommand['updateResponse']>): void {
    const { state } = this;
    const id = protocolInstanceId ?? '';
    if (accepted) {
      state.acceptedUpdates.add(id);
      state.send('UpdateAccepted', { protocolInstanceId: id });
    } else if (completed)
      state.send('UpdateCompleted', { protocolInstanceId: id, outcome: { success: { payloads: [completed] } } });
    else if (rejected && state.acceptedUpdates.has(id))
      state.send('UpdateCompleted', { protocolInstanceId: id, outcome: { failure: rejected } });
    else if (rejected) this.#answer?.rejected.push({ protocolInstanceId: id, failure: rejected });
  }

  #apply(events: readonly HistoryEvent[]): void {
    const { state } = this;
    for (const [i, event] of events.entries()) {
      if (event.id <= state.processed) continue;
      if (event.id !== state.processed + 1) throw new Error(`event ${event.id} comes after ${state.processed}`);
      state.processed = event.id;
      if (this.#local.takesMarker(event)) continue;
      const skipped = matchCommand(state, event, events[i + 1]);
      if (skipped === undefined) applyEvent(state, event);
      else state.processed += skipped;
    }
  }
}

/** Core's order: patches before signals and updates, those before what was waited for, local activities last. */
function inCoresOrder(jobs: readonly Job[]): Job[] {
  const rank = (job: Job): number => {
    if (job.initializeWorkflow) return 0;
    if (job.notifyHasPatch) return 1;
    if (job.updateRandomSeed) return 2;
    if (job.signalWorkflow || job.doUpdate) return 3;
    return job.resolveActivity?.isLocal ? 5 : 4;
  };
  return jobs
    .map((job, at) => ({ job, at, rank: rank(job) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ job }) => job);
}

/** Everything the workflow asked for, then its first end. */
function terminalLast(commands: readonly LangCommand[]): LangCommand[] {
  const ends = commands.filter(endsWorkflow);
  return [...commands.filter((command) => !endsWorkflow(command)), ...ends.slice(0, 1)];
}

const updateJob = (
  { updateId, protocolInstanceId, name, input, headers }: UpdateRequest,
  runValidator: boolean,
): Job => ({
  doUpdate: {
    id: updateId,
    protocolInstanceId,
    name,
    input,
    headers: headers ?? {},
    meta: { updateId, identity: '' },
    runValidator,
  },
});

const valuesOfFields = (fields: Readonly<Record<string, Payload>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, payload]) => [name, fromPayload(payload)]));

/** Eight bytes that depend on nothing but the run's id. Core hashes it in another way, which nothing here compares. */
function randomnessSeedOf(text: string): number[] {
  let [one, two] = [0x811c9dc5, 0x1000193];
  for (const char of text) {
    one = Math.imul(one ^ char.charCodeAt(0), 0x01000193) >>> 0;
    two = Math.imul(two ^ one, 0x85ebca6b) >>> 0;
  }
  return [one, two].flatMap((word) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]);
}
