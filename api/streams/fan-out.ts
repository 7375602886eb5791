import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

export interface Seen<T> {
  value: T;
  /** The same value has the same id, in every process. */
  id: string;
}

export interface Viewer<T> {
  seen(seen: Seen<T>): void;
  /** A look that failed; the next one may not. When one succeeds, `seen` comes even if nothing changed. */
  trouble(error: unknown): void;
}

interface Look<T> {
  /** Asks for what is watched. */
  look(key: string): Promise<T>;
  everyMs: number;
  /** Nothing comes after this. */
  isLast(value: T): boolean;
  /** No later look will do better than this error. */
  isHopeless?(error: unknown): boolean;
}

/** After trouble it is looked at this much more seldom. */
const troublePace = 5;

export const idOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);

/** However many watch the same, it is looked at once; nobody watches, nobody looks. */
export class FanOut<T> {
  readonly #look: Look<T>;
  readonly #feeds = new Map<string, Feed<T>>();

  constructor(look: Look<T>) {
    this.#look = look;
  }

  /** Tells the viewer what is known at once, and each change; gives what ends that. */
  watch(key: string, viewer: Viewer<T>): () => void {
    let feed = this.#feeds.get(key);
    if (!feed) {
      feed = new Feed(key, this.#look);
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
  readonly #look: Look<T>;
  readonly #viewers = new Set<Viewer<T>>();
  #latest: Seen<T> | undefined;
  #hopeless: unknown;
  #over = false;
  #troubled = false;
  #running = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(key: string, look: Look<T>) {
    this.#key = key;
    this.#look = look;
  }

  readonly join = (viewer: Viewer<T>): void => {
    this.#viewers.add(viewer);
    if (this.#latest) viewer.seen(this.#latest);
    else if (this.#hopeless) viewer.trouble(this.#hopeless);
    if (!this.#running && !this.#over) void this.#next();
  };

  /** How many are left. */
  readonly leave = (viewer: Viewer<T>): number => {
    this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) {
      clearTimeout(this.#timer);
      this.#over = true;
    }
    return this.#viewers.size;
  };

  async #next(): Promise<void> {
    this.#running = true;
    let pace = 1;
    try {
      this.#tell(await this.#look.look(this.#key));
    } catch (error) {
      pace = troublePace;
      if (this.#look.isHopeless?.(error)) {
        this.#hopeless = error;
        this.#over = true;
      }
      this.#troubled = true;
      for (const viewer of [...this.#viewers]) viewer.trouble(error);
    }
    if (!this.#over) this.#timer = setTimeout(() => void this.#next(), this.#look.everyMs * pace);
  }

  #tell(value: T): void {
    this.#over ||= this.#look.isLast(value);
    const isNew = !this.#latest || !isDeepStrictEqual(this.#latest.value, value);
    // After trouble it is told again: that is how a viewer learns that it is over.
    if (!isNew && !this.#troubled) return;
    this.#troubled = false;
    if (isNew || !this.#latest) this.#latest = { value, id: idOf(value) };
    for (const viewer of [...this.#viewers]) viewer.seen(this.#latest);
  }
}
