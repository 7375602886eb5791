import { status as grpc } from '@grpc/grpc-js';
import {
  type Client,
  QueryRejectedError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { type Accepted, actionName, type By } from '../domain/actions.ts';
import { eventIdOf } from '../domain/ids.ts';
import type { EventStatus } from '../domain/report.ts';
import { goesOn, isPaused, pausedText } from '../domain/run-status.ts';
import { askStatus } from './ask-status.ts';
import { reportOfCutOff } from './cut-off.ts';
import { NoWorkerError, RefusedError } from './errors.ts';
import { isNotFound } from './event-runs.ts';
import { hasGrpcCode } from './grpc-code.ts';
import { checkWords } from './operator-words.ts';

export const answerWithinMs = 10_000;
/** The cancellation comes after it, within the time that the API has. */
const announcedWithinMs = 3_000;
/** Failed precondition: the task queue has no worker that could answer. */
const unanswered: readonly number[] = [grpc.CANCELLED, grpc.DEADLINE_EXCEEDED, grpc.FAILED_PRECONDITION];

/** @throws RefusedError where the run of an event can do nothing that it is asked for: it is over, or paused. */
export function refuseUnlessRunning(eventId: string | undefined, workflowStatus: string): void {
  if (isPaused(workflowStatus)) throw new RefusedError(`the event ${eventId} ${pausedText}`);
  if (!goesOn(workflowStatus)) throw new RefusedError(`the event ${eventId} is over (${workflowStatus.toLowerCase()})`);
}

/** What the client asks of the run of one event: its status, its report, an operator's action. */
export class RunCalls {
  readonly #client: Client;
  readonly #taskQueue: string;

  constructor(client: Client, taskQueue: string) {
    this.#client = client;
    this.#taskQueue = taskQueue;
  }

  /** The status of a run that goes on. @throws RefusedError where it is paused */
  async status(handle: WorkflowHandle, withinMs = answerWithinMs): Promise<EventStatus> {
    try {
      return await this.promptly(() => askStatus(handle), withinMs);
    } catch (error) {
      // Temporal answers so for a paused run, whose last words may not be true any more: https://github.com/temporalio/temporal/pull/8681
      if (!(error instanceof QueryRejectedError)) throw error;
      throw new RefusedError(`the event ${eventIdOf(handle.workflowId)} ${pausedText}`, { cause: error });
    }
  }

  /** Waits for the end of the run, and gives its report, however it ended. */
  async result(handle: WorkflowHandle): Promise<EventStatus> {
    try {
      return (await handle.result()) as EventStatus;
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const { cause } = error;
      if (cause instanceof ApplicationFailure && cause.details?.[0]) {
        const details = cause.details[0] as Partial<EventStatus>;
        if (details.phase) return details as EventStatus;
      }
      // A cancellation reaches the server without details.
      if (cause instanceof CancelledFailure) return this.status(handle);
      // A terminated run has cleaned nothing up; the sweep does.
      if (cause instanceof TerminatedFailure) return reportOfCutOff(await this.status(handle), cause.message);
      throw cause ?? error;
    }
  }

  /** Asks the run for an operator's action. @throws RefusedError with the run's reason, or when the event is over */
  async act(handle: WorkflowHandle, update: string, action: By, withinMs = answerWithinMs): Promise<Accepted> {
    checkWords(action);
    const eventId = eventIdOf(handle.workflowId);
    const { status } = await handle.describe();
    refuseUnlessRunning(eventId, status.name);
    try {
      return await this.#update(handle, update, action, withinMs);
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) {
        const why = error.cause?.message ?? error.message;
        throw new RefusedError(`${actionName(update)} on ${eventId}: ${why}`, { cause: error });
      }
      if (isNotFound(error)) throw new RefusedError(`the event ${eventId} is over`, { cause: error });
      throw error;
    }
  }

  /** A run takes an action at once, and may try it for long: where it is not taken, no worker answers. */
  async #update(handle: WorkflowHandle, update: string, action: By, withinMs: number): Promise<Accepted> {
    const args: [By] = [action];
    if (withinMs <= answerWithinMs)
      return this.promptly(() => handle.executeUpdate<Accepted, [By]>(update, { args }), withinMs);
    const taken = await this.promptly(() =>
      handle.startUpdate<Accepted, [By]>(update, { args, waitForStage: 'ACCEPTED' }),
    );
    return this.promptly(() => taken.result(), withinMs);
  }

  /** What cannot be announced is cancelled all the same. */
  async announceCancel(handle: WorkflowHandle, action: By): Promise<void> {
    checkWords(action);
    try {
      await this.act(handle, 'announceCancel', action, announcedWithinMs);
    } catch (error) {
      if (!(error instanceof RefusedError || error instanceof NoWorkerError)) throw error;
    }
  }

  /**
   * Asks with a short deadline: without a worker the server would wait, and no run can answer.
   *
   * @throws NoWorkerError when there is no answer in time
   */
  async promptly<T>(ask: () => Promise<T>, withinMs = answerWithinMs): Promise<T> {
    try {
      return await this.#client.withDeadline(Date.now() + withinMs, ask);
    } catch (error) {
      const tooLate = error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || hasGrpcCode(error, unanswered);
      if (tooLate) throw new NoWorkerError(this.#taskQueue, { cause: error });
      throw error;
    }
  }
}
