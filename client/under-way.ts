/** Work that has begun and not ended, whether it is awaited or not. */
export class PendingWork {
  readonly #all = new Set<Promise<unknown>>();

  add<T>(work: Promise<T>): Promise<T> {
    this.#all.add(work);
    const forget = () => this.#all.delete(work);
    work.then(forget, forget);
    return work;
  }

  /**
   * Resolves when nothing is under way. A connection that is closed before that throws in the SDK's next try, where no
   * caller can catch it.
   */
  async settled(): Promise<void> {
    while (this.#all.size > 0) {
      await Promise.allSettled(this.#all);
      // A caller that waited for one may begin another.
      await new Promise(setImmediate);
    }
  }
}
