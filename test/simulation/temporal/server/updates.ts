import type { CommandOf, TaskAnswer, UpdateRequest } from '../commands.ts';
import type { UpdateOutcome } from '../events.ts';
import type { ServerContext } from './context.ts';
import { type Execution, notify, type PendingTask, type Update } from './execution.ts';

/** Updates: admitted, sent with a workflow task, accepted or rejected, completed. */
export class Updates {
  readonly #context: ServerContext;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** The update of this id; a new one has to be sent. */
  admit(run: Execution, request: Pick<Update, 'id' | 'name' | 'input' | 'header'>): { update: Update; isNew: boolean } {
    const known = run.updates.get(request.id);
    if (known) return { update: known, isNew: false };
    const update: Update = { ...request, state: 'admitted', watchers: [] };
    run.updates.set(request.id, update);
    return { update, isNew: true };
  }

  hasAdmitted(run: Execution): boolean {
    return [...run.updates.values()].some(({ state }) => state === 'admitted');
  }

  takeAdmitted(run: Execution, task: PendingTask): UpdateRequest[] {
    return [...run.updates.values()].flatMap((update) => {
      if (update.state !== 'admitted') return [];
      update.state = 'sent';
      task.sent.push(update);
      const { id, name, input, header } = update;
      return [{ updateId: id, protocolInstanceId: id, name, input, ...(header && { headers: header }) }];
    });
  }

  putBack(task: PendingTask): void {
    for (const update of task.sent) if (update.state === 'sent') update.state = 'admitted';
  }

  accepted(run: Execution, { attributes }: CommandOf<'UpdateAccepted'>, startedEventId: number): void {
    const update = this.#update(run, attributes.protocolInstanceId);
    update.state = 'accepted';
    const { id, name, input, header } = update;
    update.acceptedEventId = this.#context.log.append(run, 'WorkflowExecutionUpdateAccepted', {
      protocolInstanceId: id,
      acceptedRequestMessageId: `${id}/request`,
      acceptedRequestSequencingEventId: startedEventId - 1,
      acceptedRequest: {
        meta: { updateId: id, identity: 'client' },
        input: { header: { fields: header ?? {} }, name, args: { payloads: input } },
      },
    } as never).id;
    notify(update.watchers);
  }

  completed(run: Execution, { attributes }: CommandOf<'UpdateCompleted'>): void {
    const update = this.#update(run, attributes.protocolInstanceId);
    const { acceptedEventId } = update;
    const { outcome } = attributes;
    const meta = { updateId: update.id, identity: 'client' };
    this.#context.log.append(run, 'WorkflowExecutionUpdateCompleted', { meta, acceptedEventId, outcome });
    this.#answer(run, update, outcome);
  }

  reject(run: Execution, rejected: TaskAnswer['rejected']): void {
    for (const { protocolInstanceId, failure } of rejected) {
      const update = run.updates.get(protocolInstanceId);
      if (update) this.#answer(run, update, { failure });
    }
  }

  /** A worker that does not know updates leaves one unanswered. */
  rejectUnanswered(run: Execution, task: PendingTask): void {
    for (const update of task.sent)
      if (update.state === 'sent') this.#answer(run, update, { failure: { message: 'the worker did not process it' } });
  }

  /** What the run had accepted fails with it; what it had not taken was never there. */
  closed(run: Execution): void {
    for (const update of run.updates.values()) {
      if (update.state === 'over') continue;
      if (update.state === 'accepted') {
        this.#answer(run, update, { failure: closedBeforeCompleted });
        continue;
      }
      update.isLost = true;
      update.state = 'over';
      notify(update.watchers);
    }
  }

  #update(run: Execution, id: string): Update {
    const update = run.updates.get(id);
    if (!update) throw new Error(`${run.workflowId} has no update ${id}`);
    return update;
  }

  #answer({ workflowId }: Execution, update: Update, outcome: UpdateOutcome): void {
    update.state = 'over';
    update.outcome = outcome;
    this.#context.trace(`${workflowId} update ${update.name}: ${outcome.failure?.message ?? 'completed'}`);
    notify(update.watchers);
  }
}

const closedBeforeCompleted = {
  message: 'Workflow Update failed because the Workflow completed before the Update completed.',
  source: 'Server',
  applicationFailureInfo: { type: 'AcceptedUpdateCompletedWorkflow', nonRetryable: true },
};
