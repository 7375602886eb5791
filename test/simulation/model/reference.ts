import type { EndReason } from '../../../domain/phases.ts';

/**
 * What the design says of one show, once more and independently: a small machine over instants, without Temporal. The
 * real run looks at the encoder now and then and hears of things a little late, so one reality allows several courses:
 * this gives one of them, by chance. No delay in it exceeds `granularityMs`. Epoch milliseconds.
 */
export interface Show {
  startsAt: number;
  endsAt: number;
  warmUpMs: number;
  startLeadMs: number;
  firstConnectMs: number;
  encoderLostMs: number;
  maxDurationMs: number;
  overrun?: { stepMs: number; until: number };
}

export type Action =
  | { do: 'stopNow'; keepRecording: boolean }
  | { do: 'extend'; endsAt: number }
  | { do: 'reschedule'; startsAt: number; endsAt: number }
  | { do: 'skipWait' }
  | { do: 'resetEncoder' }
  | { do: 'cancel' };

/** What happened in the world. An action took effect some time between its sending and its answer. */
export interface Reality {
  beganAt: number;
  /** When the plan was checked: nothing in the design says how long that takes. Absent when it never was. */
  preparedAt?: number;
  /** When the encoder really sent. */
  sending: readonly { from: number; to: number }[];
  actions: readonly { action: Action; from: number; to: number }[];
  granularityMs: number;
}

export interface Course {
  endReason: EndReason;
  /** Of each action, whether it was accepted; a cancellation is never refused. */
  accepted: boolean[];
  /** The end that was planned at last. */
  endsAt: number;
  /** When the run let go of the show. */
  overAt: number;
}

type Phase =
  | 'preparing'
  | 'scheduled'
  | 'allocating'
  | 'starting'
  | 'creating-output'
  | 'waiting-for-encoder'
  | 'live'
  | 'over';

/** A number in [0, 1). */
export type Chance = () => number;

export function courseOf(show: Show, reality: Reality, chance: Chance): Course {
  return new Machine(show, reality, chance).run();
}

class Machine {
  readonly #chance: Chance;
  readonly #reality: Reality;
  readonly #times: { startsAt: number; endsAt: number };
  readonly #show: Show;
  readonly #accepted: boolean[] = [];
  #overrunUntil: number;
  #phase: Phase = 'preparing';
  #stopAccepted = false;
  #now: number;
  #end: number;
  #openedAt = Number.POSITIVE_INFINITY;
  /** As far as the run knows. */
  #encoder: 'never-seen' | 'there' | { lostAt: number } = 'never-seen';
  #over?: Pick<Course, 'endReason' | 'overAt'>;

  constructor(show: Show, reality: Reality, chance: Chance) {
    this.#show = show;
    this.#reality = reality;
    this.#chance = chance;
    this.#times = { startsAt: show.startsAt, endsAt: show.endsAt };
    this.#end = show.endsAt;
    this.#overrunUntil = show.overrun?.until ?? 0;
    this.#now = reality.beganAt;
  }

  run(): Course {
    const pending = this.#reality.actions
      .map(({ action, from, to }, index) => {
        // A cancellation is answered when it is noted, not when the run hears of it.
        const at = between({ from, to }, this.#chance()) + (action.do === 'cancel' ? this.#lag() : 0);
        return { action, index, at };
      })
      .sort((a, b) => a.at - b.at);
    let own = this.#late(this.#nextCue());
    let look = this.#nextLook();
    for (;;) {
      const [next] = pending;
      const watching = this.#phase === 'waiting-for-encoder' || this.#phase === 'live';
      const mine = this.#over ? Number.POSITIVE_INFINITY : watching ? Math.min(own, look) : own;
      if (next && next.at <= mine) {
        pending.shift();
        this.#now = Math.max(this.#now, next.at);
        this.#accepted[next.index] = this.#act(next.action);
        own = this.#late(this.#nextCue());
      } else if (this.#over) {
        return { ...this.#over, endsAt: this.#end, accepted: this.#accepted };
      } else if (watching && look < own) {
        this.#now = look;
        if (this.#see(this.#now - this.#lag() / 2)) own = this.#late(this.#nextCue());
        look = this.#nextLook();
      } else {
        this.#now = own;
        this.#meetCue();
        own = this.#late(this.#nextCue());
        look = this.#nextLook();
      }
    }
  }

  #lag = (): number => this.#chance() * this.#reality.granularityMs;
  #late = (cue: number): number => (this.#phase === 'preparing' ? cue : Math.max(this.#now, cue) + this.#lag());
  /** Later than now, whatever the chance: time must go on. */
  #nextLook = (): number => this.#now + Math.max(1, this.#lag());

  get #hardEnd(): number {
    return this.#times.startsAt + this.#show.maxDurationMs;
  }

  /** A wait is never counted from before the start of the show, and never outlasts it. */
  #endOfWait(since: number, ms: number): number {
    return Math.min(this.#end, Math.max(this.#times.startsAt, since) + ms);
  }

  #nextCue(): number {
    const { startLeadMs, warmUpMs, firstConnectMs, encoderLostMs } = this.#show;
    const opensAt = this.#times.startsAt - startLeadMs;
    switch (this.#phase) {
      case 'preparing':
        return this.#reality.preparedAt ?? Number.POSITIVE_INFINITY;
      case 'scheduled':
        return Math.min(opensAt, this.#times.startsAt - warmUpMs);
      case 'allocating':
        return opensAt;
      case 'starting':
      case 'creating-output':
        return this.#now;
      case 'waiting-for-encoder':
        return this.#endOfWait(this.#openedAt, firstConnectMs);
      case 'live':
        return typeof this.#encoder === 'object' ? this.#endOfWait(this.#encoder.lostAt, encoderLostMs) : this.#end;
      case 'over':
        return Number.POSITIVE_INFINITY;
    }
  }

  #meetCue(): void {
    switch (this.#phase) {
      case 'preparing':
        this.#goOn('scheduled', 'missed');
        if (!this.#over && this.#stopAccepted) this.#finish('stopped-by-operator');
        break;
      case 'scheduled':
        this.#goOn('allocating', 'allocation-failed');
        break;
      case 'allocating':
        this.#goOn('starting', 'start-failed');
        break;
      case 'starting':
        this.#goOn('creating-output', 'output-failed');
        break;
      case 'creating-output':
        this.#openedAt = this.#now;
        this.#phase = 'waiting-for-encoder';
        break;
      case 'waiting-for-encoder':
        if (!this.#seenAtTheLastMoment()) this.#finish('encoder-never-connected');
        break;
      case 'live':
        this.#meetTheEnd();
        break;
      case 'over':
    }
  }

  /** To the next phase, or to an end when the show would be over. */
  #goOn(phase: Phase, otherwise: EndReason): void {
    if (this.#now >= this.#end) this.#finish(otherwise);
    else this.#phase = phase;
  }

  #meetTheEnd(): void {
    if (this.#now < this.#end) {
      if (!this.#seenAtTheLastMoment()) this.#finish('encoder-gone');
      return;
    }
    const { overrun } = this.#show;
    const longer =
      overrun && this.#encoder === 'there'
        ? Math.min(this.#now + overrun.stepMs, this.#overrunUntil, this.#hardEnd)
        : this.#now;
    if (longer > this.#now) this.#end = longer;
    else this.#finish(this.#end > this.#times.endsAt && this.#end >= this.#hardEnd ? 'max-duration' : 'reached-end');
  }

  /** The last look may or may not still catch an encoder that has only just come. */
  #seenAtTheLastMoment(): boolean {
    return this.#chance() < 0.5 && this.#see(this.#now - this.#lag() / 2);
  }

  /** One look at how things were a moment ago. True when it changed what the run knows. */
  #see(at: number): boolean {
    const sends = this.#reality.sending.some(({ from, to }) => from <= at && at < to);
    const before = this.#encoder;
    if (sends) {
      this.#encoder = 'there';
      this.#phase = 'live';
    } else if (this.#encoder === 'there') this.#encoder = { lostAt: at };
    return before !== this.#encoder;
  }

  #act(action: Action): boolean {
    if (this.#over) return action.do === 'cancel';
    if (this.#phase === 'preparing') return this.#actOnNoPlan(action);
    switch (action.do) {
      case 'cancel':
        this.#finish('cancelled');
        return true;
      case 'stopNow':
        this.#finish('stopped-by-operator');
        return true;
      case 'extend': {
        const fits = action.endsAt > this.#now && action.endsAt > this.#end && action.endsAt <= this.#hardEnd;
        if (fits) this.#end = action.endsAt;
        return fits;
      }
      case 'reschedule': {
        const { startsAt, endsAt } = action;
        const fits = endsAt > startsAt && endsAt > this.#now && endsAt - startsAt <= this.#show.maxDurationMs;
        if (this.#phase !== 'scheduled' || !fits) return false;
        const hardEnd = startsAt + this.#show.maxDurationMs;
        this.#overrunUntil = Math.min(this.#overrunUntil + endsAt - this.#times.endsAt, hardEnd);
        Object.assign(this.#times, { startsAt, endsAt });
        this.#end = endsAt;
        return true;
      }
      case 'skipWait':
        if (this.#phase !== 'waiting-for-encoder') return false;
        this.#phase = 'live';
        return true;
      case 'resetEncoder':
        return this.#phase === 'waiting-for-encoder' || this.#phase === 'live';
    }
  }

  /** What needs the plan is refused until there is one; a stop is heeded as soon as there is. */
  #actOnNoPlan(action: Action): boolean {
    if (action.do === 'cancel') this.#finish('cancelled');
    const isFirstStop = action.do === 'stopNow' && !this.#stopAccepted;
    this.#stopAccepted ||= isFirstStop;
    return isFirstStop || action.do === 'cancel';
  }

  #finish(endReason: EndReason): void {
    this.#over = { endReason, overAt: this.#now };
    this.#phase = 'over';
  }
}

const between = ({ from, to }: { from: number; to: number }, share: number): number => from + (to - from) * share;

/** Vendors round to the second: sessions nearer than this are one window. */
const mergeWithinMs = 1000;

/** The live windows that the vendor's own sessions make, inside the span in which the channel was open. */
export function windowsIn(
  sending: readonly { from: number; to: number }[],
  span: { from: number; to: number },
): { from: number; to: number }[] {
  const windows: { from: number; to: number }[] = [];
  for (const session of sending) {
    const clipped = { from: Math.max(session.from, span.from), to: Math.min(session.to, span.to) };
    if (clipped.from >= clipped.to) continue;
    const last = windows.at(-1);
    if (last && clipped.from - last.to < mergeWithinMs) last.to = clipped.to;
    else windows.push(clipped);
  }
  return windows;
}
