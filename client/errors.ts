import type { Problem } from '../domain/errors.ts';

/** The plan was not accepted, and nothing was started or made. The caller's fault. */
export class InvalidPlanError extends Error {
  override readonly name = 'InvalidPlanError';
  readonly problems: Problem[];

  constructor(problems: Problem[], subject = 'plan') {
    const lines = problems.map(
      ({ path, given, message }) => `  ${path || subject}: ${message}${given ? ` (given ${given})` : ''}`,
    );
    super(
      `the ${subject} has ${problems.length} problem${problems.length === 1 ? '' : 's'}; nothing was started\n${lines.join('\n')}`,
    );
    this.problems = problems;
  }
}

/** No event of that id is known to this namespace. */
export class NoSuchEventError extends Error {
  override readonly name = 'NoSuchEventError';

  constructor(eventId: string, options?: ErrorOptions) {
    super(`there is no event ${eventId}; \`showcaller list\` shows those there are`, options);
  }
}

/** No recurring show of that id is known to this namespace. */
export class NoSuchScheduleError extends Error {
  override readonly name = 'NoSuchScheduleError';

  constructor(scheduleId: string, options?: ErrorOptions) {
    super(`there is no schedule ${scheduleId} of shows; \`showcaller schedule list\` shows those there are`, options);
  }
}

/** An operator action that makes no sense now. Says why. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** The event is there, but nothing runs it just now. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError';

  constructor(taskQueue: string, options?: ErrorOptions) {
    super(
      `no worker answers on task queue ${taskQueue}: start one with \`showcaller worker\`, or name the queue it listens on; the event itself is safe in Temporal`,
      options,
    );
  }
}

/** The cursor of a list is not one that was given out. The caller's fault. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';

  constructor(options?: ErrorOptions) {
    super('the cursor is not one of this list: begin again without one', options);
  }
}

/** Temporal lacks what showcaller needs of it. The operator's to mend. */
export class NotSetUpError extends Error {
  override readonly name = 'NotSetUpError';

  constructor(options?: ErrorOptions) {
    super('Temporal does not know our search attributes yet: run `showcaller setup` once, or start a worker', options);
  }
}
