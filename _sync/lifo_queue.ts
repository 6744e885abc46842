// Copyright 2026 the asyncio authors. MIT license.

import { keepSpecimens } from "../_util/specimens.ts";
import { Queue } from "./queue.ts";
import type { Items } from "./queue_state.ts";

/** Last in, first out: an array whose next item is its last. */
class Stack<T> implements Items<T> {
  #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T {
    return this.#items.pop()!;
  }

  clear(): void {
    this.#items = [];
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.values();
  }
}

/**
 * A {@linkcode Queue}, last in, first out: the newest item is taken first.
 * Everything else is the same.
 *
 * @typeParam T The type of the items.
 *
 * @example Usage
 * ```ts
 * import { LifoQueue } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new LifoQueue<string>();
 * queue.putNowait("apple");
 * queue.putNowait("pear");
 * assertEquals(queue.getNowait(), "pear");
 * ```
 *
 * @category Queues
 */
export class LifoQueue<T> extends Queue<T> {
  /** @ignore */
  static override readonly $printedClass: string = "LifoQueue";

  /**
   * Creates an empty queue.
   *
   * @param maxsize How many items there is room for. Zero or less: no limit.
   * @throws {TypeError} If `maxsize` is not a number, or is `NaN`.
   */
  constructor(maxsize: number = 0) {
    super(maxsize);
    this.$state.items = new Stack<T>();
    keepSpecimens(lifoQueueSpecimens);
  }
}

function lifoQueueSpecimens(): unknown {
  return new LifoQueue();
}
