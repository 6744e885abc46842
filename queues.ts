/**
 * Queues: how tasks hand items to each other.
 *
 * ```ts
 * import { Queue, run, taskGroup } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const done: number[] = [];
 * await run(() =>
 *   taskGroup(async (group) => {
 *     const queue = new Queue<number>(2); // room for two: put() waits
 *     group.createTask(async () => {
 *       for (let i = 0; i < 5; i++) await queue.put(i);
 *       queue.shutdown(); // no more will come
 *     });
 *     group.createTask(async () => {
 *       for await (const item of queue) done.push(item);
 *     });
 *   })
 * );
 * assertEquals(done, [0, 1, 2, 3, 4]);
 * ```
 *
 * They are for tasks of one loop: each is bound to the loop in which somebody
 * first waits for it, and waiting for it in another one is an error.
 *
 * @module
 */

import { requireFunction } from "./_util/checks.ts";
import { type Compare, compareValues, Heap } from "./_util/priority_heap.ts";
import { type Items, Queue } from "./_sync/queue.ts";

export { type Compare, Queue };

/** Last in, first out. */
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
 * A {@linkcode Queue}, last in, first out: the newest item comes out first. All
 * else is the same.
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
 */
export class LifoQueue<T> extends Queue<T> {
  /**
   * An empty queue.
   *
   * @param maxsize How many items it has room for. Zero or less is no limit.
   * @throws {TypeError} If `maxsize` is not a number, or `NaN`.
   */
  constructor(maxsize: number = 0) {
    super(maxsize);
    this["_items"] = new Stack<T>();
  }
}

/** Options for {@linkcode PriorityQueue}. */
export interface PriorityQueueOptions<T> {
  /**
   * Which of two items comes out first: negative for the first of them, positive
   * for the second, 0 for the one that was put in first.
   *
   * @default {numbers from low to high, strings by code points, arrays element
   * by element}
   */
  compare?: Compare<T>;
}

/**
 * A {@linkcode Queue} whose lowest item comes out first.
 *
 * - **Order.** Numbers go from low to high, strings by their code points, arrays
 *   element by element, so `[priority, job]` is an item with its priority. That
 *   is Python's order of numbers, strings and tuples. For anything else there is
 *   `compare`. Of equal items, the one that was put in first comes out first.
 * - Items that have no order are refused with a `TypeError`, and the queue stays
 *   as it was.
 * - Taking or adding an item takes a number of comparisons that grows with the
 *   logarithm of how many there are. All else is as with {@linkcode Queue}.
 *
 * @typeParam T The type of the items.
 *
 * @example Arrays
 * ```ts
 * import { PriorityQueue } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new PriorityQueue<[number, string]>();
 * queue.putNowait([2, "sleep"]);
 * queue.putNowait([1, "eat"]);
 * assertEquals(queue.getNowait(), [1, "eat"]);
 * ```
 *
 * @example Objects
 * ```ts
 * import { PriorityQueue } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new PriorityQueue<{ name: string; due: Date }>(0, {
 *   compare: (a, b) => a.due.getTime() - b.due.getTime(),
 * });
 * queue.putNowait({ name: "sleep", due: new Date("2030-01-02") });
 * queue.putNowait({ name: "eat", due: new Date("2030-01-01") });
 * assertEquals(queue.getNowait().name, "eat");
 * ```
 */
export class PriorityQueue<T> extends Queue<T> {
  /**
   * An empty queue.
   *
   * @param maxsize How many items it has room for. Zero or less is no limit.
   * @param options In which order they come out.
   * @throws {TypeError} If `maxsize` is not a number, or `NaN`.
   * @throws {TypeError} If `compare` is not a function.
   */
  constructor(maxsize?: number, options?: PriorityQueueOptions<T>);
  /**
   * An empty queue without limit.
   *
   * @param options In which order the items come out.
   * @throws {TypeError} If `compare` is not a function.
   */
  constructor(options: PriorityQueueOptions<T>);
  constructor(
    first: number | PriorityQueueOptions<T> = 0,
    second?: PriorityQueueOptions<T>,
  ) {
    const [maxsize, options] = typeof first === "object" && first !== null
      ? [0, first]
      : [first, second];
    super(maxsize);
    const compare = options?.compare ?? compareValues;
    requireFunction("the compare option of PriorityQueue", compare);
    this["_items"] = new Heap<T>(compare);
  }
}
