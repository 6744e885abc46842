// Copyright 2026 the asyncio authors. MIT license.

/** What the heap uses of a timer. */
export interface Timed {
  readonly $deadline: number;
  /** Decides between equal deadlines. */
  readonly $schedulingOrder: number;
  /** The position in the heap, or -1 if it is in none. */
  get $heapIndex(): number;
  set $heapIndex(index: number);
}

function before(a: Timed, b: Timed): boolean {
  return a.$deadline < b.$deadline ||
    (a.$deadline === b.$deadline && a.$schedulingOrder < b.$schedulingOrder);
}

/**
 * A binary heap of timers: earliest deadline first, equal deadlines in order of
 * scheduling.
 *
 * Each timer knows its position, so that a cancelled timer leaves at once:
 * cancelled timers never pile up, and the first timer is never a cancelled one.
 */
export class TimerHeap<T extends Timed> {
  #timers: T[] = [];
  /** Called with each timer that is added, if a test has set it. */
  onPush: ((timer: T) => void) | null = null;

  get size(): number {
    return this.#timers.length;
  }

  peek(): T | undefined {
    return this.#timers[0];
  }

  push(timer: T): void {
    this.putBack(timer);
    if (this.onPush !== null) this.onPush(timer);
  }

  /** Adds a timer that was taken out and has not run. */
  putBack(timer: T): void {
    this.#timers.push(timer);
    this.#up(timer, this.#timers.length - 1);
  }

  pop(): T {
    const first = this.#timers[0];
    this.delete(first);
    return first;
  }

  delete(timer: T): void {
    const index = timer.$heapIndex;
    if (index < 0) return;
    timer.$heapIndex = -1;
    const last = this.#timers.pop()!;
    if (last === timer) return;
    if (index > 0 && before(last, this.#timers[(index - 1) >> 1])) {
      this.#up(last, index);
    } else {
      this.#down(last, index);
    }
  }

  /** All timers, in no order. */
  values(): Iterable<T> {
    return this.#timers;
  }

  clear(): void {
    for (const timer of this.#timers) timer.$heapIndex = -1;
    this.#timers = [];
  }

  #up(timer: T, index: number): void {
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#timers[parentIndex];
      if (!before(timer, parent)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(timer, index);
  }

  #down(timer: T, index: number): void {
    const { length } = this.#timers;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= length) break;
      const right = childIndex + 1;
      if (
        right < length && before(this.#timers[right], this.#timers[childIndex])
      ) childIndex = right;
      const child = this.#timers[childIndex];
      if (!before(child, timer)) break;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(timer, index);
  }

  #place(timer: T, index: number): void {
    this.#timers[index] = timer;
    timer.$heapIndex = index;
  }
}
