import { createRequire } from 'node:module';
import {
  decodeSearchAttributes,
  decodeTypedSearchAttributes,
} from '@temporalio/common/lib/converter/payload-search-attributes.js';
import proto from '@temporalio/proto';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker.js';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface.js';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm.js';
import { globalHandlers } from '@temporalio/worker/lib/workflow/vm-shared.js';
import Long from 'long';

// The only file that uses what is private in the SDK. `sdk-internals.test.ts` names what an upgrade changed.

export const { coresdk, temporal } = proto;
export type Job = proto.coresdk.workflow_activation.IWorkflowActivationJob;
export type LangCommand = proto.coresdk.workflow_commands.IWorkflowCommand;

const require = createRequire(import.meta.url);
export const sdkVersion: string = require('@temporalio/worker/package.json').version;

export const timestamp = (ms: number) => ({
  seconds: Long.fromNumber(Math.floor(ms / 1000)),
  nanos: Math.round((ms % 1000) * 1e6),
});

export interface RunInfo {
  workflowId: string;
  runId: string;
  firstRunId: string;
  workflowType: string;
  taskQueue: string;
  namespace: string;
  startedAt: number;
  firstTaskAt: number;
  parent?: { workflowId: string; runId: string; namespace: string };
  continuedFrom?: string;
  searchAttributes: Record<string, proto.temporal.api.common.v1.IPayload>;
  memo?: Record<string, unknown>;
}

/** With the flags of the SDK's behaviour that the code made use of: they belong into the history. */
export type Activated =
  | { commands: LangCommand[]; flags: number[] }
  | { failure: proto.temporal.api.failure.v1.IFailure };

export interface ActivationContext {
  now: number;
  isReplaying: boolean;
  historyLength: number;
  flags: number[];
  build?: string;
}

/** One run of a workflow in memory. */
export class WorkflowInstance {
  readonly #workflow: Workflow;
  readonly #runId: string;

  constructor(workflow: Workflow, runId: string) {
    this.#workflow = workflow;
    this.#runId = runId;
  }

  async activate(
    jobs: Job[],
    { now, isReplaying, historyLength, flags, build }: ActivationContext,
  ): Promise<Activated> {
    const completion = await this.#workflow.activate(
      coresdk.workflow_activation.WorkflowActivation.fromObject({
        runId: this.#runId,
        timestamp: timestamp(now),
        isReplaying,
        historyLength,
        historySizeBytes: Long.fromNumber(historyLength * 200),
        availableInternalFlags: flags,
        deploymentVersionForCurrentTask: { buildId: build ?? '' },
        lastSdkVersion: sdkVersion,
        jobs,
      }),
    );
    // Metrics and logs: asked for, so that they do not pile up.
    await this.#workflow.getAndResetSinkCalls();
    if (completion.failed) return { failure: completion.failed.failure ?? {} };
    const { commands, usedInternalFlags } = completion.successful ?? {};
    return { commands: commands ?? [], flags: usedInternalFlags ?? [] };
  }

  async dispose(): Promise<void> {
    await this.#workflow.dispose();
  }
}

/** They serve the SDK's stack trace query, slow down every promise of this thread, and stay when the worker is gone. */
export function keepPromiseHooksAway(): void {
  globalHandlers.uninstall();
  globalHandlers.installed = true;
}

/** The names of the activities that a worker has are the worker's to check. */
class EveryName extends Set<string> {
  override has(): boolean {
    return true;
  }
}

/** A workflow bundle in the SDK's own VM, in this thread. */
export class WorkflowSandbox {
  readonly #creator: ReusableVMWorkflowCreator;

  private constructor(creator: ReusableVMWorkflowCreator) {
    this.#creator = creator;
  }

  static async open(code: string): Promise<WorkflowSandbox> {
    // Without a time limit: the watchdog of each call into the VM costs three times as much as the call.
    const noLimit = undefined as unknown as number;
    const creator = await ReusableVMWorkflowCreator.create(parseWorkflowCode(code), noLimit, new EveryName());
    keepPromiseHooksAway();
    return new WorkflowSandbox(creator);
  }

  async start(info: RunInfo, randomnessSeed: number[]): Promise<WorkflowInstance> {
    const workflow = await this.#creator.createWorkflow({
      info: {
        workflowId: info.workflowId,
        runId: info.runId,
        workflowType: info.workflowType,
        searchAttributes: decodeSearchAttributes(info.searchAttributes),
        typedSearchAttributes: decodeTypedSearchAttributes(info.searchAttributes),
        parent: info.parent,
        root: undefined,
        taskQueue: info.taskQueue,
        namespace: info.namespace,
        firstExecutionRunId: info.firstRunId,
        continuedFromExecutionRunId: info.continuedFrom,
        startTime: new Date(info.startedAt),
        runStartTime: new Date(info.firstTaskAt),
        taskTimeoutMs: 10_000,
        attempt: 1,
        historyLength: 3,
        historySize: 0,
        continueAsNewSuggested: false,
        ...(info.memo && { memo: info.memo }),
        // Of newer SDKs.
        ...{ originalExecutionRunId: info.runId, targetWorkerDeploymentVersionChanged: false },
        unsafe: {
          isReplaying: false,
          isReplayingHistoryEvents: false,
          // Both are set anew inside.
          now: () => info.startedAt,
          random: { random: () => 0, uuid4: () => '' } as never,
        },
      },
      randomnessSeed,
      now: info.firstTaskAt,
      showStackTraceSources: false,
    });
    return new WorkflowInstance(workflow, info.runId);
  }

  close(): Promise<void> {
    return this.#creator.destroy();
  }
}
