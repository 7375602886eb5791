/** Something that will happen at an instant of virtual time. */
export interface Due {
  at: number;
  order: number;
  /** Undefined once it was cancelled. */
  action: (() => unknown) | undefined;
  /** A look shows the same before and after it. */
  changesNothing?: boolean;
}

/** A binary heap: the earliest first, among equals the lowest order. */
export class EventQueue {
  readonly #heap: Due[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The next that was not cancelled. */
  get first(): Due | undefined {
    while (this.#heap[0] && !this.#heap[0].action) this.pop();
    return this.#heap[0];
  }

  push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!above || !isBefore(due, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const child = this.#earlierChildOf(at);
      const below = heap[child];
      if (!below || !isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  #earlierChildOf(at: number): number {
    const [left, right] = [this.#heap[at * 2 + 1], this.#heap[at * 2 + 2]];
    return left && right && isBefore(right, left) ? at * 2 + 2 : at * 2 + 1;
  }
}

const isBefore = (a: Due, b: Due): boolean => (a.at !== b.at ? a.at < b.at : a.order < b.order);
