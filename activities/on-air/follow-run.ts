import type { Channel } from '../../domain/channel.ts';
import { keyOf } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { type OnAirChange, type OnAirState, usualDarkMs } from '../../domain/on-air.ts';
import { acceptsEncoder } from '../../domain/phases.ts';
import { isClosed, type Playback } from '../../domain/playback.ts';
import { redact } from '../../domain/redact.ts';
import type { EventStatus } from '../../domain/report.ts';
import { formatDuration } from '../../domain/time.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import type { PollerPort } from '../ports.ts';
import type { BlankDetector } from './blank.ts';
import { findingOf, type SegmentFinding } from './newest-segment.ts';
import { SignalBudget } from './signal-budget.ts';
import { Viewer, type ViewerGet } from './viewer.ts';

export interface FollowDeps {
  driver: VendorDriver;
  get: ViewerGet;
  poller: Pick<PollerPort, 'waiting' | 'statusOf' | 'isShowOver' | 'signalOnAir'>;
  /** Temporal's time, epoch milliseconds. */
  now(): number;
  /** A monotonic clock, milliseconds. */
  elapsed(): number;
  secrets(): readonly string[];
  /** Whether the vendor says that an encoder sends to the channel, and since when by the monotonic clock. */
  connectedSince(channel: string): number | undefined;
  /** Returns early when it is aborted. */
  sleep(ms: number, ended: AbortSignal): Promise<void>;
  /** Looks for black pictures and silence; absent where no ffmpeg is to be used. */
  blank?: BlankDetector;
  /** What viewers of a run get; undefined when it is not looked any more. */
  watched?(workflowId: string, state: OnAirState | undefined): void;
}

const second = 1000;
/** Before the first segment. */
const awaitedEveryMs = second;
/** At most two target durations of the shortest usual segments, should nothing say that an encoder sends. */
const idleEveryMs = 4 * second;
/** How often the newest segment is looked into. */
const probeEveryMs = 60 * second;
/** Two segments are looked into, and fetched before. */
const sureAfterMs = 2 * probeEveryMs + 30 * second;
/** How often the address is asked for again while viewers get nothing: a reset may have changed it. */
const addressEveryMs = 30 * second;
/** How long Temporal may take to say whether a show is over. */
const answerMs = second;

/**
 * Watches the live stream of one run as a viewer, and signals the run what changes, until it is ended or the show is over. Gives
 * `no address` where the run has none to watch.
 *
 * @param isNew nothing of what its viewers get was signalled to the run yet
 */
export async function followRun(
  deps: FollowDeps,
  workflowId: string,
  ended: AbortSignal,
  isNew = false,
): Promise<'no address' | undefined> {
  const shown = await shownBy(deps, workflowId, isNew);
  if (!shown) return undefined;
  if (!shown.channel || !shown.playback?.hls) return 'no address';
  const following = new Following(deps, workflowId, shown);
  try {
    while (!ended.aborted) {
      const nextInMs = await following.step();
      if (following.isShowOver) return undefined;
      await deps.sleep(nextInMs, ended);
    }
  } finally {
    deps.watched?.(workflowId, undefined);
  }
  return undefined;
}

type Shown = Pick<EventStatus, 'channel' | 'playback' | 'onAir'> & { darkMs?: number };

/** A question to the run is a task of its worker, and an Action at Temporal Cloud: only the run knows what it was signalled. */
async function shownBy({ poller }: FollowDeps, workflowId: string, isNew: boolean): Promise<Shown | undefined> {
  const said = isNew ? (await poller.waiting(workflowId))?.of : undefined;
  if (said) return said;
  const status = await poller.statusOf(workflowId).catch(() => undefined);
  if (!status || !acceptsEncoder(status.phase)) return undefined;
  const { channel, playback, onAir, plan } = status;
  return { channel, playback, onAir, darkMs: plan?.waits.darkMs };
}

class Following {
  isShowOver = false;
  readonly #deps: FollowDeps;
  readonly #workflowId: string;
  readonly #darkMs: number;
  readonly #channel: Channel;
  #playback: Playback;
  #note: string | undefined;
  #viewer: Viewer;
  /** What the run knows. */
  #known: { state: OnAirState; reason?: string };
  readonly #budget: SignalBudget;
  #isOverdueKnown = false;
  #addressAt: number;
  #probedAt: number;
  /** When this worker can say by itself whether something is wrong with what viewers get. */
  #sureAt: number;
  #finding: SegmentFinding | undefined;

  constructor(deps: FollowDeps, workflowId: string, { channel, playback, onAir, darkMs }: Shown) {
    if (!channel || !playback?.hls) throw new Error('there is nothing to watch: a bug');
    this.#deps = deps;
    this.#workflowId = workflowId;
    this.#channel = channel;
    this.#playback = playback;
    this.#note = playback.note;
    this.#darkMs = darkMs ?? usualDarkMs;
    this.#known = { state: onAir?.state ?? 'dark', ...(onAir?.reason !== undefined && { reason: onAir.reason }) };
    this.#viewer = this.#watch(playback.hls, this.#known.state);
    this.#budget = new SignalBudget(deps.elapsed());
    this.#addressAt = deps.elapsed();
    this.#probedAt = deps.elapsed();
    this.#sureAt = deps.elapsed() + sureAfterMs;
  }

  #watch(url: string, before: OnAirState): Viewer {
    const { driver, get, elapsed } = this.#deps;
    // A vendor may be asked for it, at a rate that stops need too.
    const sign = async (one: string) => (isClosed(this.#playback, one) ? driver.viewerUrl(this.#channel, one) : one);
    return new Viewer({ url, get, elapsed, before, sign });
  }

  /** One look. Gives how long to wait for the next. */
  async step(): Promise<number> {
    await this.#viewer.look();
    const { state } = this.#viewer.main;
    this.#deps.watched?.(this.#workflowId, state);
    if (state === 'on-air') {
      // What kept viewers out does not.
      this.#note = undefined;
      this.#probe();
    }
    await this.#signal();
    const since = this.#connectedSince;
    // Where many encoders connect at one instant the first segments are awaited, and their vendor is not asked.
    const isLate = since !== undefined && this.#deps.elapsed() - since >= addressEveryMs;
    if (state !== 'on-air' && (state !== 'dark' || isLate)) await this.#askAddress();
    if (state === 'dark') return since === undefined ? idleEveryMs : awaitedEveryMs;
    return this.#viewer.nextInMs;
  }

  get #connectedSince(): number | undefined {
    return this.#deps.connectedSince(keyOf(this.#channel.ref));
  }

  async #signal(): Promise<void> {
    const { state, isFound } = this.#viewer.main;
    const reason = this.#reason();
    const isOverdue = this.#isOverdue(state);
    const isSame = state === this.#known.state && reasonKind(reason) === reasonKind(this.#known.reason);
    // A stream that is dark because nothing is sent is no news, and neither is why.
    if (!isOverdue && (isSame || state === 'dark')) return;
    // What was known before is no news until a look finds it, and what was wrong is so until that can be seen again.
    if (!isOverdue && (!isFound || this.#isUnsure(state))) return;
    const isLoss = this.#known.state === 'on-air' && state !== 'on-air';
    // What is still so when the budget allows it is signalled then.
    if (!this.#budget.allows(isLoss, this.#deps.elapsed())) return;
    // The stop takes the stream away from viewers, which is no loss.
    if (state !== 'on-air' && (await this.#isOver())) {
      this.isShowOver = true;
      return;
    }
    const blank = this.#problem;
    const shown = isLoss ? withDelay(reason, this.#budget.returnAfterMs) : reason;
    const change: OnAirChange = {
      ...this.#change(state),
      ...(shown !== undefined && { reason: shown }),
      ...(isOverdue && { isOverdue }),
      ...(blank !== undefined && { blank }),
    };
    try {
      await this.#deps.poller.signalOnAir(this.#workflowId, change);
    } catch {
      // Temporal is away: what is still so at the next look is sent then.
      return;
    }
    this.#budget.take();
    this.#known = { state, ...(reason !== undefined && { reason }) };
    this.#sureAt = Number.NEGATIVE_INFINITY;
    if (isOverdue) this.#isOverdueKnown = true;
  }

  /** Another worker found something wrong with what viewers get, and this one has not looked for long enough. */
  #isUnsure(state: OnAirState): boolean {
    const isWarned = this.#known.state === 'on-air' && this.#known.reason !== undefined;
    return state === 'on-air' && isWarned && this.#deps.elapsed() < this.#sureAt;
  }

  /** Where Temporal does not answer soon the signal is sent: what viewers get changes meanwhile. */
  async #isOver(): Promise<boolean> {
    const { poller, sleep } = this.#deps;
    const answered = new AbortController();
    const asked = poller.isShowOver(this.#workflowId).catch(() => false);
    const isOver = await Promise.race([asked, sleep(answerMs, answered.signal).then(() => false)]);
    answered.abort();
    return isOver;
  }

  #isOverdue(state: OnAirState): boolean {
    const since = this.#connectedSince;
    return (
      state === 'dark' && !this.#isOverdueKnown && since !== undefined && this.#deps.elapsed() - since >= this.#darkMs
    );
  }

  #change(state: OnAirState): OnAirChange {
    const at = this.#deps.now();
    const { playlist, progressAt } = this.#viewer.main;
    if (!playlist) return { state, at };
    const { from, until, durationMs, newestMs } = playlist;
    if (state === 'on-air') {
      const isFirst = this.#known.state === 'dark';
      const began = isFirst ? (from ?? at - durationMs) : (until ?? at) - newestMs;
      return { state, at, from: began, ...(until !== undefined && { latencyMs: Math.max(0, at - until) }) };
    }
    if (state !== 'frozen' && state !== 'gone') return { state, at };
    const seenAt = progressAt === undefined ? at : at - Math.round(this.#deps.elapsed() - progressAt);
    return { state, at, until: until ?? seenAt };
  }

  /** Never a token or a signature. */
  #reason(): string | undefined {
    const { dead, variants, main } = this.#viewer;
    const deadText =
      dead.length > 0 && `${dead.length} of ${variants} variants give viewers nothing new: ${dead.join(', ')}`;
    const seen = main.state === 'on-air' ? [deadText, this.#problem] : [main.reason, this.#note];
    const text = seen.filter(Boolean).join('; ');
    return text === '' ? undefined : redact(text, this.#deps.secrets());
  }

  /** What is wrong with the segments that viewers get. */
  get #problem(): string | undefined {
    return this.#viewer.main.state === 'on-air' ? this.#finding?.problem : undefined;
  }

  /** Beside the looks: a decoder that takes long must not delay what they find. */
  #probe(): void {
    const { blank, elapsed } = this.#deps;
    // While a segment of another run is looked at, this one waits for its turn: it is not fetched in vain.
    if (elapsed() - this.#probedAt < probeEveryMs || blank?.isBusy) return;
    this.#probedAt = elapsed();
    // What cannot be fetched now is fetched in a minute.
    this.#lookInside().catch(() => undefined);
  }

  async #lookInside(): Promise<void> {
    const segment = await this.#viewer.newestSegment();
    if (segment) this.#finding = await findingOf(segment, this.#deps.blank, this.#finding);
  }

  async #askAddress(): Promise<void> {
    if (this.#deps.elapsed() - this.#addressAt < addressEveryMs) return;
    this.#addressAt = this.#deps.elapsed();
    try {
      const playback = await this.#deps.driver.playback(this.#channel);
      const { hls, note } = playback;
      const before = this.#playback.hls;
      this.#note = note;
      if (hls === undefined) return;
      this.#playback = playback;
      if (hls !== before) this.#viewer = this.#watch(hls, this.#known.state);
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
    }
  }
}

function withDelay(reason: string | undefined, returnAfterMs: number): string | undefined {
  if (returnAfterMs === 0) return reason;
  const late = `the stream comes and goes, and its return is shown up to ${formatDuration(returnAfterMs)} late`;
  return reason === undefined ? late : `${reason}; ${late}`;
}

/** A count that grows is no change. */
const reasonKind = (reason: string | undefined): string => (reason ?? '').replace(/\d+/g, '');
