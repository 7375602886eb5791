import type { ShowcallerClient } from '../../client/client.ts';
import { NoWorkerError } from '../../client/errors.ts';
import type { EventSummary } from '../../client/listing.ts';
import type { LiveWindow } from '../../domain/channel.ts';
import type { EncoderState, Phase } from '../../domain/phases.ts';
import type { EventStatus, Gap } from '../../domain/report.ts';

/** An event as a board shows it: what the list tells, and more where its run could be asked. */
export interface EventCard extends Omit<EventSummary, 'startsAt'> {
  /** Epoch milliseconds, as all instants here. */
  startsAt?: number;
  endsAt?: number;
  title?: string;
  encoder?: EncoderState;
  nextCue?: { what: string; at: number };
  vendorState?: string;
  endDetail?: string;
  released?: boolean;
  hardEndsAt?: number;
  /** When the encoder was there, and what was missed between. Epoch milliseconds. */
  windows?: LiveWindow[];
  gaps?: Gap[];
  stoppedAt?: number;
  /** Warnings and troubles so far, and what the newest says. */
  alerts?: number;
  latestAlert?: string;
  /** Playlists that were proved. */
  proved?: string[];
}

interface Known {
  summary: string;
  at: number;
  status: EventStatus;
}

const runningShown = 200;
const overShown = 50;
const askedAtOnce = 8;
const scheduledAgainMs = 30_000;
const silentForMs = 30_000;
const finalPhases: readonly (Phase | undefined)[] = ['completed', 'failed', 'cancelled'];

/** The cards of a tenant, or of all. Asks a run only when it may say something new. */
export class Cards {
  readonly #client: ShowcallerClient;
  readonly #answerMs: number;
  readonly #known = new Map<string, Known>();
  /** Until when those that did not answer are left alone, epoch milliseconds. */
  readonly #silent = new Map<string, number>();

  constructor(client: ShowcallerClient, answerMs: number) {
    this.#client = client;
    this.#answerMs = answerMs;
  }

  async look(tenant: string | undefined): Promise<EventCard[]> {
    const page = (running: boolean, limit: number) =>
      this.#client.within(this.#answerMs, () => this.#client.page({ tenant, running, limit }));
    const [running, over] = await Promise.all([page(true, runningShown), page(false, overShown)]);
    // An event that was run again is in the list twice; the newer run comes first.
    const summaries = new Map<string, EventSummary>();
    for (const summary of [...running.events, ...over.events]) {
      if (!summaries.has(summary.eventId)) summaries.set(summary.eventId, summary);
    }
    for (const eventId of [...this.#known.keys(), ...this.#silent.keys()]) {
      if (summaries.has(eventId)) continue;
      this.#known.delete(eventId);
      this.#silent.delete(eventId);
    }
    await this.#ask([...summaries.values()].filter((summary) => this.#isStale(summary)));
    return [...summaries.values()].map((summary) => cardOf(summary, this.#known.get(summary.eventId)?.status));
  }

  #isStale(summary: EventSummary): boolean {
    if ((this.#silent.get(summary.eventId) ?? 0) > Date.now()) return false;
    const known = this.#known.get(summary.eventId);
    if (!known || known.summary !== JSON.stringify(summary)) return true;
    if (summary.workflowStatus !== 'RUNNING' || finalPhases.includes(summary.phase)) return false;
    return summary.phase !== 'scheduled' || Date.now() - known.at > scheduledAgainMs;
  }

  async #ask(stale: EventSummary[]): Promise<void> {
    let nobodyAnswers = false;
    const askNext = async (): Promise<void> => {
      for (let summary = stale.shift(); summary && !nobodyAnswers; summary = stale.shift()) {
        const { eventId } = summary;
        try {
          const status = await this.#client.within(this.#answerMs, () => this.#client.status(eventId));
          this.#known.set(eventId, { summary: JSON.stringify(summary), at: Date.now(), status });
        } catch (error) {
          // One run that cannot answer spoils no board; without a worker none can, and each is waited for in vain.
          nobodyAnswers ||= error instanceof NoWorkerError;
          this.#silent.set(eventId, Date.now() + silentForMs);
        }
      }
    };
    await Promise.all(Array.from({ length: askedAtOnce }, askNext));
  }
}

function cardOf({ startsAt, ...summary }: EventSummary, status: EventStatus | undefined): EventCard {
  if (!status) return { ...summary, startsAt: startsAt?.getTime() };
  const { title, encoder, endsAt, nextCue, vendorState, endDetail, released, vod } = status;
  const { hardEndsAt, windows, gaps, stoppedAt, warnings = [], troubles } = status;
  const alerts = [...warnings, ...troubles].sort((a, b) => a.at - b.at);
  return {
    ...summary,
    // A run tells its phase sooner than the list does.
    phase: status.phase,
    endReason: status.endReason ?? summary.endReason,
    startsAt: status.startsAt,
    endsAt,
    title,
    encoder,
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
