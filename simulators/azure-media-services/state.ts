import { randomBytes, randomUUID } from 'node:crypto';
import { BillingMeter } from '../kit/billing-meter.ts';
import type { SimResource } from '../kit/types.ts';
import { ArmError } from './errors.ts';
import { preciseNow } from './fields.ts';
import type { Asset, Endpoint, EventState, LiveEvent, LiveOutput, Locator, Operation } from './records.ts';

/** Names of Azure are compared without case and shown as first given. */
class Named<T extends { name: string }> {
  readonly #items = new Map<string, T>();
  /** All that were ever added. */
  made = 0;

  get(name: string): T | undefined {
    return this.#items.get(name.toLowerCase());
  }
  add(item: T): T {
    this.#items.set(item.name.toLowerCase(), item);
    this.made += 1;
    return item;
  }
  delete(name: string): boolean {
    return this.#items.delete(name.toLowerCase());
  }
  /** By name, as the service lists. */
  all(): T[] {
    return [...this.#items.values()].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }
}

export interface AccountOptions {
  subscriptionId: string;
  resourceGroup: string;
  accountName: string;
  mediaServiceId: string;
  location: string;
  slowness: number;
}

/**
 * How long transitions take here at slowness 1, milliseconds; scaled down from 2 to 5 s.
 * recorded(https://github.com/Azure/azure-cli#test_live_event_stop_and_remove_outputs)
 */
const usualMs = {
  create: 200,
  allocate: 500,
  start: 800,
  stop: 600,
  update: 200,
  delete: 300,
  output: 200,
  endpoint: 500,
};

/** documented(https://learn.microsoft.com/azure/media-services/latest/limits-quotas-constraints-reference) */
const limits = { liveEvents: 5, outputs: 3, outputsBasic: 1 };

const nothing = '00000000-0000-0000-0000-000000000000';

/** What the media side must do. */
export interface StateListener {
  /** The live event takes no more ingest connections. */
  closed(event: LiveEvent, reason: string): void;
  outputOpened(event: LiveEvent, output: LiveOutput): void;
  outputClosed(event: LiveEvent, output: LiveOutput): void;
}

/** One media account: what exists, and its transitions. */
export class AccountState {
  readonly options: AccountOptions;
  readonly createdAt = preciseNow();
  readonly events = new Named<LiveEvent>();
  readonly assets = new Named<Asset>();
  readonly locators = new Named<Locator>();
  readonly endpoints = new Named<Endpoint>();
  readonly operations = new Map<string, Operation>();
  listener: StateListener | undefined;
  outputsMade = 0;
  readonly meter = new BillingMeter(() => this.resources('azure-media-services'));
  readonly #timers = new Set<NodeJS.Timeout>();
  #failsLater = false;

  constructor(options: AccountOptions) {
    this.options = options;
    const now = this.createdAt;
    // Made stopped. documented(https://learn.microsoft.com/azure/media-services/latest/stream-streaming-endpoint-concept)
    const endpoint = { name: 'default', targetId: randomUUID(), state: 'Stopped', busy: false } as const;
    this.endpoints.add({ ...endpoint, created: now, lastModified: now });
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** What is begun in `work`, before it waits for anything, ends as failed. */
  failing<T>(failsLater: boolean, work: () => T): T {
    this.#failsLater = failsLater;
    try {
      return work();
    } finally {
      this.#failsLater = false;
    }
  }

  createEvent(event: LiveEvent, autoStart: boolean): Operation {
    if (this.events.all().length >= limits.liveEvents) throw new ArmError('QuotaExceeded');
    this.events.add(event);
    if (autoStart) event.state = 'Starting';
    return this.#onEvent(
      event,
      usualMs.create + (autoStart ? usualMs.start : 0),
      () => {
        if (autoStart) event.state = 'Running';
      },
      () => this.events.delete(event.name),
    );
  }

  /** The event is shown as changed at once; its last change is dated when the operation ends. recorded(https://github.com/Azure/azure-cli#test_live_event_update) */
  updateEvent(event: LiveEvent): Operation {
    this.assertFree(event);
    event.systemData.lastModifiedAt = preciseNow();
    return this.#onEvent(event, usualMs.update, () => undefined);
  }

  allocate(event: LiveEvent): Operation {
    this.#expect(event, 'allocate', ['Stopped']);
    return this.#moves(event, 'Allocating', usualMs.allocate, () => {
      event.state = 'StandBy';
    });
  }

  start(event: LiveEvent): Operation {
    this.#expect(event, 'start', ['Stopped', 'StandBy']);
    return this.#moves(event, 'Starting', usualMs.start, () => {
      event.state = 'Running';
    });
  }

  /** `removes` false with outputs is refused. documented(https://learn.microsoft.com/rest/api/media/live-events/stop) */
  stop(event: LiveEvent, removes: boolean): Operation {
    this.#expect(event, 'stop', ['Running', 'StandBy']);
    if (event.outputs.size > 0 && !removes) {
      throw new ArmError('BadRequest', 'The live event has live outputs; delete them or set removeOutputsOnStop.');
    }
    this.#closeOutputs(event);
    this.listener?.closed(event, 'MPI_REST_API_CHANNEL_STOP');
    return this.#moves(event, 'Stopping', usualMs.stop, () => {
      event.state = 'Stopped';
      // The token stays, the host does not. recorded(https://github.com/Azure/azure-cli#test_live_event_stop_and_remove_outputs)
      if (event.properties.useStaticHostname !== true) event.hostLabel = newToken();
    });
  }

  /** Deletes the outputs, stops and starts. documented(https://learn.microsoft.com/rest/api/media/live-events/reset) */
  reset(event: LiveEvent): Operation {
    this.#expect(event, 'reset', ['Running']);
    this.#closeOutputs(event);
    this.listener?.closed(event, 'MPI_REST_API_CHANNEL_RESET');
    return this.#moves(event, 'Stopping', usualMs.stop + usualMs.start, () => {
      event.state = 'Running';
    });
  }

  deleteEvent(event: LiveEvent): Operation {
    this.#expect(event, 'delete', ['Stopped']);
    if (event.outputs.size > 0) throw new ArmError('BadRequest', 'The live event has live outputs; delete them first.');
    const operation = this.#moves(event, 'Deleting', usualMs.delete, () => {
      this.events.delete(event.name);
    });
    operation.target = nothing;
    return operation;
  }

  createOutput(event: LiveEvent, output: LiveOutput): Operation {
    this.assertFree(event);
    const basic = (event.properties.encoding as { encodingType?: string } | undefined)?.encodingType;
    const most = basic === 'PassthroughBasic' ? limits.outputsBasic : limits.outputs;
    if (event.outputs.size >= most) throw new ArmError('QuotaExceeded');
    event.outputs.set(output.name.toLowerCase(), output);
    this.outputsMade += 1;
    this.listener?.outputOpened(event, output);
    const resource = `liveevents/${event.name}/liveoutputs/${output.name}`;
    const operation = this.#operation('liveoutput', resource, event.targetId);
    return this.#run(
      operation,
      event,
      usualMs.output,
      () => {
        output.state = 'Running';
        output.lastModified = preciseNow();
      },
      () => event.outputs.delete(output.name.toLowerCase()),
    );
  }

  /** At once and without an operation. recorded(https://github.com/Azure/azure-sdk-for-net#LiveOutputBasicTests) */
  deleteOutput(event: LiveEvent, output: LiveOutput): void {
    this.assertFree(event);
    event.outputs.delete(output.name.toLowerCase());
    this.listener?.outputClosed(event, output);
  }

  moveEndpoint(endpoint: Endpoint, goal: 'Running' | 'Stopped'): Operation {
    if (endpoint.busy) throw new ArmError('Conflict');
    if (endpoint.state === goal) throw new ArmError('BadRequest', `The streaming endpoint is ${goal} already.`);
    const before = endpoint.state;
    endpoint.state = goal === 'Running' ? 'Starting' : 'Stopping';
    const operation = this.#operation('streamingendpoint', `streamingendpoints/${endpoint.name}`, endpoint.targetId);
    return this.#run(
      operation,
      endpoint,
      usualMs.endpoint,
      () => {
        endpoint.state = goal;
        endpoint.lastModified = preciseNow();
      },
      () => {
        endpoint.state = before;
      },
    );
  }

  /**
   * One operation at a time per live event, its outputs counted.
   * documented(https://learn.microsoft.com/azure/media-services/latest/live-event-outputs-concept)
   */
  assertFree(event: LiveEvent): void {
    if (event.busy) throw new ArmError('Conflict');
  }

  resources(vendor: string): SimResource[] {
    const found: SimResource[] = [];
    const add = (kind: string, name: string, billed: boolean, state?: string) =>
      found.push({ vendor, kind, name, billed, ...(state && { state }) });
    for (const event of this.events.all()) {
      add('liveEvent', event.name, event.state === 'StandBy' || event.state === 'Running', event.state);
      for (const output of event.outputs.values())
        add('liveOutput', `${event.name}/${output.name}`, false, output.state);
    }
    for (const asset of this.assets.all()) add('asset', asset.name, false);
    for (const locator of this.locators.all()) add('streamingLocator', locator.name, false);
    for (const endpoint of this.endpoints.all()) {
      add('streamingEndpoint', endpoint.name, endpoint.state === 'Running', endpoint.state);
    }
    return found;
  }

  made(): Record<string, number> {
    return {
      liveEvent: this.events.made,
      liveOutput: this.outputsMade,
      asset: this.assets.made,
      streamingLocator: this.locators.made,
    };
  }

  #closeOutputs(event: LiveEvent): void {
    for (const output of event.outputs.values()) this.listener?.outputClosed(event, output);
    event.outputs.clear();
  }

  #expect(event: LiveEvent, verb: string, legal: EventState[]): void {
    this.assertFree(event);
    if (!legal.includes(event.state)) {
      throw new ArmError('BadRequest', `Cannot ${verb} a live event that is ${event.state}.`);
    }
  }

  /** Through a state to another; back to where it was when the operation fails. */
  #moves(event: LiveEvent, through: EventState, ms: number, apply: () => void): Operation {
    const rest = event.state;
    event.state = through;
    return this.#onEvent(event, ms, apply, () => {
      event.state = rest;
    });
  }

  #onEvent(event: LiveEvent, ms: number, apply: () => void, undo: () => void = () => undefined): Operation {
    const operation = this.#operation('liveevent', `liveevents/${event.name}`, event.targetId);
    const applied = () => {
      event.lastModified = preciseNow();
      apply();
      event.wasUp ||= event.state === 'StandBy' || event.state === 'Running';
    };
    return this.#run(operation, event, ms, applied, undo);
  }

  #operation(kind: Operation['kind'], resource: string, target: string): Operation {
    const operation: Operation = { id: randomUUID(), kind, status: 'InProgress', resource, target };
    this.operations.set(operation.id, operation);
    return operation;
  }

  #run(operation: Operation, target: { busy: boolean }, ms: number, apply: () => void, undo: () => void): Operation {
    target.busy = true;
    this.meter.read();
    const fails = this.#failsLater;
    const finish = () => {
      target.busy = false;
      (fails ? undo : apply)();
      this.meter.read();
      operation.status = fails ? 'Failed' : 'Succeeded';
    };
    const delay = ms * this.options.slowness;
    if (delay === 0) {
      finish();
      return operation;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      finish();
    }, delay);
    this.#timers.add(timer);
    return operation;
  }
}

/** 32 hexadecimal digits. recorded(https://github.com/Azure/azure-cli#test_live_event_update) */
export const newToken = (): string => randomBytes(16).toString('hex');
