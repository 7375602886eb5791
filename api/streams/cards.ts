import type { ShowcallerClient } from '../../client/client.ts';
import { NoWorkerError } from '../../client/errors.ts';
import type { EventSummary } from '../../client/listing.ts';
import type { LiveWindow } from '../../domain/channel.ts';
import type { OnAir } from '../../domain/on-air.ts';
import { type EncoderState, isOver } from '../../domain/phases.ts';
import type { EventStatus, Gap } from '../../domain/report.ts';

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
}

/** Identifies one event among all, those of other tenants included. */
export const identityOf = ({ eventId, tenant }: Pick<EventSummary, 'eventId' | 'tenant'>): string =>
  JSON.stringify([tenant, eventId]);

interface Known {
  summary: string;
  at: number;
  status: EventStatus;
}

const runningShown = 200;
const overShown = 50;
const queriesAtOnce = 8;
const scheduledStaleMs = 30_000;
const unresponsiveForMs = 30_000;

/** The cards of the client's events. Queries a run only when its status may have changed. */
export class Cards {
  readonly #client: ShowcallerClient;
  readonly #answerMs: number;
  readonly #known = new Map<string, Known>();
  /** Until when a run that did not answer is not queried again, epoch milliseconds. */
  readonly #unresponsive = new Map<string, number>();

  constructor(client: ShowcallerClient, answerMs: number) {
    this.#client = client;
    this.#answerMs = answerMs;
  }

  async poll(): Promise<EventCard[]> {
    const page = (running: boolean, limit: number) =>
      this.#client.within(this.#answerMs, () => this.#client.page({ running, limit }));
    const [running, over] = await Promise.all([page(true, runningShown), page(false, overShown)]);
    // An event that ran twice is in the list twice; the newer run comes first.
    const summaries = new Map<string, EventSummary>();
    for (const summary of [...running.events, ...over.events]) {
      if (!summaries.has(identityOf(summary))) summaries.set(identityOf(summary), summary);
    }
    for (const identity of [...this.#known.keys(), ...this.#unresponsive.keys()]) {
      if (summaries.has(identity)) continue;
      this.#known.delete(identity);
      this.#unresponsive.delete(identity);
    }
    await this.#query([...summaries.values()].filter((summary) => this.#isStale(summary)));
    return [...summaries.values()].map((summary) => cardOf(summary, this.#known.get(identityOf(summary))?.status));
  }

  #isStale(summary: EventSummary): boolean {
    if ((this.#unresponsive.get(identityOf(summary)) ?? 0) > Date.now()) return false;
    const known = this.#known.get(identityOf(summary));
    if (!known || known.summary !== JSON.stringify(summary)) return true;
    if (summary.workflowStatus !== 'RUNNING' || isOver(summary.phase)) return false;
    return summary.phase !== 'scheduled' || Date.now() - known.at > scheduledStaleMs;
  }

  async #query(stale: EventSummary[]): Promise<void> {
    let hasNoWorker = false;
    const queryNext = async (): Promise<void> => {
      for (let summary = stale.shift(); summary && !hasNoWorker; summary = stale.shift()) {
        const identity = identityOf(summary);
        try {
          const status = await this.#client.within(this.#answerMs, () => this.#client.status(summary.key));
          this.#known.set(identity, { summary: JSON.stringify(summary), at: Date.now(), status });
        } catch (error) {
          // One run that cannot answer must not fail the board. Without a worker no run can, so the rest are not queried.
          hasNoWorker ||= error instanceof NoWorkerError;
          this.#unresponsive.set(identity, Date.now() + unresponsiveForMs);
        }
      }
    };
    await Promise.all(Array.from({ length: queriesAtOnce }, queryNext));
  }
}

function cardOf({ startsAt, key: _, ...summary }: EventSummary, status: EventStatus | undefined): EventCard {
  if (!status) return { ...summary, startsAt: startsAt?.getTime() };
  const { title, encoder, onAir, endsAt, nextCue, vendorState, endDetail, released, vod } = status;
  const { hardEndsAt, windows, gaps, stoppedAt, warnings = [], troubles } = status;
  const alerts = [...warnings, ...troubles].sort((a, b) => a.at - b.at);
  return {
    ...summary,
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
