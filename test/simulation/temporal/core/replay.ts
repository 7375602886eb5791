import type { ServerCommand, UpdateRequest } from '../commands.ts';
import type { EventOf, HistoryEvent } from '../events.ts';
import type { WorkflowSandbox } from '../sdk-internals.ts';
import { type OnActivation, SimulatedCore } from './core.ts';
import { isCommandEvent } from './match-command.ts';
import type { RunIdentity } from './run-state.ts';

/** One task of a history, with all that it knew then. */
export interface RecordedTask {
  events: HistoryEvent[];
  updates: UpdateRequest[];
  ahead: HistoryEvent[];
  flags: number[];
  /** That of the worker that did it. */
  build: string;
}

/**
 * The tasks of a history that were completed, and the events behind the last of them. Tasks that failed or timed out are
 * one with the next; so are those that only kept a local activity waiting.
 */
export function tasksOf(history: readonly HistoryEvent[]): { tasks: RecordedTask[]; rest: HistoryEvent[] } {
  const tasks: RecordedTask[] = [];
  let from = 0;
  const end = (i: number, completed: EventOf<'WorkflowTaskCompleted'>): void => {
    const ahead = untilNextTask(history, i + 1);
    const { sdkMetadata, workerVersion } = completed.attributes;
    tasks.push({
      events: history.slice(from, i + 1),
      updates: acceptedIn(ahead),
      ahead,
      flags: sdkMetadata?.langUsedFlags ?? [],
      build: workerVersion?.buildId ?? '',
    });
    from = i + 1;
  };
  for (const [i, event] of history.entries()) {
    const completed = history[i + 1];
    if (event.type !== 'WorkflowTaskStarted' || completed?.type !== 'WorkflowTaskCompleted') continue;
    if (keptWaiting(history.slice(from, i + 1), history[i + 2])) continue;
    const earlier = beforeUpdate(history.slice(from, i), history[i + 2]);
    const before = earlier === undefined ? undefined : history[from + earlier + 1];
    if (earlier !== undefined && before?.type === 'WorkflowTaskCompleted') end(from + earlier, before);
    end(i, completed);
  }
  return { tasks, rest: history.slice(from) };
}

/** Where the last task before an update ended, though it asked for nothing: the update was sent after it. */
function beforeUpdate(events: readonly HistoryEvent[], next: HistoryEvent | undefined): number | undefined {
  if (next?.type !== 'WorkflowExecutionUpdateAccepted') return undefined;
  const sentAfter = next.attributes.acceptedRequestSequencingEventId;
  const at = events.findLastIndex(
    ({ type, id }, i) =>
      type === 'WorkflowTaskStarted' && id < sentAfter && events[i + 1]?.type === 'WorkflowTaskCompleted',
  );
  return at < 0 ? undefined : at;
}

/** A task after which the code asked for nothing, followed at once by another. */
function keptWaiting(events: readonly HistoryEvent[], next: HistoryEvent | undefined): boolean {
  return next?.type === 'WorkflowTaskScheduled' && !events.some(isCommandEvent);
}

function untilNextTask(history: readonly HistoryEvent[], from: number): HistoryEvent[] {
  const next = history.findIndex(({ type }, i) => i > from && type === 'WorkflowTaskStarted');
  return history.slice(from, next < 0 ? undefined : next + 1);
}

/** Updates that a task accepted stand behind it as events; while replaying they are given to it again. */
function acceptedIn(events: readonly HistoryEvent[]): UpdateRequest[] {
  return events.flatMap((event) => {
    if (event.type !== 'WorkflowExecutionUpdateAccepted') return [];
    const { acceptedRequest, protocolInstanceId } = event.attributes;
    const { meta, input } = acceptedRequest;
    const headers = input.header?.fields ?? {};
    return [
      { updateId: meta.updateId, protocolInstanceId, name: input.name, input: input.args?.payloads ?? [], headers },
    ];
  });
}

/**
 * Replays a history with today's code.
 *
 * @returns What the code asked for in all of it.
 * @throws NondeterminismError where that is not what the history has.
 */
export async function replay(
  sandbox: WorkflowSandbox,
  identity: RunIdentity,
  history: readonly HistoryEvent[],
  onActivation?: OnActivation,
): Promise<ServerCommand[]> {
  const core = new SimulatedCore(sandbox, identity, onActivation);
  const commands: ServerCommand[] = [];
  const { tasks, rest } = tasksOf(history);
  for (const task of tasks) {
    await core.task({ ...task, isReplaying: true });
    commands.push(...core.answer().commands);
  }
  core.conclude(rest);
  await core.dispose();
  return commands;
}

/** The identity in the first event of a history. */
export function identityOf(history: readonly HistoryEvent[], workflowId = ''): RunIdentity {
  const [first] = history;
  if (first?.type !== 'WorkflowExecutionStarted') throw new Error('a history begins with WorkflowExecutionStarted');
  const { attributes } = first;
  return {
    workflowId: attributes.workflowId || workflowId,
    runId: attributes.originalExecutionRunId,
    taskQueue: attributes.taskQueue.name,
    namespace: 'default',
  };
}
