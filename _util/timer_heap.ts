// Copyright 2026 the asyncio authors. MIT license.

/** What the heap uses of a timer. */
export interface Timed {
  /** Its deadline. */
  when(): number;
  /** Of two with the same deadline, the one with the lower number comes first. */
  readonly $order: number;
  /** Whether it is in a heap, and was not deleted from it. */
  get $isPending(): boolean;
  set $isPending(isPending: boolean);
}

/** Up to how many entries a heap is small. */
const SMALL = 32;

/** Room for so many entries is kept, however few there are. */
const MAX_KEPT = 4096;

/**
 * A heap of timers: earliest deadline first, equal deadlines in order of
 * scheduling.
 *
 * A large heap does not fit into the processor's caches, so that what counts is
 * how much memory is looked at. The deadlines are kept beside the timers, and an
 * entry has four children, which lie next to each other: those of the entry `i`
 * are `4 * i + 1` to `4 * i + 4`.
 *
 * For the same reason, a deleted timer is not taken out of a large heap at once:
 * its entry stays until it comes first or there are more such entries than
 * pending timers, much as in CPython. To look for each takes five times as long
 * when many are cancelled.
 *
 * Invariants: all methods behave as if deleted timers were gone; at least half of
 * the entries are pending, and all of them in a small heap.
 */
export class TimerHeap<T extends Timed> {
  /**
   * The entries, then `null`: V8 would copy an array that is shortened and filled
   * again and again.
   */
  #timers: (T | null)[] = [];
  /** The deadline of the timer with the same index. */
  #deadlines: number[] = [];
  /** How many entries there are. */
  #count = 0;
  /** How many of them are deleted timers. */
  #deleted = 0;
  /** Called with each timer that is added, if a test has set it. */
  onPush: ((timer: T) => void) | null = null;

  get size(): number {
    return this.#count - this.#deleted;
  }

  /** The first timer. */
  peek(): T | undefined {
    while (this.#count > 0) {
      const first = this.#timers[0]!;
      if (first.$isPending) return first;
      this.#deleted--;
      this.#removeFirst();
    }
    return undefined;
  }

  push(timer: T): void {
    this.putBack(timer);
    if (this.onPush !== null) this.onPush(timer);
  }

  /** Adds a timer that was taken out and has not run. */
  putBack(timer: T): void {
    const deadline = timer.when();
    let place = this.#count;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (this.#isBefore(parent, deadline, timer)) break;
      place = parent;
    }
    timer.$isPending = true;
    // No calls from here on: the stack may overflow in one, and half of this is
    // no heap.
    const timers = this.#timers;
    const deadlines = this.#deadlines;
    let index = this.#count++;
    while (index > place) {
      const parent = (index - 1) >> 2;
      timers[index] = timers[parent];
      deadlines[index] = deadlines[parent];
      index = parent;
    }
    timers[index] = timer;
    deadlines[index] = deadline;
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
    // If it is the last entry, as one that was just set often is, it can go.
    if (this.#timers[this.#count - 1] === timer) this.#removeLast();
    else this.#deleted++;
    this.#limitDeleted();
  }

  /** All timers, in no order. */
  values(): Iterable<T> {
    return this.#timers.filter((timer): timer is T =>
      timer !== null && timer.$isPending
    );
  }

  clear(): void {
    for (const timer of this.values()) timer.$isPending = false;
    this.#timers = [];
    this.#deadlines = [];
    this.#count = this.#deleted = 0;
  }

  #removeFirst(): void {
    const deadline = this.#deadlines[this.#count - 1];
    const timer = this.#removeLast();
    if (this.#count > 0) this.#moveDown(0, deadline, timer);
  }

  #removeLast(): T {
    const last = this.#timers[--this.#count]!;
    this.#timers[this.#count] = null;
    this.#shrink();
    return last;
  }

  /** Gives memory back if little of it is used. */
  #shrink(): void {
    const { length } = this.#timers;
    if (length <= MAX_KEPT || this.#count > length / 4) return;
    this.#timers.length = this.#deadlines.length = 2 * this.#count;
  }

  #limitDeleted(): void {
    const before = this.#count;
    if (this.#deleted <= (before > SMALL ? before / 2 : 0)) return;
    let count = 0;
    for (let index = 0; index < before; index++) {
      if (this.#timers[index]!.$isPending) this.#move(index, count++);
    }
    this.#timers.fill(null, count, before);
    this.#count = count;
    this.#deleted = 0;
    this.#shrink();
    for (let index = (count - 2) >> 2; index >= 0; index--) {
      this.#moveDown(index, this.#deadlines[index], this.#timers[index]!);
    }
  }

  #put(index: number, deadline: number, timer: T): void {
    this.#deadlines[index] = deadline;
    this.#timers[index] = timer;
  }

  #move(from: number, to: number): void {
    this.#deadlines[to] = this.#deadlines[from];
    this.#timers[to] = this.#timers[from];
  }

  /** Whether the entry at an index comes before a timer with that deadline. */
  #isBefore(index: number, deadline: number, timer: T): boolean {
    const own = this.#deadlines[index];
    return own < deadline ||
      own === deadline && this.#timers[index]!.$order < timer.$order;
  }

  /** Puts a timer at an index, or below that. */
  #moveDown(index: number, deadline: number, timer: T): void {
    const timers = this.#timers;
    const deadlines = this.#deadlines;
    const count = this.#count;
    for (;;) {
      let child = 4 * index + 1;
      if (child >= count) break;
      const end = Math.min(child + 4, count);
      for (let other = child + 1; other < end; other++) {
        if (this.#isBefore(other, deadlines[child], timers[child]!)) {
          child = other;
        }
      }
      if (!this.#isBefore(child, deadline, timer)) break;
      this.#move(child, index);
      index = child;
    }
    this.#put(index, deadline, timer);
  }
}
