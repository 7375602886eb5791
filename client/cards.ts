import type { LiveWindow } from '../domain/channel.ts';
import type { AccountSeen, Condition } from '../domain/conditions/condition.ts';
import type { OnAir } from '../domain/on-air.ts';
import type { EncoderState } from '../domain/phases.ts';
import type { EventStatus, Gap } from '../domain/report.ts';
import type { ShowcallerClient } from './client.ts';
import { type EventSummary, identityOf } from './listing.ts';
import { Overview, type SystemSeen, type View, type ViewedEvent } from './overview.ts';
import { runningEvents } from './running-events.ts';

/** An event on the board: its line in the list, and its status where the run answered. */
export interface EventCard extends Omit<EventSummary, 'startsAt' | 'key'> {
  /** Epoch milliseconds, as all instants here. */
  startsAt?: number;
  endsAt?: number;
  title?: string;
  encoder?: EncoderState;
  /** What viewers get; of a run that accepts an encoder. */
  onAir?: Pick<OnAir, 'state' | 'reason'>;
  nextCue?: EventStatus['nextCue'];
  vendorState?: string;
  endDetail?: string;
  released?: boolean;
  hardEndsAt?: number;
  /** When the encoder was connected, and the gaps between. Epoch milliseconds. */
  windows?: LiveWindow[];
  gaps?: Gap[];
  stoppedAt?: number;
  /** How many warnings and troubles there are, and the message of the newest. */
  alerts?: number;
  latestAlert?: string;
  /** Playlists that were proved. */
  proved?: string[];
  /** What is wrong with it as it was last seen, the gravest first; absent while all is well. */
  conditions?: Condition[];
}

/** Whether anything looks at the events, as a caller of one tenant may know it. Epoch milliseconds. */
export interface SystemCard extends Pick<SystemSeen, 'answeredAt' | 'unanswered'> {
  /** How many workers there are, and when Temporal last saw one ask for work: at most a minute ago while it lives. */
  workers: { count: number; polledAt?: number };
  /** The pollers of the accounts whose events accept an encoder. */
  pollers: (Omit<AccountSeen, 'unseen'> & { isStale: boolean })[];
  /** Of which events there are more than are shown and looked at; absent where all are. */
  notShown?: ('running' | 'over')[];
}

export interface Board {
  cards: EventCard[];
  system: SystemCard;
}

const longestAnswerMs = 5_000;
const runningShown = 200;
const overShown = 50;

/** The cards of the client's events, as they were last seen. */
export class Cards {
  readonly #client: ShowcallerClient;
  readonly #answerMs: number;
  readonly #overview: Overview;

  constructor(client: ShowcallerClient, answerMs: number) {
    this.#client = client;
    // A board that waits for longer shows what is long over.
    this.#answerMs = Math.min(answerMs, longestAnswerMs);
    this.#overview = new Overview(client, answerMs);
  }

  async poll(): Promise<Board> {
    const { events, system } = await this.look();
    return { cards: events.map(cardOf), system };
  }

  /** What a poll sees, with what only commands show. */
  async look(): Promise<Pick<View, 'events'> & Pick<Board, 'system'>> {
    const client = this.#client;
    const [running, over] = await Promise.all([
      client.within(this.#answerMs, () => runningEvents(client, runningShown)),
      client.within(this.#answerMs, () => client.page({ running: false, limit: overShown + 1 })),
    ]);
    // An event that ran twice is in the list twice; the newer run comes first.
    const summaries = new Map<string, EventSummary>();
    for (const summary of [...running.events, ...over.events.slice(0, overShown)]) {
      if (!summaries.has(identityOf(summary))) summaries.set(identityOf(summary), summary);
    }
    const { events, system } = await this.#overview.look([...summaries.values()]);
    const notShown: SystemCard['notShown'] = [];
    if (running.hasMore) notShown.push('running');
    if (over.events.length > overShown) notShown.push('over');
    return { events, system: { ...systemCardOf(system), ...(notShown.length > 0 && { notShown }) } };
  }
}

export function systemCardOf({ workers, accounts, ...answers }: SystemSeen): SystemCard {
  const polledAt = workers.length > 0 && { polledAt: Math.max(...workers.map((one) => one.polledAt)) };
  return {
    workers: { count: workers.length, ...polledAt },
    ...answers,
    // The channels of an account may be those of other tenants.
    pollers: accounts.map(({ unseen: _, ...one }) => one),
  };
}

export function cardOf({ summary: { startsAt, key: _, ...summary }, status, conditions }: ViewedEvent): EventCard {
  const wrong = conditions.length > 0 && { conditions };
  if (!status) return { ...summary, startsAt: startsAt?.getTime(), ...wrong };
  const { title, encoder, onAir, endsAt, nextCue, vendorState, endDetail, released, vod } = status;
  const { hardEndsAt, windows, gaps, stoppedAt, warnings = [], troubles } = status;
  // What is over is in the history of the event, and needs no eye. A trouble that is a warning too is one thing, and over with that.
  const others = troubles.filter(({ message }) => !warnings.some((warning) => warning.message === message));
  const alerts = [...warnings.filter(({ endedAt }) => endedAt === undefined), ...others].sort((a, b) => a.at - b.at);
  return {
    ...summary,
    ...wrong,
    // The run knows its phase before the list does.
    phase: status.phase,
    endReason: status.endReason ?? summary.endReason,
    startsAt: status.startsAt,
    endsAt,
    title,
    encoder,
    onAir: onAir && { state: onAir.state, reason: onAir.reason },
    nextCue,
    vendorState,
    endDetail,
    released,
    hardEndsAt,
    windows,
    gaps,
    stoppedAt,
    alerts: alerts.length,
    latestAlert: alerts.at(-1)?.message,
    proved: vod.filter(({ proof }) => proof.proved).map(({ url }) => url),
  };
}
