import { AsyncLocalStorage } from 'node:async_hooks';
import { Client } from '@temporalio/client';
import { messageOf } from '../../../domain/message-of.ts';
import type { Clock } from './clock.ts';
import type { Failure, Fields, Indexed, Payload, Payloads, ProtoDuration, UserMetadata } from './events.ts';
import { toProto } from './history.ts';
import { durationOf, millis, toPayload } from './payloads.ts';
import { temporal, timestamp } from './sdk-internals.ts';
import { namespace } from './server/context.ts';
import { AlreadyStartedError, type Execution, isRunning, NotFoundError, type Update } from './server/execution.ts';
import type { Latencies } from './server/latencies.ts';
import type { SimulatedServer, Target } from './server/server.ts';
import type { VisibilityRecord } from './server/visibility.ts';
import { SimulatedWorker } from './worker/worker.ts';

/** As the SDK's client knows the errors of gRPC. */
const grpcError = (code: number, name: string, details: string): Error =>
  Object.assign(new Error(`${code} ${name}: ${details}`), { code, details, metadata: { get: () => [] } });

const {
  WorkflowIdConflictPolicy: Conflict,
  WorkflowIdReusePolicy,
  UpdateWorkflowExecutionLifecycleStage: Stage,
} = temporal.api.enums.v1;
const statusNumbers = { RUNNING: 1, COMPLETED: 2, FAILED: 3, CANCELED: 4, TERMINATED: 5, CONTINUED_AS_NEW: 6 } as const;
const stages = { admitted: 1, sent: 1, accepted: 2, over: 3 } as const;

/** One for all servers: each store that was ever used makes every promise slower in Node 20. */
const deadlines = new AsyncLocalStorage<number>();

type ExecutionRequest = { workflowId?: string | null; runId?: string | null } | null | undefined;
const targetOf = (execution: ExecutionRequest): Target => ({
  workflowId: execution?.workflowId ?? '',
  runId: execution?.runId || null,
});

interface StartWorkflowRequest {
  workflowId?: string;
  workflowType: { name: string };
  taskQueue: { name: string };
  input?: Payloads;
  header?: Fields;
  memo?: Fields;
  searchAttributes?: Indexed;
  userMetadata?: UserMetadata;
  workflowTaskTimeout?: ProtoDuration;
  workflowIdReusePolicy?: number;
  workflowIdConflictPolicy?: number;
}

interface UpdateRequest {
  workflowExecution: ExecutionRequest;
  request: { input: { name: string; args?: Payloads; header?: Fields }; meta: { updateId: string } };
  waitPolicy?: { lifecycleStage?: number };
}

interface MultiOperation {
  startWorkflow?: StartWorkflowRequest;
  updateWorkflow?: UpdateRequest;
}

/**
 * Temporal's WorkflowService for the SDK's real `Client`, on the simulated server: single runs, lists and counts, pollers
 * of a task queue, resets of activities by type, answers to them by id. There are no schedules, no workflow reset and no batch operations.
 */
export class ClientService {
  readonly #clock: Clock;
  readonly #server: SimulatedServer;
  readonly #latency: Latencies;

  constructor(clock: Clock, server: SimulatedServer, latency: Latencies) {
    this.#clock = clock;
    this.#server = server;
    this.#latency = latency;
  }

  /** The SDK's own client. */
  client(): Client {
    const connection = {
      options: {},
      plugins: [],
      workflowService: this.#workflowService(),
      ensureConnected: async () => {},
      close: async () => {},
      // gRPC sends how long the caller waits, by the caller's own clock, which may be wrong.
      withDeadline: <T>(at: number | Date, work: () => Promise<T>) =>
        deadlines.run(this.#clock.now + Number(at) - Date.now(), work),
      withMetadata: <T>(_: unknown, work: () => Promise<T>) => work(),
      withAbortSignal: <T>(_: unknown, work: () => Promise<T>) => work(),
      withApiKey: <T>(_: unknown, work: () => Promise<T>) => work(),
    };
    return new Client({ connection: connection as never, namespace });
  }

  #way(): Promise<void> | undefined {
    const ms = this.#latency.client();
    return ms > 0 ? new Promise((resolve) => this.#clock.in(ms, resolve, { changesNothing: true })) : undefined;
  }

  /** Fails as gRPC does when the caller's deadline is over. */
  #inTime<T>(work: Promise<T>): Promise<T> {
    const at = deadlines.getStore();
    if (at === undefined) return work;
    return new Promise<T>((resolve, reject) => {
      const expire = () => reject(grpcError(4, 'DEADLINE_EXCEEDED', 'Deadline exceeded'));
      const due = this.#clock.in(at - this.#clock.now, expire);
      work.then(resolve, reject).finally(() => this.#clock.cancel(due));
    });
  }

  /** A call there and back. */
  #call<T>(work: () => T | Promise<T>): Promise<T> {
    const answered = async () => {
      await this.#way();
      try {
        return await work();
      } catch (error) {
        if (error instanceof NotFoundError) throw grpcError(5, 'NOT_FOUND', error.message);
        if (error instanceof AlreadyStartedError) throw grpcError(6, 'ALREADY_EXISTS', error.message);
        throw error;
      } finally {
        await this.#way();
      }
    };
    return this.#inTime(answered());
  }

  #workflowService() {
    const server = this.#server;
    return {
      startWorkflowExecution: (request: StartWorkflowRequest) => this.#call(() => this.#start(request)),
      signalWorkflowExecution: (request: {
        workflowExecution: ExecutionRequest;
        signalName: string;
        input?: Payloads;
      }) =>
        this.#call(() => {
          const { workflowExecution, signalName, input } = request;
          server.signal(targetOf(workflowExecution), signalName, input?.payloads ?? []);
        }),
      signalWithStartWorkflowExecution: (
        request: StartWorkflowRequest & { signalName: string; signalInput?: Payloads },
      ) => this.#call(() => this.#signalWithStart(request)),
      requestCancelWorkflowExecution: (request: { workflowExecution: ExecutionRequest; reason?: string }) =>
        this.#call(() => server.requestCancel(targetOf(request.workflowExecution), request.reason)),
      terminateWorkflowExecution: (request: { workflowExecution: ExecutionRequest; reason?: string }) =>
        this.#call(() => server.terminate(targetOf(request.workflowExecution), request.reason ?? '')),
      queryWorkflow: (request: { execution: ExecutionRequest; query: { queryType: string; queryArgs?: Payloads } }) =>
        this.#call(() => this.#query(request.execution, request.query)),
      executeMultiOperation: ({ operations }: { operations: MultiOperation[] }) =>
        this.#call(async () => {
          const [first, second] = operations;
          const started = this.#start(first?.startWorkflow ?? { workflowType: { name: '' }, taskQueue: { name: '' } });
          if (!second?.updateWorkflow) throw new Error('only a start with an update is simulated');
          const updated = await this.#update(second.updateWorkflow);
          return { responses: [{ startWorkflow: started }, { updateWorkflow: updated }] };
        }),
      updateWorkflowExecution: (request: UpdateRequest) => this.#call(() => this.#update(request)),
      pollWorkflowExecutionUpdate: (request: {
        updateRef: { workflowExecution: ExecutionRequest; updateId: string };
      }) =>
        this.#call(async () => {
          const { workflowExecution, updateId } = request.updateRef;
          const update = server.find(targetOf(workflowExecution)).updates.get(updateId);
          if (!update) throw new NotFoundError('update not found');
          await reached(update, Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED);
          return { outcome: outcomeOf(update), stage: stages[update.state] };
        }),
      resetActivity: (request: { execution: ExecutionRequest; type?: string | null }) =>
        this.#call(() => {
          if (server.activities.reset(server.find(targetOf(request.execution)), request.type ?? '')) return {};
          throw new NotFoundError("Can't find pending activity with such ID");
        }),
      respondActivityTaskCompletedById: (request: {
        workflowId?: string;
        runId?: string;
        activityId?: string;
        result?: Payloads;
      }) =>
        this.#call(() => {
          const run = server.find(targetOf(request));
          if (!isRunning(run)) throw new NotFoundError('workflow execution already completed');
          const [result = toPayload(null)] = request.result?.payloads ?? [];
          if (!server.activities.completeById(run, request.activityId ?? '', result))
            throw new NotFoundError(
              'invalid activityID or activity already timed out or invoking workflow is completed',
            );
        }),
      describeWorkflowExecution: (request: { execution: ExecutionRequest }) =>
        this.#call(() => this.#describe(server.find(targetOf(request.execution)))),
      getWorkflowExecutionHistory: (request: {
        execution: ExecutionRequest;
        waitNewEvent?: boolean;
        historyEventFilterType?: number;
      }) =>
        this.#call(async () => {
          const run = server.find(targetOf(request.execution));
          while (request.waitNewEvent && isRunning(run))
            await new Promise<void>((resolve) => run.closeWatchers.push(resolve));
          const events = request.historyEventFilterType === 2 ? run.history.slice(-1) : run.history;
          return { history: toProto(events), nextPageToken: new Uint8Array() };
        }),
      listWorkflowExecutions: (
        request: { query?: string; pageSize?: number; nextPageToken?: Uint8Array },
        done?: (error: Error | null, answer?: unknown) => void,
      ) => {
        const answered = this.#call(() => this.#list(request));
        if (!done) return answered;
        answered.then((answer) => done(null, answer), done);
      },
      countWorkflowExecutions: (request: { query?: string }) =>
        this.#call(() => {
          const { count, groups } = this.#queried(() => server.visibility.count(request.query));
          return temporal.api.workflowservice.v1.CountWorkflowExecutionsResponse.fromObject({
            count,
            groups: groups.map((group) => ({ groupValues: group.values, count: group.count })),
          });
        }),
      describeTaskQueue: (request: { taskQueue: { name: string } }) =>
        this.#call(() => ({
          pollers: server.queues
            .workersOf({ name: request.taskQueue.name, kind: 'workflows' })
            .map(({ name }) => ({ identity: name, lastAccessTime: timestamp(this.#clock.now) })),
        })),
      getSystemInfo: async () => ({ capabilities: {} }),
    };
  }

  #start(request: StartWorkflowRequest) {
    const { workflowId = '', workflowType, taskQueue, input, header, memo, searchAttributes, userMetadata } = request;
    const before = this.#server.newestOf(workflowId);
    if (before && isRunning(before)) {
      const policy = request.workflowIdConflictPolicy;
      if (policy === Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING) return { runId: before.runId, started: false };
      if (policy === Conflict.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING)
        this.#server.terminate(before, 'terminated by the workflow id conflict policy');
    }
    if (before && !mayStartAgain(before, request.workflowIdReusePolicy)) throw new AlreadyStartedError(before.runId);
    const run = this.#server.start({
      workflowId,
      type: workflowType.name,
      taskQueue: taskQueue.name,
      input: input?.payloads ?? [],
      ...(header && { header }),
      ...(memo && { memo }),
      searchAttributes: searchAttributes?.indexedFields ?? {},
      userMetadata,
      taskTimeoutMs: millis(request.workflowTaskTimeout),
    });
    return { runId: run.runId, started: true };
  }

  #signalWithStart(request: StartWorkflowRequest & { signalName: string; signalInput?: Payloads }) {
    const target = { workflowId: request.workflowId ?? '' };
    const before = this.#server.newestOf(target.workflowId);
    const started = before && isRunning(before) ? { runId: before.runId, started: false } : this.#start(request);
    this.#server.signal(target, request.signalName, request.signalInput?.payloads ?? []);
    return started;
  }

  async #query(execution: ExecutionRequest, { queryType, queryArgs }: { queryType: string; queryArgs?: Payloads }) {
    const run = this.#server.find(targetOf(execution));
    await this.#server.tasks.idle(run);
    let worker = this.#server.workerFor(run);
    while (!(worker instanceof SimulatedWorker)) {
      await new Promise<void>((resolve) => this.#clock.in(100, resolve));
      worker = this.#server.workerFor(run);
    }
    // A run that is not in memory is replayed, which takes longer than the microtasks of one step.
    const answer = worker.query(run, queryType, queryArgs?.payloads ?? []);
    const { failed, succeeded } = await this.#clock.standStill(answer);
    if (failed) throw grpcError(3, 'INVALID_ARGUMENT', failed.message ?? 'query failed');
    return { queryResult: { payloads: succeeded?.response ? [succeeded.response] : [] } };
  }

  async #update({ workflowExecution, request, waitPolicy }: UpdateRequest) {
    const { input, meta } = request;
    const target = targetOf(workflowExecution);
    const run = this.#server.find(target);
    const update = this.#server.update(target, {
      id: meta.updateId,
      name: input.name,
      input: input.args?.payloads ?? [],
      ...(input.header?.fields && { header: input.header.fields }),
    });
    await reached(update, waitPolicy?.lifecycleStage ?? Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED);
    return {
      updateRef: { workflowExecution: { workflowId: run.workflowId, runId: run.runId }, updateId: update.id },
      ...(update.state === 'over' && { outcome: outcomeOf(update) }),
      stage: stages[update.state],
    };
  }

  #describe(run: Execution) {
    const pendingActivities = this.#server.activities.pending(run).map((activity) => ({
      activityId: activity.activityId,
      activityType: { name: activity.activityType },
      state: !activity.isStarted ? 1 : activity.cancelRequestedEventId === undefined ? 2 : 3,
      attempt: activity.attempt,
      ...(activity.startedAt > 0 && { lastStartedTime: timestamp(activity.startedAt) }),
      ...(activity.heartbeatAt !== undefined && { lastHeartbeatTime: timestamp(activity.heartbeatAt) }),
      ...(activity.heartbeatDetails && { heartbeatDetails: { payloads: activity.heartbeatDetails } }),
      ...(activity.lastFailure && { lastFailure: activity.lastFailure }),
      ...(activity.lastEndedAt !== undefined && { lastAttemptCompleteTime: timestamp(activity.lastEndedAt) }),
      ...(!activity.isStarted && { nextAttemptScheduleTime: timestamp(activity.scheduledAt) }),
    }));
    return temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse.fromObject({
      executionConfig: { taskQueue: { name: run.taskQueue }, workflowTaskTimeout: durationOf(run.taskTimeoutMs) },
      workflowExecutionInfo: infoOf({
        run,
        status: run.status,
        closedAt: run.closedAt,
        searchAttributes: run.searchAttributes,
      }),
      pendingActivities,
      // One that has failed is tried again after a pause, and is pending meanwhile.
      ...((run.task ?? run.attempt > 1) && { pendingWorkflowTask: { attempt: run.attempt } }),
    });
  }

  #list({ query, pageSize = 1000, nextPageToken }: { query?: string; pageSize?: number; nextPageToken?: Uint8Array }) {
    const records = this.#queried(() => this.#server.visibility.list(query));
    const from = nextPageToken?.length ? Number(Buffer.from(nextPageToken).toString()) : 0;
    const page = records.slice(from, from + pageSize);
    // Temporal does not look whether anything follows a full page.
    const isFull = page.length === pageSize;
    const { ListWorkflowExecutionsResponse } = temporal.api.workflowservice.v1;
    return ListWorkflowExecutionsResponse.fromObject({
      executions: page.map(infoOf),
      ...(isFull && { nextPageToken: Buffer.from(String(from + pageSize)) }),
    });
  }

  #queried<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw grpcError(3, 'INVALID_ARGUMENT', messageOf(error));
    }
  }
}

function mayStartAgain(
  { status }: Execution,
  policy = WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_UNSPECIFIED,
): boolean {
  if (policy === WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE) return false;
  if (policy === WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY)
    return status !== 'RUNNING' && status !== 'COMPLETED' && status !== 'CONTINUED_AS_NEW';
  return status !== 'RUNNING';
}

/** Until the update is at this stage, or its run is over without it. */
async function reached(update: Update, stage: number): Promise<void> {
  while (stages[update.state] < stage) await new Promise<void>((resolve) => update.watchers.push(resolve));
  if (update.isLost) throw new NotFoundError('workflow execution already completed');
}

const outcomeOf = ({ outcome }: Update): { success?: Payloads; failure?: Failure } =>
  outcome ?? { success: { payloads: [toPayload(null)] } };

const infoOf = ({ run, status, closedAt, searchAttributes }: VisibilityRecord) => {
  const startTime = timestamp(run.history[0]?.at ?? 0);
  const { workflowId, runId, parent } = run;
  return {
    execution: { workflowId, runId },
    type: { name: run.type },
    startTime,
    executionTime: startTime,
    ...(closedAt !== undefined && { closeTime: timestamp(closedAt) }),
    ...(parent && { parentExecution: { workflowId: parent.run.workflowId, runId: parent.run.runId } }),
    status: statusNumbers[status],
    historyLength: run.history.length,
    taskQueue: run.taskQueue,
    memo: { fields: run.memo as Record<string, Payload> },
    searchAttributes: { indexedFields: searchAttributes },
  };
};
