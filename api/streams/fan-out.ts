import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

export interface Snapshot<T> {
  value: T;
  /** An id made from the value, so that it is the same in every process. */
  id: string;
}

export interface Listener<T> {
  changed(snapshot: Snapshot<T>): void;
  /** A poll failed. When a later one succeeds, `changed` is called even if the value is the same. */
  failed(error: unknown): void;
}

export interface PolledSource<T> {
  poll(key: string): Promise<T>;
  everyMs: number;
  /** No value follows this one. */
  isLast(value: T): boolean;
  /** Polling again cannot help. */
  isPermanent?(error: unknown): boolean;
}

/** After a failure the next poll waits this many times as long. */
const failureBackoff = 5;

export const idOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);

/** Polls each key once for all its viewers, and not at all while it has none. */
export class FanOut<T> {
  readonly #source: PolledSource<T>;
  readonly #feeds = new Map<string, Feed<T>>();

  constructor(source: PolledSource<T>) {
    this.#source = source;
  }

  /** Calls the viewer with the latest value at once, and why that is old where the last poll failed, and with each change; returns what ends that. */
  watch(key: string, viewer: Listener<T>): () => void {
    let feed = this.#feeds.get(key);
    if (!feed) {
      feed = new Feed(key, this.#source);
      this.#feeds.set(key, feed);
    }
    const { join, leave } = feed;
    join(viewer);
    return () => {
      if (leave(viewer) === 0 && this.#feeds.get(key) === feed) this.#feeds.delete(key);
    };
  }
}

class Feed<T> {
  readonly #key: string;
  readonly #source: PolledSource<T>;
  readonly #viewers = new Set<Listener<T>>();
  #latest: Snapshot<T> | undefined;
  /** Of the last poll, where it failed. */
  #failure: { error: unknown } | undefined;
  #ended = false;
  #polling = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(key: string, source: PolledSource<T>) {
    this.#key = key;
    this.#source = source;
  }

  readonly join = (viewer: Listener<T>): void => {
    this.#viewers.add(viewer);
    if (this.#latest) viewer.changed(this.#latest);
    // What was seen before a failure is not what is seen now.
    if (this.#failure) viewer.failed(this.#failure.error);
    if (!this.#polling && !this.#ended) void this.#poll();
  };

  /** Returns how many viewers are left. */
  readonly leave = (viewer: Listener<T>): number => {
    this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) {
      clearTimeout(this.#timer);
      this.#ended = true;
    }
    return this.#viewers.size;
  };

  async #poll(): Promise<void> {
    this.#polling = true;
    let delayMs = this.#source.everyMs;
    try {
      this.#publish(await this.#source.poll(this.#key));
    } catch (error) {
      delayMs *= failureBackoff;
      this.#ended ||= this.#source.isPermanent?.(error) ?? false;
      this.#failure = { error };
      for (const viewer of [...this.#viewers]) viewer.failed(error);
    }
    if (!this.#ended) this.#timer = setTimeout(() => void this.#poll(), delayMs);
  }

  #publish(value: T): void {
    this.#ended ||= this.#source.isLast(value);
    const isNew = !this.#latest || !isDeepStrictEqual(this.#latest.value, value);
    // After a failure the same value is published again, so that viewers see that the failure is over.
    if (!isNew && !this.#failure) return;
    this.#failure = undefined;
    if (isNew || !this.#latest) this.#latest = { value, id: idOf(value) };
    for (const viewer of [...this.#viewers]) viewer.changed(this.#latest);
  }
}
