import { type BudgetShortage, shortageLines } from '../domain/booking/budget.ts';
import { type Conflict, conflictLines } from '../domain/booking/request.ts';
import type { Problem } from '../domain/errors.ts';

/** The plan or the schedule was refused, and nothing was started or made. The caller can correct it. */
export class InvalidPlanError extends Error {
  override readonly name = 'InvalidPlanError';
  /** The message without its list of problems. */
  readonly summary: string;
  /** The message, a line for each problem. */
  readonly lines: readonly string[];
  readonly problems: Problem[];

  constructor(problems: Problem[], subject = 'plan') {
    const lines = problems.map(
      ({ path, given, message }) => `  ${path || subject}: ${message}${given ? ` (given ${given})` : ''}`,
    );
    const summary = `the ${subject} has ${problems.length} problem${problems.length === 1 ? '' : 's'}; nothing was started`;
    super([summary, ...lines].join('\n'));
    this.lines = [summary, ...lines];
    this.summary = summary;
    this.problems = problems;
  }
}

/** An error with advice for people at a command line, apart from the message: an API has other advice. */
export abstract class AdvisedError extends Error {
  /** The command that helps. */
  readonly advice: string;

  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}

/** This namespace has no event of that id. */
export class NoSuchEventError extends AdvisedError {
  override readonly name = 'NoSuchEventError';

  constructor(eventId: string, options?: ErrorOptions) {
    super(`there is no event ${eventId}`, '`showcaller list` shows the events', options);
  }
}

/** This namespace has no recurring show of that id. */
export class NoSuchScheduleError extends AdvisedError {
  override readonly name = 'NoSuchScheduleError';

  constructor(scheduleId: string, options?: ErrorOptions) {
    super(`there is no schedule ${scheduleId} of shows`, '`showcaller schedule list` shows the schedules', options);
  }
}

/** The action does not fit the state of the event; the message has the reason. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** No encoder may send to the event, or none yet; the message has the reason. */
export class NoAddressError extends Error {
  override readonly name = 'NoAddressError';
}

/** For a `catch`: nothing where more was asked for than is given. @throws whatever else went wrong */
export function undefinedIfRefused(error: unknown): undefined {
  if (!(error instanceof RefusedError)) throw error;
}

/** Another event holds what this one uses, at the same time. Nothing was started. */
export class BookedError extends Error {
  override readonly name = 'BookedError';
  readonly conflicts: readonly Conflict[];

  constructor(eventId: string, conflicts: readonly Conflict[]) {
    super([`${eventId} uses what is held already; nothing was started`, ...conflictLines(conflicts)].join('\n  '));
    this.conflicts = conflicts;
  }
}

/** The budget of the event's tenant has no room for it. Nothing was started. */
export class OverBudgetError extends Error {
  override readonly name = 'OverBudgetError';
  readonly shortages: readonly BudgetShortage[];

  constructor(eventId: string, shortages: readonly BudgetShortage[]) {
    super(
      [`${eventId} is over the budget of its tenant; nothing was started`, ...shortageLines(shortages)].join('\n  '),
    );
    this.shortages = shortages;
  }
}

/** What the tenant has used cannot be read in time: whether its budget has room is not known. Nothing was booked. */
export class UnreadBudgetError extends Error {
  override readonly name = 'UnreadBudgetError';

  constructor(tenant: string, months: readonly string[]) {
    super(
      `what tenant ${tenant} has used in ${months.join(' and ')} (UTC) could not be read in time, and its budget must have room for the event; nothing was booked: try again in some seconds, and see the log of the worker if it lasts`,
    );
  }
}

/** The event exists, but no worker answered for its run. */
export class NoWorkerError extends AdvisedError {
  override readonly name = 'NoWorkerError';
  /** False where workers answer, and this run cannot: its workflow task fails. */
  readonly isOfAllRuns: boolean;

  constructor(taskQueue: string, options?: ErrorOptions) {
    const isOfAllRuns = !wordsOf(options?.cause).includes('Workflow Task in failed state');
    super(
      `no worker answers on task queue ${taskQueue}; Temporal keeps the event, and a requested action is done once one does`,
      'start one with `showcaller worker`, or name the task queue of the workers with --task-queue',
      options,
    );
    this.isOfAllRuns = isOfAllRuns;
  }

  /** In short, beside the event that it is about. */
  get why(): string {
    return this.isOfAllRuns ? 'no worker answers' : 'its workflow task fails, because of a bug or a changed workflow';
  }
}

/** The words of an error and of what caused it: gRPC's details are in the cause. */
const wordsOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.message} ${'details' in error ? error.details : ''} ${wordsOf(error.cause)}`
    : String(error ?? '');

/** The cursor of a list was not issued by it. The caller can correct it. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';

  constructor() {
    super('the cursor is not one of this list: begin again without a cursor');
  }
}

/** The namespace lacks the search attributes. The operator can add them. */
export class NotSetUpError extends AdvisedError {
  override readonly name = 'NotSetUpError';

  constructor(options?: ErrorOptions) {
    super(
      'the Temporal namespace lacks the search attributes of showcaller',
      'run `showcaller setup` once, or start a worker',
      options,
    );
  }
}
