import type { CommandOf } from '../commands.ts';
import type { ExecutionIds, UserMetadata } from '../events.ts';
import { millis } from '../payloads.ts';
import { namespace, type ServerContext } from './context.ts';
import {
  AlreadyStartedError,
  type ChildRun,
  type Execution,
  isRunning,
  NotFoundError,
  type StartRequest,
} from './execution.ts';

type By = { workflowTaskCompletedEventId: number };

/** What runs ask of other runs by way of the server. */
export interface RunOperations {
  start(request: StartRequest): Execution;
  signal(target: ExecutionIds, signalName: string, input: StartRequest['input']): void;
  requestCancel(target: ExecutionIds, reason?: string): void;
  terminate(target: ExecutionIds, reason: string): void;
}

const parentClosePolicy = { terminate: 1, abandon: 2, requestCancel: 3 };

/** Children, and signals and cancellations from one run to another. */
export class ExternalRuns {
  readonly #context: ServerContext;
  readonly #runs: RunOperations;

  constructor(context: ServerContext, runs: RunOperations) {
    this.#context = context;
    this.#runs = runs;
  }

  startChild(run: Execution, { attributes, userMetadata }: CommandOf<'StartChild'>, by: By): void {
    const { clock, latency, log } = this.#context;
    const taskQueue = attributes.taskQueue || run.taskQueue;
    const written = { ...attributes, taskQueue: { name: taskQueue, kind: 1 }, ...by };
    const { id } = log.append(run, 'StartChildWorkflowExecutionInitiated', written as never, { userMetadata });
    const child: ChildRun = { parentClosePolicy: Number(attributes.parentClosePolicy || parentClosePolicy.terminate) };
    run.children.set(id, child);
    clock.in(latency.transfer(), () => this.#startChild(run, child, id, { attributes, taskQueue, userMetadata, by }));
  }

  #startChild(
    run: Execution,
    child: ChildRun,
    initiatedEventId: number,
    {
      attributes,
      taskQueue,
      userMetadata,
      by,
    }: Pick<CommandOf<'StartChild'>, 'attributes'> & {
      taskQueue: string;
      userMetadata?: UserMetadata;
      by: By;
    },
  ): void {
    if (!isRunning(run) && child.parentClosePolicy !== parentClosePolicy.abandon) return;
    const { workflowId, workflowType, input, header, memo, searchAttributes } = attributes;
    const of = { initiatedEventId, namespace, workflowType };
    try {
      const started = this.#runs.start({
        workflowId,
        type: workflowType.name,
        taskQueue,
        input: input.payloads,
        header,
        ...(memo && { memo }),
        searchAttributes: searchAttributes?.indexedFields ?? {},
        userMetadata,
        taskTimeoutMs: millis(attributes.workflowTaskTimeout),
        parent: { run, initiatedEventId },
      });
      child.run = started;
      if (!isRunning(run)) return;
      const workflowExecution = { workflowId: started.workflowId, runId: started.runId };
      this.#context.log.add(run, 'ChildWorkflowExecutionStarted', { ...of, workflowExecution });
    } catch (error) {
      if (!(error instanceof AlreadyStartedError)) throw error;
      const failed = { ...of, ...by, workflowId, cause: 1 };
      this.#context.log.add(run, 'StartChildWorkflowExecutionFailed', failed);
    }
    this.#context.wake(run);
  }

  signal(run: Execution, { attributes }: CommandOf<'SignalExternal'>, by: By): void {
    const { signalName, input } = attributes;
    const { id } = this.#context.log.append(run, 'SignalExternalWorkflowExecutionInitiated', { ...attributes, ...by });
    this.#reach(run, attributes, id, by, {
      done: 'ExternalWorkflowExecutionSignaled',
      failed: 'SignalExternalWorkflowExecutionFailed',
      ask: (target) => this.#runs.signal(target, signalName, input.payloads),
    });
  }

  cancel(run: Execution, { attributes }: CommandOf<'CancelExternal'>, by: By): void {
    const written = { ...attributes, ...by };
    const { id } = this.#context.log.append(run, 'RequestCancelExternalWorkflowExecutionInitiated', written);
    this.#reach(run, attributes, id, by, {
      done: 'ExternalWorkflowExecutionCancelRequested',
      failed: 'RequestCancelExternalWorkflowExecutionFailed',
      ask: (target) => this.#runs.requestCancel(target, attributes.reason),
    });
  }

  #reach(
    run: Execution,
    { workflowExecution }: { workflowExecution: ExecutionIds },
    initiatedEventId: number,
    by: By,
    { done, failed, ask }: { done: ExternalDone; failed: ExternalFailed; ask: (target: ExecutionIds) => void },
  ): void {
    const { clock, latency, log, wake } = this.#context;
    clock.in(latency.transfer(), () => {
      const of = { initiatedEventId, namespace, workflowExecution };
      let type: ExternalDone | ExternalFailed = done;
      try {
        ask(workflowExecution);
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        type = failed;
      }
      if (!isRunning(run)) return;
      log.add(run, type, (type === done ? of : { ...of, ...by, cause: 1 }) as never);
      wake(run);
    });
  }

  /** The end of a run, as its parent and its children hear of it. */
  closed(run: Execution): void {
    for (const child of run.children.values()) this.#parentClosed(child);
    if (run.parent && run.status !== 'CONTINUED_AS_NEW') this.#childClosed(run, run.parent);
  }

  #parentClosed({ run: child, parentClosePolicy: policy }: ChildRun): void {
    if (!child || policy === parentClosePolicy.abandon) return;
    const { clock, latency } = this.#context;
    clock.in(latency.transfer(), () => {
      if (!isRunning(child)) return;
      if (policy === parentClosePolicy.requestCancel) this.#runs.requestCancel(child, 'by parent close policy');
      else this.#runs.terminate(child, 'by parent close policy');
    });
  }

  #childClosed(child: Execution, { run, initiatedEventId }: NonNullable<Execution['parent']>): void {
    const { clock, latency, log, wake } = this.#context;
    const last = child.history.at(-1);
    clock.in(latency.transfer(), () => {
      if (!isRunning(run) || !last) return;
      const of = {
        initiatedEventId,
        namespace,
        workflowType: { name: child.type },
        workflowExecution: { workflowId: child.workflowId, runId: child.runId },
      };
      if (last.type === 'WorkflowExecutionCompleted')
        log.add(run, 'ChildWorkflowExecutionCompleted', { ...of, result: last.attributes.result });
      else if (last.type === 'WorkflowExecutionFailed')
        log.add(run, 'ChildWorkflowExecutionFailed', { ...of, ...last.attributes });
      else if (last.type === 'WorkflowExecutionCanceled') log.add(run, 'ChildWorkflowExecutionCanceled', of);
      else log.add(run, 'ChildWorkflowExecutionTerminated', of);
      wake(run);
    });
  }
}

type ExternalDone = 'ExternalWorkflowExecutionSignaled' | 'ExternalWorkflowExecutionCancelRequested';
type ExternalFailed = 'SignalExternalWorkflowExecutionFailed' | 'RequestCancelExternalWorkflowExecutionFailed';
