// Copyright 2026 the asyncio authors. MIT license.

import { requireFunction } from "../_util/checks.ts";
import { type Compare, compareValues } from "../_util/compare.ts";
import { requireOptions } from "../_util/options.ts";
import { PriorityHeap } from "../_util/priority_heap.ts";
import { keepSpecimens } from "../_util/specimens.ts";
import { Queue } from "./queue.ts";

const PRIORITY_QUEUE_OPTIONS: readonly string[] = ["compare"];

/**
 * Options for {@linkcode PriorityQueue}.
 *
 * @category Queues
 */
export interface PriorityQueueOptions<T> {
  /**
   * Compares two items: negative if the first comes out first, positive if the
   * second does, 0 if the one that was put in first does.
   *
   * @default {numbers from low to high, strings by code points, arrays element
   * by element}
   */
  compare?: Compare<T>;
}

/**
 * A {@linkcode Queue} whose lowest item comes out first.
 *
 * - **Order.** Numbers go from low to high, strings by their code points,
 *   arrays element by element, so `[priority, job]` is an item with its
 *   priority. This is Python's order of numbers, strings and tuples. For all
 *   other items, pass `compare`. Of equal items, the one that was put in first
 *   comes out first.
 * - Items that cannot be compared are refused with a `TypeError`, and the queue
 *   stays as it was.
 * - The number of comparisons for adding or taking an item grows with the
 *   logarithm of the number of items. Everything else is as for
 *   {@linkcode Queue}.
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
 *
 * @category Queues
 */
export class PriorityQueue<T> extends Queue<T> {
  /** @ignore */
  static override readonly $printedClass: string = "PriorityQueue";

  /**
   * Creates an empty queue.
   *
   * @param maxsize How many items there is room for. Zero or less: no limit.
   * @param options The order in which items come out.
   * @throws {TypeError} If `maxsize` is not a number, or is `NaN`.
   * @throws {TypeError} If `compare` is not a function.
   * @throws {TypeError} If there is no such option.
   */
  constructor(maxsize?: number, options?: PriorityQueueOptions<T>);
  /**
   * Creates an empty queue without a limit.
   *
   * @param options The order in which items come out.
   * @throws {TypeError} If `compare` is not a function.
   * @throws {TypeError} If there is no such option.
   */
  constructor(options: PriorityQueueOptions<T>);
  constructor(
    first: number | PriorityQueueOptions<T> = 0,
    second?: PriorityQueueOptions<T>,
  ) {
    const [maxsize, options] = typeof first === "object" && first !== null
      ? [0, first]
      : [first, second];
    requireOptions("PriorityQueue()", options, PRIORITY_QUEUE_OPTIONS);
    super(maxsize);
    const compare = options?.compare ?? compareValues;
    requireFunction("the compare option of PriorityQueue", compare);
    this.$state.items = new PriorityHeap<T>(compare);
    keepSpecimens(priorityQueueSpecimens);
  }
}

function priorityQueueSpecimens(): unknown {
  return new PriorityQueue();
}
