import type { JsonObject } from './fields.ts';

/** documented(https://learn.microsoft.com/azure/media-services/latest/live-event-states-billing-concept) */
export type EventState = 'Stopped' | 'Allocating' | 'StandBy' | 'Starting' | 'Running' | 'Stopping' | 'Deleting';

/** When the resource manager took the requests that made and changed a resource. Epoch milliseconds. */
export interface SystemData {
  createdAt: number;
  lastModifiedAt: number;
}

/** Epoch milliseconds with a fraction, as all instants here. */
interface Dated {
  created: number;
  lastModified: number;
}

export interface LiveOutput extends Dated {
  name: string;
  assetName: string;
  manifestName: string;
  properties: JsonObject;
  state: 'Creating' | 'Running' | 'Deleting';
  systemData: SystemData;
}

export interface LiveEvent extends Dated {
  name: string;
  /** Of the operations on it. */
  targetId: string;
  tags: Record<string, string>;
  /** As given and updated; what is shown is made from it. */
  properties: JsonObject;
  accessToken: string;
  previewLocator: string;
  /** What stands for the host name of its URLs on loopback. */
  hostLabel: string;
  state: EventState;
  busy: boolean;
  /** It has been allocated or started at least once. */
  wasUp: boolean;
  outputs: Map<string, LiveOutput>;
  systemData: SystemData;
}

/** One cut of a recording; its bytes are in the store. */
export interface Fragment {
  storeKey: string;
  durationMs: number;
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

export interface Asset extends Dated {
  name: string;
  assetId: string;
  properties: JsonObject;
  archive?: Archive;
  systemData: SystemData;
}

export interface Locator {
  name: string;
  properties: JsonObject;
  assetName: string;
  streamingLocatorId: string;
  created: number;
  systemData: SystemData;
}

export interface Endpoint extends Dated {
  name: string;
  targetId: string;
  state: 'Stopped' | 'Starting' | 'Running' | 'Stopping';
  busy: boolean;
}

export interface Operation {
  id: string;
  kind: 'liveevent' | 'liveoutput' | 'streamingendpoint';
  status: 'InProgress' | 'Succeeded' | 'Failed';
  /** Path of the resource, below the account. */
  resource: string;
  /** What its `error` points to, also when there is none. */
  target: string;
}
