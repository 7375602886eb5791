import type {
  Channel,
  ChannelRef,
  EventSpec,
  IngestEndpoint,
  LiveChannel,
  LiveWindow,
  Observation,
  Output,
  StopEvidence,
  VodAsset,
} from '../domain/channel.ts';
import type { Playback } from '../domain/playback.ts';
import type { CountPlanned, PreflightLook } from '../domain/preflight.ts';

/**
 * Either the goal is reached, or what we are waiting for and when to look again. Waiting is not an error. `made` is the
 * vendor's id of what was made and no list may show yet: the next attempt, also of another worker, gets it again.
 */
export type Progress<T> =
  | { done: true; value: T }
  | { done: false; waitingFor: string; retryAfterMs: number; made?: string };

export const done = <T>(value: T): Progress<T> => ({ done: true, value });
export const notYet = (waitingFor: string, retryAfterMs: number, made?: string): Progress<never> => ({
  done: false,
  waitingFor,
  retryAfterMs,
  ...(made !== undefined && { made }),
});

/** Whose channel is to be named. */
export interface NamedEvent extends Pick<EventSpec, 'eventId' | 'workflowId'> {
  /**
   * The run that makes it. Where encoders are let in by the channel's name, the name is this run's own, so that the publish
   * URL of an earlier run of the event lets no encoder in.
   */
  run?: string;
  /** The name that an earlier run of the event has given; kept where it is one that this event's channels may have. */
  kept?: string;
}

/** One page of a listing; `next` is absent on the last. */
export interface Page<T> {
  items: T[];
  next?: string;
}

/** The answer to a GET of a recording's file, by HTTP or S3. */
export interface VodFile {
  status: number;
  /** The address that answered in the end, where redirects led elsewhere: what the file refers to is relative to it. */
  url?: string;
  contentType: string;
  etag?: string;
  /** Size of the whole file where known, also when a range was asked. */
  totalBytes?: number;
  body: Uint8Array;
  /** There was more than may be read at once. */
  cutOff?: boolean;
  /** Why it was not asked for, or not to the end: its address, or one it was redirected to, is not for us. No status then. */
  refused?: string;
}

/** Both inclusive. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Whether the encoder that a reset was to drop is back: its call was made, and its answer lost. */
export type IsBack = () => Promise<boolean>;

/**
 * A vendor, level-triggered: each method looks at what the vendor has now, does at most what is missing, and says
 * whether the goal is reached. Stateless. Calling any method twice, at once, or after a lost response leads to the
 * same state. Only a definite "does not exist" means absent. Every failure is a `VendorError`; none carries a secret.
 * Nothing returned except by `ingest` and `viewerUrl` may contain a secret: it goes into history.
 */
export interface VendorDriver {
  /**
   * The name this event's channel has or will have, without asking the vendor: the run records it before anything is
   * made, so that `cleanUp` can always be called. Throws `invalid-request` when no name can be made of the event id.
   */
  refOf(event: NamedEvent): ChannelRef;

  /**
   * What would go wrong with the event, as far as it can be asked: reads, and questions of which nothing can come, at most
   * ten. Changes nothing. A refusal of the vendor is a finding, not an error; what could not be asked is said to be unseen.
   */
  preflight(event: EventSpec, planned: CountPlanned): Promise<PreflightLook>;

  /**
   * A channel with our ownership tag exists, closed to encoders, not billed if the vendor allows (or warm, if `standby`). Where
   * `event.joins`, one that is open stays open, with its encoder and its key.
   */
  allocate(event: EventSpec): Promise<Progress<Channel>>;

  /** The channel accepts encoders. A channel that vanished is `not-found`. */
  start(channel: Channel): Promise<Progress<void>>;

  /** The show is being recorded, or will be from the first frame. A recording that cannot be is an error here. */
  createOutput(channel: Channel): Promise<Progress<Output>>;

  /** The encoder on the channel. */
  observe(channel: Channel): Promise<Observation>;

  /**
   * Every channel of the account that an encoder sends to now, ours or not, for the price of the pages that list them.
   * Where a vendor can list them, one poller serves all waiting events of the account.
   */
  listLive?(): Promise<LiveChannel[]>;

  /** That a channel is in `listLive` proves as much as `observe` of it alone; absent where the list also has closed ones. */
  listProves?: true;

  /**
   * Where viewers watch the channel, as early as the vendor allows, also before anything is sent. The addresses carry no
   * token and no signature.
   */
  playback(channel: Channel): Promise<Playback>;

  /**
   * An address of `playback`, or one that its playlists name, as a player with access asks for it: with the token or the
   * signature that it needs. A secret, made on request, kept nowhere. Throws `unauthorized` when the account cannot make it.
   */
  viewerUrl(channel: Channel, url: string): Promise<string>;

  /**
   * Drops the current connection so that the encoder reconnects; without an encoder it is done at once. Where that ends
   * the output, a new one records from then on and is returned; `output` is what recorded when the reset was asked for.
   * `isBack` is asked just before the connection is dropped: whether it is another one than an attempt before was to drop.
   */
  reset(channel: Channel, output?: Output, isBack?: IsBack): Promise<Progress<Output | undefined>>;

  /**
   * Closed for good: new ingest connections are blocked first, then the connection is dropped, then the driver looks until nothing sends.
   * An encoder that keeps knocking is refused. Billing ends here. A channel that is gone is success.
   */
  stop(channel: Channel, output?: Output): Promise<Progress<StopEvidence>>;

  /** The recording as playable assets. Not yet while the vendor still writes; an empty list when nothing was recorded. */
  publishVod(channel: Channel, output: Output, windows: readonly LiveWindow[]): Promise<Progress<VodAsset[]>>;

  /**
   * A file of a recording as a player with access would get it. Every status is an answer, a redirect is followed, and no
   * more is read than was asked. Addresses in a recording come from outside: besides the account's own and that of
   * `asset`, the recording it belongs to, only public ones are asked.
   */
  fetchVod(url: string, range?: ByteRange, asset?: string): Promise<VodFile>;

  /** Nothing billed is left and the recording is kept. Includes what `stop` does. Absent is success. */
  cleanUp(ref: ChannelRef): Promise<Progress<void>>;

  /** Where the encoder sends. Secrets, for the caller's eyes; made on request, kept nowhere. */
  ingest(channel: Channel): Promise<IngestEndpoint[]>;

  /** Every resource in the account that carries our ownership tag, a page at a time, for the sweep. */
  owned(cursor?: string): Promise<Page<ChannelRef>>;

  /**
   * Makes what every event of the account shares and no event may make for itself (a record preset takes minutes to
   * apply). Run by `showcaller setup`; what is there already is left alone. Returns what was done, a line each.
   */
  setUp?(): Promise<string[]>;
}
