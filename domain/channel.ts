import type { JsonObject } from './json.ts';

/** Names one channel at one vendor account; enough to find and release it, also after its run is gone. */
export interface ChannelRef {
  vendor: string;
  account: string;
  /** Derived from the event id by the vendor's naming rules. */
  name: string;
  /** The vendor's own identifier where it is not the name (IVS: the ARN). */
  id?: string;
  /** The workflow id that owns it, read back from the resource. */
  workflowId: string;
  /** Where the account was when the channel was made, as the vendor's manifest writes it. Older runs have none. */
  place?: string;
  /** When the vendor made it, as the vendor writes it, where a name may be given again: distinguishes it from a later one. */
  madeAt?: string;
  /** Its allocation did not end: something of this name may have been made that no list shows yet. */
  unfinished?: true;
}

/** What `allocate` made or found. Goes into history: no secret may be in it. */
export interface Channel {
  ref: ChannelRef;
  /** What this vendor's driver must know in later steps. Only that driver reads it. */
  details: JsonObject;
}

/** What records the show. Goes into history. */
export interface Output {
  details: JsonObject;
  /** Nothing sent before this instant is recorded, epoch milliseconds; absent where everything is that the channel takes. */
  recordsSince?: number;
}

/** The part of a prepared plan that a driver gets when it allocates. Instants are epoch milliseconds. */
export interface EventSpec {
  /** The event's key: its id, after its tenant where it was made in a tenant's name space. Channel names are made of it. */
  eventId: string;
  workflowId: string;
  title: string;
  vendor: string;
  account: string;
  /** What the run, or an earlier attempt, has made: its name is kept, and nothing is made in another place or again. */
  made?: Pick<ChannelRef, 'name' | 'place' | 'id'>;
  startsAt: number;
  endsAt: number;
  /** No run goes on past this instant, extensions included. */
  hardEndsAt: number;
  /** Pay for a warm channel between allocate and start, where the vendor has such a thing. */
  standby: boolean;
  /** Where the vendor should pull from instead of waiting for a push; empty for push. */
  sources: string[];
  /** `vendorOptions` of the plan, checked by the vendor's own schema. */
  options: JsonObject;
  /**
   * The run joins the show that an earlier run of the event was cut off from: its open channel stays open, with its encoder
   * and its key.
   */
  joins?: boolean;
  /**
   * The run that asks. What an earlier run left open is closed, unless the run joins it; what this run itself has opened stays
   * open: an attempt of the allocation that was taken for dead may run after the channel was opened.
   */
  run?: string;
}

/** One look at the encoder. */
export interface Observation {
  encoder: 'absent' | 'connected' | 'starved';
  /** Changes when the encoder reconnects, where the vendor has session ids. */
  session?: string;
  /** When the vendor says this session began, epoch milliseconds. */
  since?: number;
  /** The vendor's own state word, for people (`Live`, `Idle`, `online`). */
  vendorState?: string;
  /** Small facts worth keeping: codec, size, bitrate, address. */
  evidence?: JsonObject;
}

/** One channel that is being sent to right now, as a listing of the whole account shows it. */
export interface LiveChannel {
  /** `keyOf` the channel's ref. */
  channel: string;
  observation: Observation;
}

/** The key of a channel in listings, search attributes and vendor events: the vendor's id, else its name. */
export const keyOf = (ref: ChannelRef): string => ref.id ?? ref.name;

/** The key with where it is one: two accounts may have channels of one name. */
export const placedKeyOf = (ref: ChannelRef): string => `${ref.vendor}/${ref.account}/${keyOf(ref)}`;

/** One push session as the vendor remembers it. Epoch milliseconds. */
export interface Session {
  id?: string;
  startedAt: number;
  /** Absent while it still runs. */
  endedAt?: number;
  evidence?: JsonObject;
}

/** What the vendor reports about the show once it is stopped. */
export interface StopEvidence {
  /** Oldest first; empty where the vendor keeps no history. */
  sessions: Session[];
  evidence?: JsonObject;
}

/** A span in which the encoder was sending. Epoch milliseconds. */
export interface LiveWindow {
  from: number;
  to: number;
}

/** One playable recording. A vendor may give several for one event. */
export interface VodAsset {
  /** A playlist; `https:`/`http:` for players, or the vendor's own scheme (`s3:`) where the driver must fetch it. */
  url: string;
  /** The spans of the show it covers, as far as the vendor says. */
  covers?: LiveWindow;
  /** What the vendor says it lasts, in milliseconds. */
  durationMs?: number;
  /** The vendor's own sign that nothing more will be added, e.g. `recording-ended.json`. */
  finality: string;
}

/** Where an encoder sends. Secret: shown to the caller, never to history. */
export interface IngestEndpoint {
  protocol: 'rtmp' | 'rtmps' | 'srt';
  /** Everything an encoder needs in one URL. */
  url: string;
  /** For encoders with two fields (OBS): the server part and the key part of `url`. */
  server: string;
  streamKey: string;
  /** Epoch milliseconds; absent when it does not expire. */
  expiresAt?: number;
}
