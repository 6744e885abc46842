// Copyright 2026 the asyncio authors. MIT license.

/** What the heap uses of a timer. */
export interface Timed {
  /** Its deadline. */
  when(): number;
  /** Whether its deadline is earlier, or the same and it was made earlier. */
  $isBefore(other: Timed): boolean;
  /** Whether it is in a heap, and was not deleted from it. */
  get $isPending(): boolean;
  set $isPending(isPending: boolean);
}

/** Up to how many entries a heap is small. */
const SMALL = 32;

/**
 * A binary heap of timers: earliest deadline first, equal deadlines in order of
 * scheduling.
 *
 * In a large heap, a deleted timer is not taken out at once: its entry stays until
 * it comes first or there are more such entries than pending timers, much as in
 * CPython. To look for each takes five times as long when many are cancelled,
 * since a large heap does not fit into the processor's caches.
 *
 * Invariants: all methods behave as if deleted timers were gone; at least half of
 * the entries are pending, and all of them in a small heap.
 */
export class TimerHeap<T extends Timed> {
  #entries: T[] = [];
  /** How many of the entries are deleted timers. */
  #deleted = 0;
  /** Called with each timer that is added, if a test has set it. */
  onPush: ((timer: T) => void) | null = null;

  get size(): number {
    return this.#entries.length - this.#deleted;
  }

  /** The first timer. */
  peek(): T | undefined {
    let first = this.#entries[0];
    while (first !== undefined && !first.$isPending) {
      this.#removeFirst();
      this.#deleted--;
      first = this.#entries[0];
    }
    return first;
  }

  push(timer: T): void {
    this.putBack(timer);
    if (this.onPush !== null) this.onPush(timer);
  }

  /** Adds a timer that was taken out and has not run. */
  putBack(timer: T): void {
    timer.$isPending = true;
    let index = this.#entries.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#entries[parentIndex];
      if (!timer.$isBefore(parent)) break;
      this.#entries[index] = parent;
      index = parentIndex;
    }
    this.#entries[index] = timer;
  }

  pop(): T {
    const first = this.peek()!;
    first.$isPending = false;
    this.#removeFirst();
    this.#limitDeleted();
    return first;
  }

  delete(timer: T): void {
    if (!timer.$isPending) return;
    timer.$isPending = false;
    const entries = this.#entries;
    // If it is the last entry, as one that was just set often is, it can go.
    if (entries[entries.length - 1] === timer) entries.pop();
    else this.#deleted++;
    this.#limitDeleted();
  }

  /** All timers, in no order. */
  values(): Iterable<T> {
    return this.#entries.filter((timer) => timer.$isPending);
  }

  clear(): void {
    for (const timer of this.#entries) timer.$isPending = false;
    this.#entries = [];
    this.#deleted = 0;
  }

  #removeFirst(): void {
    const last = this.#entries.pop()!;
    if (this.#entries.length > 0) this.#moveDown(last, 0);
  }

  #limitDeleted(): void {
    const entries = this.#entries;
    if (this.#deleted <= (entries.length > SMALL ? entries.length / 2 : 0)) {
      return;
    }
    let count = 0;
    for (const timer of entries) {
      if (timer.$isPending) entries[count++] = timer;
    }
    entries.length = count;
    this.#deleted = 0;
    for (let index = (count >> 1) - 1; index >= 0; index--) {
      this.#moveDown(entries[index], index);
    }
  }

  /** Puts a timer at an index, or below that. */
  #moveDown(timer: T, index: number): void {
    const entries = this.#entries;
    const { length } = entries;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= length) break;
      const right = childIndex + 1;
      if (right < length && entries[right].$isBefore(entries[childIndex])) {
        childIndex = right;
      }
      const child = entries[childIndex];
      if (!child.$isBefore(timer)) break;
      entries[index] = child;
      index = childIndex;
    }
    entries[index] = timer;
  }
}
