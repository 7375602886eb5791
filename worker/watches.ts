import { status as grpc } from '@grpc/grpc-js';
import { cancellationSignal, log } from '@temporalio/activity';
import { ActivityNotFoundError, type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { failureTypes } from '../activities/contract.ts';
import type { FoundRun, Reached, WaitingWatch, WatchAnswer } from '../activities/ports.ts';
import { fieldsOf } from '../domain/json.ts';
import { cuePriority, type ReportGate } from './report-gate.ts';

/** The activity of a run that looks at its encoder: between two looks it waits for its next attempt. */
const watchType = 'watchEncoder';
/** https://github.com/temporalio/api/blob/master/temporal/api/enums/v1/workflow.proto (PendingActivityState) */
const [scheduled, started] = [1, 2];

async function foundRun(
  { workflowService, options: { namespace, loadedDataConverter: converter } }: Client,
  { workflowId, channel }: { workflowId: string; channel: string },
): Promise<FoundRun | undefined> {
  try {
    const run = await workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
    const runId = run.workflowExecutionInfo?.execution?.runId ?? '';
    const found = { workflowId, runId, channel };
    const watches = (run.pendingActivities ?? []).filter(({ activityType }) => activityType?.name === watchType);
    // One that was cancelled may still be under way beside the next.
    const watch = watches.find(({ state }) => state === scheduled) ?? watches[0];
    if (!watch) return found;
    const { activityId, attempt, lastStartedTime, state } = watch;
    const of = state === scheduled ? await watchedFor(converter, watch, workflowId, namespace) : undefined;
    return {
      ...found,
      watch: {
        activityId: activityId ?? '',
        attempt: `${activityId} ${attempt} ${lastStartedTime?.seconds}`,
        isUnderWay: state === started,
        ...(of && { of }),
      },
    };
  } catch (error) {
    if (!isNotFound(error)) return undefined;
    return { workflowId, runId: '', channel, isOver: true };
  }
}

type Described = Awaited<ReturnType<Client['workflowService']['describeWorkflowExecution']>>;

/** What the last attempt said in its failure; undefined where that cannot be read, or says something else. */
async function watchedFor(
  converter: Client['options']['loadedDataConverter'],
  { lastFailure, lastAttemptCompleteTime }: Described['pendingActivities'][number],
  workflowId: string,
  namespace: string,
): Promise<WaitingWatch | undefined> {
  const context = { type: 'workflow', namespace, workflowId } as const;
  // A failure that another worker encrypted with a key that this one has not.
  const unread = () => undefined;
  const failure = await decodeOptionalFailureToOptionalError(converter, lastFailure, context).catch(unread);
  if (!(failure instanceof ApplicationFailure) || failure.type !== failureTypes.notYet) return undefined;
  const { last, until, quietUntil, of } = fieldsOf(failure.details?.[0]);
  const { encoder, session } = fieldsOf(last);
  const isPresence = encoder === 'absent' || encoder === 'connected' || encoder === 'starved';
  const lookedAt = optionalTsToMs(lastAttemptCompleteTime);
  if (!isPresence || typeof until !== 'number' || lookedAt === undefined) return undefined;
  return {
    lookedAt,
    last: { encoder, ...(typeof session === 'string' && { session }) },
    until,
    ...(typeof quietUntil === 'number' && { quietUntil }),
    // As this version of the steps writes it: the SDK has decoded it from what a worker of this task queue wrote.
    ...(of !== undefined && { of: of as WaitingWatch['of'] }),
  };
}

const isNotFound = (error: unknown): boolean => isGrpcServiceError(error) && error.code === grpc.NOT_FOUND;

/**
 * Answers the watch of a run, or makes it look at its encoder at once. A watch that waits for its next attempt is reset, which begins
 * the attempt and leaves nothing in the run's history; a signal, which ends the watch and begins another, costs ten events.
 */
export class Watches {
  readonly #client: Client;
  readonly #gate: ReportGate | undefined;
  /** The attempt that was under way when the run was to look: it may have looked before the change. */
  readonly #underWay = new Map<string, string>();

  constructor(client: Client, gate: ReportGate | undefined) {
    this.#client = client;
    this.#gate = gate;
  }

  /** The run with its watch. Undefined when Temporal does not say it: that concerns no other run. */
  async find(run: { workflowId: string; channel: string }): Promise<FoundRun | undefined> {
    const found = await foundRun(this.#client, run);
    if (found && !found.watch?.isUnderWay) this.#underWay.delete(run.workflowId);
    return found;
  }

  /** Without its answer nothing is known of it. */
  async waiting(workflowId: string): Promise<WaitingWatch | undefined> {
    return (await foundRun(this.#client, { workflowId, channel: '' }))?.watch?.of;
  }

  async reach({ workflowId, runId, isOver, watch }: FoundRun, answer: WatchAnswer | undefined): Promise<Reached> {
    const before = this.#underWay.get(workflowId);
    this.#underWay.delete(workflowId);
    if (isOver) return 'over';
    // Its next watch begins with a look; whether that saw the change is found out at the next tick.
    if (!watch) return 'missed';
    const { activityId, attempt, isUnderWay } = watch;
    if (isUnderWay) {
      // An attempt that looks now ends soon, with the change or without; one that hangs is replaced.
      if (before === attempt) return this.#signal(workflowId);
      this.#underWay.set(workflowId, attempt);
      return 'missed';
    }
    return answer ? this.#answer({ workflowId, runId, activityId }, answer) : this.#lookNow(workflowId);
  }

  /** A run that has the result goes on at once, like one whose step is done: it passes the same gate. */
  async #answer(
    of: { workflowId: string; runId: string; activityId: string },
    { result, isFresh }: WatchAnswer,
  ): Promise<Reached> {
    const ended = cancellationSignal();
    if (isFresh()) await this.#gate?.mayReport(of.workflowId, cuePriority, ended);
    // The poller that goes on answers those that are left.
    if (ended.aborted) return 'missed';
    if (!isFresh()) return this.#lookNow(of.workflowId);
    try {
      await this.#client.activity.complete(of, result);
      return 'reached';
    } catch (error) {
      // The watch ended meanwhile; or an older server answers none that waits for its next attempt, or a role may not.
      if (!(error instanceof ActivityNotFoundError))
        log.debug('could not end the watch of a run, which looks by itself', { ...of, error });
      return this.#lookNow(of.workflowId);
    }
  }

  async #lookNow(workflowId: string): Promise<Reached> {
    const { workflowService, options } = this.#client;
    try {
      // https://docs.temporal.io/cli/activity#reset
      await workflowService.resetActivity({
        namespace: options.namespace,
        execution: { workflowId },
        identity: options.identity,
        type: watchType,
      });
      return 'reached';
    } catch (error) {
      // The watch ended meanwhile: the next one begins with a look.
      if (isNotFound(error)) return 'missed';
      // A server before 1.28 cannot, and a role may not.
      return this.#signal(workflowId);
    }
  }

  /** A run may refuse signals, for example after Temporal's 10,000. */
  async #signal(workflowId: string): Promise<Reached> {
    try {
      await this.#client.workflow.getHandle(workflowId).signal('look');
      return 'reached';
    } catch (error) {
      return error instanceof WorkflowNotFoundError ? 'over' : 'missed';
    }
  }
}
