interface Running<T> {
  done: Promise<void>;
  next?: Promise<T>;
}

/**
 * One read for all who ask the same at the same time. It always begins after the question, so that no answer is older than that
 * of a read of one's own: who asks while one is under way waits for the next.
 */
export class SharedReads<T> {
  readonly #running = new Map<string, Running<T>>();

  read(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (!running) return this.#begin(key, work);
    running.next ??= running.done.then(() => this.#begin(key, work));
    return running.next;
  }

  #begin(key: string, work: () => Promise<T>): Promise<T> {
    const answer = work();
    const end = () => {
      if (!running.next) this.#running.delete(key);
    };
    const running: Running<T> = { done: answer.then(end, end) };
    this.#running.set(key, running);
    return answer;
  }
}
