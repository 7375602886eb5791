import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { type BookingAnswer, type BookingRequest, fullLine, refusalLines } from '../domain/booking/request.ts';
import { bookingsIdOf, bookingsType, workflowIdOf } from '../domain/ids.ts';
import { goesOn } from '../domain/run-status.ts';
import { RefusedError, UnreadBudgetError } from './errors.ts';

/** How long a booking is believed whose event has not been started yet. */
const startsWithinMs = 60_000;
/** A run of the bookings that has just ended, or goes on as a new one, is started or found again. */
const mostTries = 5;

const mostInOne = 100;
/** Temporal refuses an update of 2 MB, and with it all requests in it. JSON, bytes. */
const mostBytesInOne = 500_000;
const answerWithinMs = 10_000;

/** A worker that reads what a tenant has used is asked again. */
const readAgainMs = 1_000;
const mostReadAgain = 7;

interface Waiting {
  request: BookingRequest;
  bytes: number;
  resolve(answer: BookingAnswer): void;
  reject(error: unknown): void;
}

export interface BookingsOptions {
  taskQueue: string;
}

/**
 * The bookings of a task queue, kept by one workflow that decides one request after the other. Visibility could not: it
 * is behind, and two creations at the same moment would not see each other.
 */
export class Bookings {
  readonly #client: Client;
  readonly #options: BookingsOptions;
  readonly #waiting: Waiting[] = [];
  #isSending = false;

  constructor(client: Client, options: BookingsOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * Books, or says what is in the way. What an event holds that is over, or was never started, stands in no event's way.
   *
   * @throws RefusedError when the tenant holds as much as it may, or all together as much as is kept
   * @throws UnreadBudgetError when what its tenant has used is not read in time
   */
  async book(request: BookingRequest): Promise<BookingAnswer> {
    const answer = await this.#withoutGone(request, (asked) => this.#askUntilRead(asked));
    if (answer.isFull) throw new RefusedError([fullLine(request.tenant), ...refusalLines(answer)].join('; '));
    return answer;
  }

  /** What would be in the way; nothing is booked. */
  async conflicts(request: BookingRequest): Promise<BookingAnswer['conflicts']> {
    const handle = this.#client.workflow.getHandle(bookingsIdOf(this.#options.taskQueue));
    try {
      const { conflicts } = await this.#withoutGone(request, (asked) =>
        handle.query<BookingAnswer, [BookingRequest]>('conflicts', asked),
      );
      return conflicts;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return [];
      throw error;
    }
  }

  /** Asks, and again without those in the way that are over: until those that are left are not. */
  async #withoutGone(
    request: BookingRequest,
    ask: (asked: BookingRequest) => Promise<BookingAnswer>,
  ): Promise<BookingAnswer> {
    const looked = new Set<string>();
    let passed = 0;
    let hasReleased = false;
    for (;;) {
      const answer = await ask(passed > 0 ? { ...request, passed } : request);
      const { booked, isFull, holders, hasMore } = answer;
      if (!isFull && (request.insists || (holders.length === 0 && (booked || passed === 0)))) return answer;
      const unlooked = holders.filter((one) => !looked.has(claimOf(one)));
      for (const one of unlooked) looked.add(claimOf(one));
      const gone = await this.#goneOf(unlooked);
      await Promise.all(gone.map(({ event, claim }) => this.release({ event, claim })));
      hasReleased ||= gone.length > 0;
      passed += holders.length - gone.length;
      if (hasMore && !booked) continue;
      if (!hasReleased) return answer;
      // What is released may bring others to places that were passed: all are named once more, and only new ones looked at.
      passed = 0;
      hasReleased = false;
    }
  }

  async release(of: { event: string; claim?: string; keepsSlot?: boolean }): Promise<void> {
    try {
      await this.#client.workflow.getHandle(bookingsIdOf(this.#options.taskQueue)).signal('release', of);
    } catch (error) {
      // Nothing is booked at all.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  async #askUntilRead(request: BookingRequest): Promise<BookingAnswer> {
    let answer = await this.#ask(request);
    for (let asked = 0; answer.unread && asked < mostReadAgain; asked += 1) {
      await new Promise((resolve) => setTimeout(resolve, readAgainMs));
      answer = await this.#ask(request);
    }
    if (answer.unread) throw new UnreadBudgetError(request.tenant ?? '', answer.unread);
    if (hasNoReason(answer))
      throw new Error(`the bookings refused ${request.event} without a reason; nothing was booked: try again`);
    return answer;
  }

  #ask(request: BookingRequest): Promise<BookingAnswer> {
    return new Promise((resolve, reject) => {
      const sent = { ...request, asksAgain: true } as const;
      this.#waiting.push({ request: sent, bytes: Buffer.byteLength(JSON.stringify(sent)), resolve, reject });
      if (!this.#isSending) void this.#sendAll();
    });
  }

  /** Temporal takes ten updates of one workflow at a time: what comes during one goes together with the next. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#countOfNext());
      try {
        const send = () => this.#send(batch.map(({ request }) => request));
        const answers = await this.#client.withDeadline(Date.now() + answerWithinMs, send);
        for (const [at, { resolve, reject }] of batch.entries()) {
          const answer = answers[at];
          if (answer) resolve(answer);
          else reject(new Error(`the bookings gave ${answers.length} answers to ${batch.length} requests`));
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isSending = false;
  }

  /** How many go together: one at least. */
  #countOfNext(): number {
    let [count, bytes] = [0, 0];
    for (const one of this.#waiting) {
      bytes += one.bytes;
      if (count === mostInOne || (count > 0 && bytes > mostBytesInOne)) break;
      count += 1;
    }
    return count;
  }

  async #send(requests: BookingRequest[]): Promise<BookingAnswer[]> {
    const { taskQueue } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const startWorkflowOperation = new WithStartWorkflowOperation(bookingsType, {
        workflowId: bookingsIdOf(taskQueue),
        taskQueue,
        args: [],
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        // Pinned to a build, the bookings would keep that build in use while anything is booked. Workers without versions ignore it.
        versioningOverride: 'AUTO_UPGRADE',
        staticSummary: 'who uses what, and when',
      });
      try {
        return await this.#client.workflow.executeUpdateWithStart<never, BookingAnswer[], [BookingRequest[]]>('book', {
          args: [requests],
          startWorkflowOperation: startWorkflowOperation as never,
        });
      } catch (error) {
        // The workflow says why it takes none; what failed on the way is an activity.
        if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
          throw new RefusedError(error.cause.message, { cause: error });
        if (tries >= mostTries || !isOver(error)) throw error;
      }
    }
  }

  /** Asked by workflow id, which is never behind. */
  async #goneOf(holders: BookingAnswer['holders']): Promise<BookingAnswer['holders']> {
    const looked = await Promise.all(
      holders.map(async (holder) => {
        try {
          const { status, runId } = await this.#client.workflow.getHandle(workflowIdOf(holder.event)).describe();
          if (goesOn(status.name)) return undefined;
          return holder.claim === runId || !isFresh(holder) ? holder : undefined;
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
          return isFresh(holder) ? undefined : holder;
        }
      }),
    );
    return looked.filter((holder) => holder !== undefined);
  }
}

const claimOf = ({ event, claim }: BookingAnswer['holders'][number]): string => JSON.stringify([event, claim]);

/** Workers of another version may refuse for a reason that is not known here. */
const hasNoReason = ({ booked, isFull, conflicts, shortages, holders }: BookingAnswer): boolean =>
  !booked && !isFull && conflicts.length === 0 && !shortages && holders.length === 0;

/** It may be being started just now, also again under the id of one that is over. */
const isFresh = ({ bookedAt }: BookingAnswer['holders'][number]): boolean => Date.now() - bookedAt < startsWithinMs;

const isOver = (error: unknown): boolean =>
  [error, (error as Error).cause].some((one) => one instanceof WorkflowNotFoundError);
