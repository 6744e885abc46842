// Copyright 2026 the asyncio authors. MIT license.

const INITIAL_CAPACITY = 64; // a power of two: positions wrap with a mask
const SHRINK_ABOVE = 4096; // a burst must not keep its memory for good

/** A queue, first in, first out, in a ring buffer: entries never move. */
export class Deque<T> implements Iterable<T> {
  #entries: (T | null)[] = new Array(INITIAL_CAPACITY).fill(null);
  #mask = INITIAL_CAPACITY - 1;
  #head = 0;
  length = 0;

  push(entry: T): void {
    if (this.length > this.#mask) this.#resize((this.#mask + 1) * 2);
    this.#entries[(this.#head + this.length++) & this.#mask] = entry;
  }

  /** Takes the oldest entry. There must be one. */
  shift(): T {
    const entry = this.#entries[this.#head] as T;
    this.#entries[this.#head] = null;
    this.#head = (this.#head + 1) & this.#mask;
    if (--this.length === 0 && this.#mask >= SHRINK_ABOVE) {
      this.#resize(INITIAL_CAPACITY);
    }
    return entry;
  }

  /** The oldest entry. There must be one. */
  peek(): T {
    return this.#entries[this.#head] as T;
  }

  clear(): void {
    this.length = 0;
    this.#resize(INITIAL_CAPACITY);
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.length; i++) {
      yield this.#entries[(this.#head + i) & this.#mask] as T;
    }
  }

  #resize(capacity: number): void {
    const entries: (T | null)[] = new Array(capacity).fill(null);
    for (let i = 0; i < this.length; i++) {
      entries[i] = this.#entries[(this.#head + i) & this.#mask];
    }
    this.#entries = entries;
    this.#mask = capacity - 1;
    this.#head = 0;
  }
}
