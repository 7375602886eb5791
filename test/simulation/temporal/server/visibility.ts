import type { Payload } from '../events.ts';
import { searchAttributesOf } from '../payloads.ts';
import type { ServerContext } from './context.ts';
import { type Execution, isRunning, type RunStatus } from './execution.ts';
import { type Condition, parseQuery } from './visibility-query.ts';

/** A run as lists show it: a while ago. */
export interface VisibilityRecord {
  run: Execution;
  status: RunStatus;
  closedAt: number | undefined;
  searchAttributes: Record<string, Payload>;
}

/** Its fields by the names that queries use: read for each list, and made once. */
type ListedRecord = VisibilityRecord & { fields: Readonly<Record<string, unknown>> };

const statusNames: Readonly<Record<RunStatus, string>> = {
  RUNNING: 'Running',
  COMPLETED: 'Completed',
  FAILED: 'Failed',
  CANCELED: 'Canceled',
  TERMINATED: 'Terminated',
  CONTINUED_AS_NEW: 'ContinuedAsNew',
};

/** Lists of runs, which lag behind as a server's do. */
export class Visibility {
  readonly #context: ServerContext;
  readonly #records = new Map<string, ListedRecord>();
  /** Pollers ask the same again and again. */
  readonly #conditions = new Map<string, Condition>();

  constructor(context: ServerContext) {
    this.#context = context;
  }

  changed(run: Execution): void {
    const { clock, latency } = this.#context;
    clock.in(latency.visibility(), () => {
      const { status, closedAt, searchAttributes } = run;
      const record = { run, status, closedAt, searchAttributes: { ...searchAttributes } };
      this.#records.set(run.runId, { ...record, fields: fieldsOf(record) });
    });
  }

  /** Running ones first, then the newest first. @throws Error at a query that cannot be read. */
  list(query = ''): ListedRecord[] {
    const holds = this.#conditions.get(query) ?? parseQuery(query);
    this.#conditions.set(query, holds);
    const startedAt = ({ run }: VisibilityRecord): number => run.history[0]?.at ?? 0;
    return [...this.#records.values()]
      .filter(({ fields }) => holds(fields))
      .sort((a, b) => Number(isRunning(b.run)) - Number(isRunning(a.run)) || startedAt(b) - startedAt(a));
  }

  /** How many there are, for each value of the fields that `GROUP BY` names. */
  count(query = ''): { count: number; groups: { values: Payload[]; count: number }[] } {
    const [filter = '', by] = query.split(/\s*\bGROUP BY\b\s*/i);
    const records = this.list(filter);
    if (!by) return { count: records.length, groups: [] };
    const names = by.split(',').map((name) => name.trim().replaceAll('`', ''));
    const groups = new Map<string, { values: Payload[]; count: number }>();
    for (const record of records) {
      const values = names.map((name) => groupValueOf(record, name));
      const key = JSON.stringify(names.map((name) => record.fields[name] ?? null));
      const group = groups.get(key) ?? { values, count: 0 };
      group.count += 1;
      groups.set(key, group);
    }
    return { count: records.length, groups: [...groups.values()] };
  }
}

const groupValueOf = ({ status, searchAttributes }: VisibilityRecord, name: string): Payload =>
  name === 'ExecutionStatus' ? keyword(statusNames[status]) : (searchAttributes[name] ?? keyword(null));

const keyword = (value: string | null): Payload => ({
  metadata: { encoding: new TextEncoder().encode('json/plain'), type: new TextEncoder().encode('Keyword') },
  data: new TextEncoder().encode(JSON.stringify(value)),
});

function fieldsOf({ run, status, closedAt, searchAttributes }: VisibilityRecord): Record<string, unknown> {
  const startedAt = new Date(run.history[0]?.at ?? 0).toISOString();
  return {
    ...searchAttributesOf(searchAttributes),
    WorkflowType: run.type,
    WorkflowId: run.workflowId,
    ParentWorkflowId: run.parent?.run.workflowId,
    RunId: run.runId,
    TaskQueue: run.taskQueue,
    ExecutionStatus: statusNames[status],
    StartTime: startedAt,
    ExecutionTime: startedAt,
    ...(closedAt !== undefined && { CloseTime: new Date(closedAt).toISOString() }),
  };
}
