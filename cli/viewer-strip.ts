import type { OnAirState } from '../domain/on-air.ts';
import { acceptsEncoder } from '../domain/phases.ts';
import type { EventStatus } from '../domain/report.ts';

const shownSigns = 60;
const awaitedEveryMs = 1_000;
const signs: Readonly<Record<OnAirState, string>> = { dark: '·', 'on-air': '-', frozen: '_', gone: 'x', unknown: '?' };
const newSign = '#';

/** What the signs mean, for people. */
export const legend = 'viewers: # new segment  - none new yet  _ frozen  x gone  · dark  ? unknown';

/** What one look gave; `progressAt` changes with each new segment. */
export interface ViewerSeen {
  state: OnAirState;
  reason: string | undefined;
  progressAt: number | undefined;
}

/** The looks at one live stream, one sign each, newest last. */
export class Strip {
  #signs: string[] = [];
  #state: OnAirState = 'dark';
  #reason: string | undefined;
  #progressAt: number | undefined;

  take({ state, reason, progressAt }: ViewerSeen): void {
    const isNew = state === 'on-air' && progressAt !== this.#progressAt;
    this.#signs = [...this.#signs, isNew ? newSign : signs[state]].slice(-shownSigns);
    [this.#state, this.#reason, this.#progressAt] = [state, reason, progressAt];
  }

  get signs(): string {
    return this.#signs.join('');
  }

  /** The state and its reason: a new line where there is no terminal to draw on. */
  get text(): string {
    return `${this.#state}${this.#reason === undefined ? '' : `: ${this.#reason}`}`;
  }
}

/** A viewer of one live stream. Its looks do not reject. */
export interface LiveViewer {
  look(): Promise<void>;
  readonly main: ViewerSeen;
  /** Until the next look. */
  readonly nextInMs: number;
}

/** Opens the address of an event, with the accounts of this environment where it needs a token or a signature. */
export type Viewing = (status: EventStatus, url: string) => LiveViewer;

interface Watched {
  url: string;
  strip: Strip;
  ended: AbortController;
}

/** Looks at the live streams of events from here, as their viewers do, while an encoder is accepted. */
export class ViewerStrips {
  readonly #viewing: Viewing;
  readonly #watched = new Map<string, Watched>();

  constructor(viewing: Viewing) {
    this.#viewing = viewing;
  }

  /** Begins, or ends, as the status says; gives what was seen so far. */
  of(status: EventStatus): Strip | undefined {
    const { eventId, playback, phase } = status;
    const known = this.#watched.get(eventId);
    const url = acceptsEncoder(phase) ? playback?.hls : undefined;
    if (known?.url === url) return known?.strip;
    known?.ended.abort();
    if (url === undefined) return known?.strip;
    const watched = { url, strip: new Strip(), ended: new AbortController() };
    this.#watched.set(eventId, watched);
    void this.#watch(status, watched);
    return watched.strip;
  }

  close(): void {
    for (const { ended } of this.#watched.values()) ended.abort();
  }

  async #watch(status: EventStatus, { url, strip, ended }: Watched): Promise<void> {
    const viewer = this.#viewing(status, url);
    while (!ended.signal.aborted) {
      await viewer.look();
      strip.take(viewer.main);
      const ms = viewer.main.state === 'dark' ? awaitedEveryMs : viewer.nextInMs;
      await new Promise((resolve) => setTimeout(resolve, ms).unref());
    }
  }
}
