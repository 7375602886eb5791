import type { LiveWindow } from '../../../domain/channel.ts';
import type { Clock } from '../temporal/clock.ts';
import type { Cloud } from './cloud.ts';
import type { EncoderScript } from './scenario.ts';

/** Sends the picture as its script says: it connects as soon as it is let in, and again when it was thrown out. */
export class Encoder {
  /** The spans in which the vendor took the picture. */
  readonly sent: LiveWindow[] = [];
  readonly #cloud: Cloud;
  readonly #name: string;
  readonly #clock: Clock;
  #wantsUntil = 0;
  #isOver = false;

  constructor(cloud: Cloud, name: string, clock: Clock) {
    this.#cloud = cloud;
    this.#name = name;
    this.#clock = clock;
  }

  get #isConnected(): boolean {
    return this.sent.at(-1)?.to === Number.POSITIVE_INFINITY;
  }

  async play({ comesMs, turns, stays }: EncoderScript): Promise<void> {
    if (comesMs === undefined) return;
    while (!this.#isOver && this.#cloud.find(this.#name)?.state !== 'open') await this.#change();
    await this.#pass(comesMs);
    for (const { sendMs, awayMs } of turns) {
      await this.#send(sendMs);
      await this.#pass(awayMs);
    }
    if (stays) await this.#send(1e9);
  }

  /** Nothing is sent any more. */
  end(): void {
    this.#isOver = true;
    this.#close();
  }

  /** Whether the vendor would let it in now. */
  get isLetIn(): boolean {
    return this.#cloud.connect(this.#name);
  }

  async #send(ms: number): Promise<void> {
    this.#wantsUntil = this.#clock.now + ms;
    while (!this.#isOver && this.#clock.now < this.#wantsUntil) {
      if (!this.#isConnected && this.#cloud.connect(this.#name))
        this.sent.push({ from: this.#clock.now, to: Number.POSITIVE_INFINITY });
      await this.#change(this.#wantsUntil);
      this.#wasThrownOut();
    }
    if (!this.#isConnected) return;
    this.#close();
    this.#cloud.disconnect(this.#name);
  }

  #wasThrownOut(): void {
    const sessions = this.#cloud.find(this.#name)?.sessions;
    if (this.#isConnected && (!sessions || sessions.at(-1)?.endedAt !== undefined)) this.#close();
  }

  #close(): void {
    const last = this.sent.at(-1);
    if (last) last.to = Math.min(last.to, this.#clock.now);
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.in(ms, resolve);
    });
  }

  /** Until something changes at the vendor, or an instant. */
  #change(until?: number): Promise<void> {
    return new Promise((resolve) => {
      this.#cloud.onNextChange(resolve);
      if (until !== undefined) this.#clock.in(until - this.#clock.now, resolve);
    });
  }
}
