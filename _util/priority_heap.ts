// Copyright 2026 the asyncio authors. MIT license.

import type { Compare } from "./compare.ts";

interface Entry<T> {
  readonly item: T;
  /** Order of insertion, which decides between equal items. */
  readonly sequence: number;
}

/**
 * A binary heap: lowest item first, equal items in order of insertion.
 *
 * If a comparison throws, the heap is as it was before: each method makes all
 * comparisons first and moves entries afterwards. `TimerHeap` is a class of its
 * own: it needs no such care, but must be fast.
 */
export class PriorityHeap<T> implements Iterable<T> {
  #entries: Entry<T>[] = [];
  #sequence = 0;
  #compare: Compare<T>;

  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#entries.length;
  }

  push(item: T): void {
    const entries = this.#entries;
    const entry: Entry<T> = { item, sequence: this.#sequence++ };
    let place = entries.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(entry, entries[parent])) break;
      place = parent;
    }
    // No comparison follows: now the entries on the path move down.
    let hole = entries.length;
    entries.push(entry);
    while (hole > place) {
      const parent = (hole - 1) >> 1;
      entries[hole] = entries[parent];
      hole = parent;
    }
    entries[place] = entry;
  }

  /** Takes the lowest item. There must be one. */
  shift(): T {
    const entries = this.#entries;
    const first = entries[0];
    const length = entries.length - 1;
    const last = entries[length];
    let place = 0;
    for (let child = 1; child < length; child = 2 * place + 1) {
      const other = child + 1;
      if (other < length && this.#isBefore(entries[other], entries[child])) {
        child = other;
      }
      if (!this.#isBefore(entries[child], last)) break;
      place = child;
    }
    // No comparison follows: now the entries on the path move up.
    entries.pop();
    if (length > 0) {
      let moving = last;
      while (place > 0) {
        const next = entries[place];
        entries[place] = moving;
        moving = next;
        place = (place - 1) >> 1;
      }
      entries[0] = moving;
    }
    return first.item;
  }

  clear(): void {
    this.#entries = [];
  }

  *[Symbol.iterator](): Generator<T> {
    for (const { item } of this.#entries) yield item;
  }

  #isBefore(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.#compare(a.item, b.item);
    return order < 0 || (order === 0 && a.sequence < b.sequence);
  }
}
