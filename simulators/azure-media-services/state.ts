import { randomBytes, randomUUID } from 'node:crypto';
import type { SimResource } from '../kit/types.ts';
import { ArmError } from './errors.ts';

export type JsonObject = Record<string, unknown>;

/** documented(https://learn.microsoft.com/azure/media-services/latest/live-event-states-billing-concept) */
export type EventState = 'Stopped' | 'Allocating' | 'StandBy' | 'Starting' | 'Running' | 'Stopping' | 'Deleting';

export interface LiveOutput {
  name: string;
  assetName: string;
  properties: JsonObject;
  state: 'Creating' | 'Running' | 'Deleting';
  created: number;
  lastModified: number;
}

export interface LiveEvent {
  name: string;
  location: string;
  tags: Record<string, string>;
  /** As given, with the server's defaults; what is read-only is added when it is shown. */
  properties: JsonObject;
  accessToken: string;
  /** The client chose it, so it outlives a stop. */
  keepsToken: boolean;
  previewLocator: string;
  state: EventState;
  busy: boolean;
  outputs: Map<string, LiveOutput>;
  created: number;
  lastModified: number;
}

/** One cut of a recording; its bytes are in the store. */
export interface Fragment {
  storeKey: string;
  durationMs: number;
  /** Epoch milliseconds. */
  startedAt: number;
  discontinuity: boolean;
}

/** What a live output leaves in its asset. */
export interface Archive {
  manifestName: string;
  windowMs: number;
  openedAt: number;
  /** The output was deleted then; what began before still comes in. */
  closedAt?: number;
  /** Nothing will be added. */
  ended: boolean;
  fragments: Fragment[];
  /** How many fell out of the window. */
  dropped: number;
  bitsPerSecond?: number;
  size?: { width: number; height: number };
}

export interface Asset {
  name: string;
  assetId: string;
  properties: JsonObject;
  archive?: Archive;
  created: number;
  lastModified: number;
}

export interface Locator {
  name: string;
  properties: JsonObject;
  assetName: string;
  streamingLocatorId: string;
  created: number;
}

export interface Endpoint {
  name: string;
  state: 'Stopped' | 'Starting' | 'Running' | 'Stopping';
  busy: boolean;
  created: number;
  lastModified: number;
}

export interface Operation {
  id: string;
  status: 'InProgress' | 'Succeeded';
  /** Path of the resource, below the account, lower case. */
  resource: string;
}

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
  location: string;
  slowness: number;
}

/** How long transitions take here at slowness 1, milliseconds. recorded(Azure/azure-cli) were 2 to 5 s; scaled down. */
const usualMs = { create: 200, allocate: 500, start: 800, stop: 600, delete: 300, output: 200, endpoint: 500 };

/** documented(https://learn.microsoft.com/azure/media-services/latest/limits-quotas-constraints-reference) */
const limits = { liveEvents: 5, outputs: 3, outputsBasic: 1 };

/** Told of what the media side must do. */
export interface StateListener {
  /** Nobody may send to this live event any more. */
  closed(event: LiveEvent, reason: string): void;
  outputOpened(event: LiveEvent, output: LiveOutput): void;
  outputClosed(event: LiveEvent, output: LiveOutput): void;
}

/** One media account: what exists, and its transitions. */
export class AccountState {
  readonly options: AccountOptions;
  readonly events = new Named<LiveEvent>();
  readonly assets = new Named<Asset>();
  readonly locators = new Named<Locator>();
  readonly endpoints = new Named<Endpoint>();
  readonly operations = new Map<string, Operation>();
  listener: StateListener | undefined;
  outputsMade = 0;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: AccountOptions) {
    this.options = options;
    const now = Date.now();
    // documented(https://learn.microsoft.com/azure/media-services/latest/stream-streaming-endpoint-concept): made stopped.
    this.endpoints.add({ name: 'default', state: 'Stopped', busy: false, created: now, lastModified: now });
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  createEvent(event: LiveEvent, autoStart: boolean): Operation {
    if (this.events.all().length >= limits.liveEvents) throw new ArmError('QuotaExceeded');
    this.events.add(event);
    if (autoStart) event.state = 'Starting';
    return this.#run(event, eventPath(event), usualMs.create + (autoStart ? usualMs.start : 0), () => {
      if (autoStart) event.state = 'Running';
    });
  }

  allocate(event: LiveEvent): Operation {
    this.#expect(event, 'allocate', ['Stopped']);
    event.state = 'Allocating';
    return this.#run(event, eventPath(event), usualMs.allocate, () => {
      event.state = 'StandBy';
    });
  }

  start(event: LiveEvent): Operation {
    this.#expect(event, 'start', ['Stopped', 'StandBy']);
    event.state = 'Starting';
    return this.#run(event, eventPath(event), usualMs.start, () => {
      event.state = 'Running';
    });
  }

  /** `removes` false with outputs is refused: documented(https://learn.microsoft.com/rest/api/media/live-events/stop). */
  stop(event: LiveEvent, removes: boolean): Operation {
    this.#expect(event, 'stop', ['Running', 'StandBy']);
    if (event.outputs.size > 0 && !removes) {
      throw new ArmError('BadRequest', 'The live event has live outputs; delete them or set removeOutputsOnStop.');
    }
    event.state = 'Stopping';
    this.#closeOutputs(event);
    this.listener?.closed(event, 'MPI_REST_API_CHANNEL_STOP');
    return this.#run(event, eventPath(event), usualMs.stop, () => {
      event.state = 'Stopped';
      // A host of its own would change with the stop; on loopback the token stands for it (assumed).
      if (event.properties.useStaticHostname !== true && !event.keepsToken) event.accessToken = newToken();
    });
  }

  /** Deletes the outputs, stops and starts. documented(…/live-events/reset); the states in between: assumed. */
  reset(event: LiveEvent): Operation {
    this.#expect(event, 'reset', ['Running']);
    event.state = 'Stopping';
    this.#closeOutputs(event);
    this.listener?.closed(event, 'MPI_REST_API_CHANNEL_RESET');
    return this.#run(event, eventPath(event), usualMs.stop + usualMs.start, () => {
      event.state = 'Running';
    });
  }

  /** Refused unless stopped and without outputs; the code is assumed. */
  deleteEvent(event: LiveEvent): Operation {
    this.#expect(event, 'delete', ['Stopped']);
    if (event.outputs.size > 0) throw new ArmError('BadRequest', 'The live event has live outputs; delete them first.');
    event.state = 'Deleting';
    return this.#run(event, eventPath(event), usualMs.delete, () => {
      this.events.delete(event.name);
    });
  }

  createOutput(event: LiveEvent, output: LiveOutput): Operation {
    this.assertFree(event);
    const basic = (event.properties.encoding as JsonObject | undefined)?.encodingType === 'PassthroughBasic';
    if (event.outputs.size >= (basic ? limits.outputsBasic : limits.outputs)) throw new ArmError('QuotaExceeded');
    event.outputs.set(output.name.toLowerCase(), output);
    this.outputsMade += 1;
    this.listener?.outputOpened(event, output);
    return this.#run(event, `${eventPath(event)}/liveoutputs/${output.name.toLowerCase()}`, usualMs.output, () => {
      output.state = 'Running';
    });
  }

  /** At once and without an operation: recorded(Azure/azure-cli, test_live_output_delete). */
  deleteOutput(event: LiveEvent, output: LiveOutput): void {
    this.assertFree(event);
    event.outputs.delete(output.name.toLowerCase());
    this.listener?.outputClosed(event, output);
  }

  moveEndpoint(endpoint: Endpoint, goal: 'Running' | 'Stopped'): Operation {
    if (endpoint.busy) throw new ArmError('Conflict');
    const path = `streamingendpoints/${endpoint.name.toLowerCase()}`;
    if (endpoint.state === goal) throw new ArmError('BadRequest', `The streaming endpoint is ${goal} already.`);
    endpoint.state = goal === 'Running' ? 'Starting' : 'Stopping';
    return this.#run(endpoint, path, usualMs.endpoint, () => {
      endpoint.state = goal;
    });
  }

  /** One operation at a time per live event, its outputs counted: documented; that the second gets 409: assumed. */
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

  #run(target: { busy: boolean; lastModified: number }, resource: string, ms: number, apply: () => void): Operation {
    const operation: Operation = { id: randomUUID(), status: 'InProgress', resource };
    this.operations.set(operation.id, operation);
    target.busy = true;
    const finish = () => {
      target.busy = false;
      target.lastModified = Date.now();
      apply();
      operation.status = 'Succeeded';
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

export const eventPath = (event: LiveEvent): string => `liveevents/${event.name.toLowerCase()}`;

/** 32 hexadecimal digits: recorded(Azure/azure-cli, test_live_event_create). */
export const newToken = (): string => randomBytes(16).toString('hex');
