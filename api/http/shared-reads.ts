type Work<T> = (stop: AbortSignal) => Promise<T>;

interface Read<T> {
  answer: Promise<T>;
  /** How many wait for it. */
  askers: number;
  stop: AbortController;
}

interface Running<T> {
  done: Promise<void>;
  next?: Read<T>;
}

/**
 * One read for all who ask the same at the same time. It always begins after the question, so that no answer is older than that
 * of a read of one's own: who asks while one is under way waits for the next. It is stopped when all who asked have gone.
 */
export class SharedReads<T> {
  readonly #running = new Map<string, Running<T>>();

  /** @param gone aborted when nothing waits for this answer any more */
  read(key: string, work: Work<T>, gone?: AbortSignal): Promise<T> {
    const running = this.#running.get(key);
    if (!running) return joined(this.#begin(key, work, new AbortController()), gone);
    // One that all have left ends at once; who comes now has another.
    if (!running.next || running.next.stop.signal.aborted) {
      const stop = new AbortController();
      running.next = { answer: running.done.then(() => this.#begin(key, work, stop).answer), askers: 0, stop };
    }
    return joined(running.next, gone);
  }

  #begin(key: string, work: Work<T>, stop: AbortController): Read<T> {
    const read = { answer: work(stop.signal), askers: 0, stop };
    const end = () => {
      if (!running.next && this.#running.get(key) === running) this.#running.delete(key);
    };
    const running: Running<T> = { done: read.answer.then(end, end) };
    this.#running.set(key, running);
    return read;
  }
}

function joined<T>(read: Read<T>, gone: AbortSignal | undefined): Promise<T> {
  read.askers += 1;
  gone?.addEventListener(
    'abort',
    () => {
      read.askers -= 1;
      if (read.askers === 0) read.stop.abort();
    },
    { once: true },
  );
  return read.answer;
}
