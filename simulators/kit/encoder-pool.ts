import { type Encoder, type EncoderEnd, type EncoderOptions, startEncoder } from './encoder.ts';
import { redactPushUrl } from './redact.ts';

/** An encoder as people may see it: the key is not in it. */
export interface PooledEncoder {
  id: string;
  url: string;
  source: string;
  /** Epoch milliseconds. */
  startedAt: number;
  /** Absent while it pushes. */
  ended?: EncoderEnd;
}

interface Member {
  facts: PooledEncoder;
  encoder: Encoder;
}

/** Ended encoders stay in the list until there are more than this. */
const maxRemembered = 1_000;

/** Encoders by id, for those who start them from another process. */
export class EncoderPool {
  readonly #members = new Map<string, Member>();
  #started = 0;

  /** Rejects when the server refuses. */
  async start(options: EncoderOptions): Promise<PooledEncoder> {
    const encoder = await startEncoder(options);
    this.#started += 1;
    const { url, source = 'fixture' } = options;
    const facts: PooledEncoder = {
      id: `encoder-${this.#started}`,
      url: redactPushUrl(url),
      source,
      startedAt: Date.now(),
    };
    this.#members.set(facts.id, { facts, encoder });
    void encoder.done.then((ended) => {
      facts.ended = ended;
      this.#forgetOldest();
    });
    return facts;
  }

  list(): PooledEncoder[] {
    return [...this.#members.values()].map((member) => member.facts);
  }

  /** Undefined when there is no such encoder; one that has ended already stays as it ended. */
  async end(id: string, { drop }: { drop: boolean }): Promise<PooledEncoder | undefined> {
    const member = this.#members.get(id);
    if (!member) return undefined;
    await (drop ? member.encoder.drop() : member.encoder.stop());
    return member.facts;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => member.encoder.drop()));
    this.#members.clear();
  }

  #forgetOldest(): void {
    if (this.#members.size <= maxRemembered) return;
    const oldest = this.list().find((facts) => facts.ended);
    if (oldest) this.#members.delete(oldest.id);
  }
}
