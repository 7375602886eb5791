import type { Clock } from '../clock.ts';
import type { EventOf, EventType, HistoryEvent, UserMetadata } from '../events.ts';
import type { Execution } from './execution.ts';

/** Events from outside that wait while a workflow task is under way. */
const waitsForTask = (type: EventType): boolean =>
  /^(ActivityTask(Started|Completed|Failed|TimedOut|Canceled)|TimerFired|WorkflowExecution(Signaled|CancelRequested)|ChildWorkflowExecution.*|StartChildWorkflowExecutionFailed|ExternalWorkflowExecution.*|(SignalExternal|RequestCancelExternal)WorkflowExecutionFailed)$/.test(
    type,
  );

/** The server sorts its buffer so that what ends something stands behind what began it. */
const comesLast = ({ type }: HistoryEvent): boolean =>
  /^(ActivityTask(Completed|Failed|TimedOut|Canceled)|ChildWorkflowExecution(Completed|Failed|Canceled|Terminated))$/.test(
    type,
  );

/** The histories of all runs. */
export class EventLog {
  readonly #clock: Clock;
  readonly #onEvent: (run: Execution, event: HistoryEvent) => void;

  constructor(clock: Clock, onEvent: (run: Execution, event: HistoryEvent) => void) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  append<T extends EventType>(
    run: Execution,
    type: T,
    attributes: EventOf<T>['attributes'],
    { userMetadata, at = this.#clock.now }: { userMetadata?: UserMetadata; at?: number } = {},
  ): EventOf<T> {
    const event = { id: run.history.length + 1, type, at, attributes, ...(userMetadata && { userMetadata }) };
    run.history.push(event as HistoryEvent);
    this.#onEvent(run, event as HistoryEvent);
    return event;
  }

  /** An event that came from outside: while a workflow task is under way it has to wait. */
  add<T extends EventType>(run: Execution, type: T, attributes: EventOf<T>['attributes'], at = this.#clock.now): void {
    if (run.task?.isStarted && waitsForTask(type)) run.buffered.push({ id: 0, type, at, attributes } as HistoryEvent);
    else this.append(run, type, attributes, { at });
  }

  /** Writes what waited. */
  flush(run: Execution): void {
    const waiting = run.buffered;
    run.buffered = [];
    const startedIds = new Map<number, number>();
    for (const event of [...waiting.filter((one) => !comesLast(one)), ...waiting.filter(comesLast)]) {
      const begun = begunBy(event);
      const startedEventId = comesLast(event) && begun !== undefined ? startedIds.get(begun) : undefined;
      const attributes = { ...event.attributes, ...(startedEventId !== undefined && { startedEventId }) };
      const { id } = this.append(run, event.type, attributes as never, { at: event.at });
      const isStart = event.type === 'ActivityTaskStarted' || event.type === 'ChildWorkflowExecutionStarted';
      if (isStart && begun !== undefined) startedIds.set(begun, id);
    }
  }
}

/** Of the event that scheduled or initiated it. */
function begunBy({ attributes }: HistoryEvent): number | undefined {
  if ('scheduledEventId' in attributes) return attributes.scheduledEventId;
  return 'initiatedEventId' in attributes ? attributes.initiatedEventId : undefined;
}
