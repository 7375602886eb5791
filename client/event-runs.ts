import { status } from '@grpc/grpc-js';
import {
  type Client,
  isGrpcServiceError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { eventKey, partsOfKey, workflowIdOf } from '../domain/ids.ts';
import { NoSuchEventError } from './errors.ts';
import { firstValues, summaryOf } from './listing.ts';

export const isNotFound = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && error.code === status.NOT_FOUND);

/** A place where the run of an event may be. */
interface RunPlace {
  workflowId: string;
  /** Set where the name does not prove the tenant: then the run's search attribute must name this one. */
  mustBeOf?: string;
}

/**
 * Finds the runs of events by the names that callers give: an event's id, or its key (`acme/final`). An event of a tenant
 * runs in the tenant's name space, or under its plain name when it was started by an operator of all tenants, by hand in
 * Temporal, or by a version before name spaces. What belongs to another tenant is never found.
 */
export class EventRuns {
  readonly #client: Client;
  readonly #tenant: string | undefined;

  constructor(client: Client, tenant: string | undefined) {
    this.#client = client;
    this.#tenant = tenant;
  }

  /** @throws NoSuchEventError when there is no such event, or it is another tenant's. */
  async about<T>(name: string, ask: (handle: WorkflowHandle) => Promise<T>): Promise<T> {
    let cause: unknown;
    for (const place of this.#placesOf(name)) {
      try {
        const handle = this.#client.workflow.getHandle(place.workflowId);
        if (place.mustBeOf === undefined || isOf(await handle.describe(), place)) return await ask(handle);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        cause = error;
      }
    }
    throw new NoSuchEventError(name, { cause });
  }

  /** Where a new event of this id runs: in the caller's name space. */
  newWorkflowId(eventId: string): string {
    return workflowIdOf(eventKey(eventId, this.#tenant));
  }

  /** The status in Temporal of the run with this id; undefined where there is none. */
  async statusOf(workflowId: string): Promise<string | undefined> {
    try {
      return (await this.#client.workflow.getHandle(workflowId).describe()).status.name;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** The run of an event of this tenant elsewhere than where a new one would run; undefined where there is none. */
  async elsewhere(eventId: string, tenant: string | undefined): Promise<WorkflowExecutionDescription | undefined> {
    if (tenant === undefined) return undefined;
    const [own, plain] = placesOf(eventId, tenant);
    const place = this.#tenant === undefined ? own : plain;
    try {
      const found = await this.#client.workflow.getHandle(place.workflowId).describe();
      return isOf(found, place) ? found : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #placesOf(name: string): RunPlace[] {
    const { id, tenant = this.#tenant } = partsOfKey(name);
    if (tenant === undefined) return [{ workflowId: workflowIdOf(name) }];
    return this.#tenant === undefined || tenant === this.#tenant ? placesOf(id, tenant) : [];
  }
}

const placesOf = (eventId: string, tenant: string): [own: RunPlace, plain: RunPlace] => [
  { workflowId: workflowIdOf(eventKey(eventId, tenant)) },
  { workflowId: workflowIdOf(eventId), mustBeOf: tenant },
];

const isOf = (
  { workflowId, status, searchAttributes }: WorkflowExecutionDescription,
  { mustBeOf }: RunPlace,
): boolean =>
  mustBeOf === undefined || summaryOf(workflowId, status.name, firstValues(searchAttributes)).tenant === mustBeOf;
