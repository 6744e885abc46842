// Copyright 2026 the asyncio authors. MIT license.

import { requireAmount } from "../_util/checks.ts";
import { classText, printAs, shortRepr } from "../_util/repr.ts";
import type { Coroutine } from "../coroutine.ts";
import { QueueEmpty, QueueFull } from "../errors.ts";
import { QueueState, shutDownError } from "./queue_state.ts";
import { getItem, joinQueue, nextItem, putItem } from "./queue_waiters.ts";

/** One more than the longest list that is printed in full. */
const MAX_PRINTED = 7;

/** The text of the items of a queue, as a list that is shortened if long. */
function itemsText(items: Iterable<unknown>): string {
  const first: unknown[] = [];
  for (const item of items) {
    if (first.push(item) === MAX_PRINTED) break;
  }
  return shortRepr(first);
}

/** A queue, and what waits in it. */
function queueSpecimens(): unknown[] {
  const queue = new Queue<null>();
  return [queue.get(), queue.put(null), queue.join()];
}

/**
 * A queue, first in, first out.
 *
 * - **Order.** Items are taken in the order in which they were put in. Tasks
 *   that wait, for an item or for room, are woken in the order in which they
 *   came. A `get` that finds an item and a `put` that finds room take no turn
 *   of the loop, even if a waiter was woken for that item or room and has not
 *   continued yet: it then waits again, behind the other waiters.
 * - **Back-pressure.** If the queue has a maximum size, `put` waits while it is
 *   full.
 * - **Cancellation.** A `get` that is cancelled takes no item, and a `put` that
 *   is cancelled adds none: no item is lost or delivered twice. If it was
 *   already woken, it wakes the next waiter instead.
 * - **End.** After {@linkcode Queue.shutdown} no item can be put in. Those that
 *   are left can still be taken; then `for await` ends and `get` throws
 *   {@linkcode QueueShutDown}.
 * - **Tasks and futures as items.** JavaScript's `await` never returns a task
 *   or a future, it waits for it: `await queue.get()` takes a task out of the
 *   queue, waits for it and returns its result, and cancelling the caller
 *   meanwhile cancels that task. Wrap the task in an object instead, as in the
 *   second example. `yield* queue.get()`, {@linkcode Queue.getNowait} and
 *   `for await` do return the task itself; but TypeScript may infer the type of
 *   the task's result for the variable of a `for await`, so there, too, prefer
 *   the object.
 * - Adding or taking an item takes the same time however many there are.
 *
 * @typeParam T The type of the items.
 *
 * @example Jobs for two workers, one of them slow
 * ```ts
 * import { createTask, Queue, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const queue = new Queue<string>();
 *   const log: string[] = [];
 *   for (const seconds of [0.05, 0.01]) {
 *     createTask(async () => {
 *       for await (const job of queue) {
 *         await sleep(seconds);
 *         log.push(job);
 *         queue.taskDone();
 *       }
 *     });
 *   }
 *   for (const job of ["a", "b", "c"]) queue.putNowait(job);
 *   await queue.join();
 *   assertEquals(log, ["b", "c", "a"]);
 *   queue.shutdown();
 * });
 * ```
 *
 * @example Tasks as items
 * ```ts
 * import { createTask, Queue, run, sleep, type Task } from "@asyncio/asyncio";
 * import { assertEquals, assertFalse } from "@std/assert";
 *
 * await run(async () => {
 *   const queue = new Queue<{ task: Task<string> }>();
 *   await queue.put({ task: createTask(sleep(0.01, "done")) });
 *   const { task } = await queue.get();
 *   assertFalse(task.done());
 *   assertEquals(await task, "done");
 * });
 *
 * await run(function* () {
 *   const queue = new Queue<Task<string>>();
 *   yield* queue.put(createTask(sleep(0.01, "done")));
 *   const task = yield* queue.get();
 *   assertFalse(task.done());
 *   assertEquals(yield* task, "done");
 * });
 * ```
 *
 * @category Queues
 */
export class Queue<T> implements AsyncIterable<T> {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Queue",
  );

  #maxsize: number;
  /**
   * The key under which a queue keeps its {@linkcode QueueState}.
   *
   * @ignore
   */
  readonly $state: QueueState<T> = new QueueState<T>(this, queueSpecimens);

  /**
   * Creates an empty queue.
   *
   * @param maxsize How many items there is room for. Zero or less: no limit.
   * @throws {TypeError} If `maxsize` is not a number, or is `NaN`.
   */
  constructor(maxsize: number = 0) {
    requireAmount("the maximum size of a queue", maxsize);
    this.#maxsize = maxsize;
  }

  /** How many items there is room for. Zero or less: no limit. */
  get maxsize(): number {
    return this.#maxsize;
  }

  /** How many items are in the queue. */
  qsize(): number {
    return this.$state.items.length;
  }

  /** Whether there is no item in the queue. */
  empty(): boolean {
    return this.$state.items.length === 0;
  }

  /** Whether there is no room for another item. */
  full(): boolean {
    const maxsize = this.#maxsize;
    return maxsize > 0 && this.$state.items.length >= maxsize;
  }

  /**
   * Adds an item; waits while there is no room.
   *
   * @param item The item.
   * @returns A coroutine that ends when the item is in the queue.
   * @throws {QueueShutDown} If the queue was shut down, or is during the wait.
   * @throws {Error} If it has to wait and the queue is bound to another loop.
   *
   * @example Usage
   * ```ts
   * import { Queue, run } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const queue = new Queue<string>(1);
   *   await queue.put("apple");
   *   assertEquals(String(queue), "<Queue maxsize=1 _queue=['apple'] tasks=1>");
   * });
   * ```
   */
  put(item: T): Coroutine<void> {
    return putItem(this, item);
  }

  /**
   * Adds an item without waiting.
   *
   * @param item The item.
   * @throws {QueueFull} If there is no room.
   * @throws {QueueShutDown} If the queue was shut down.
   *
   * @example Usage
   * ```ts
   * import { Queue, QueueFull } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const queue = new Queue<string>(1);
   * queue.putNowait("apple");
   * assertThrows(() => queue.putNowait("pear"), QueueFull);
   * ```
   */
  putNowait(item: T): void {
    const own = this.$state;
    if (own.isShutDown) throw shutDownError("put an item");
    if (this.full()) {
      throw new QueueFull(
        `Cannot put an item as the queue is full: maxsize is ${this.#maxsize}`,
      );
    }
    own.items.push(item);
    own.unfinished++;
    own.getters.popNext();
  }

  /**
   * Takes the next item; waits until there is one.
   *
   * @returns A coroutine that resolves to the item. With `await`, an item that
   * is a task or a future is waited for, see {@linkcode Queue}.
   * @throws {QueueShutDown} If the queue was shut down and is empty, or is shut
   * down during the wait.
   * @throws {Error} If it has to wait and the queue is bound to another loop.
   *
   * @example Usage
   * ```ts
   * import { createTask, Queue, run } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const queue = new Queue<string>();
   *   createTask(queue.put("apple"));
   *   assertEquals(await queue.get(), "apple");
   * });
   * ```
   */
  get(): Coroutine<T> {
    return getItem(this) as Coroutine<T>;
  }

  /**
   * Takes the next item without waiting.
   *
   * @returns The item.
   * @throws {QueueEmpty} If there is no item.
   * @throws {QueueShutDown} If there is no item and the queue was shut down.
   *
   * @example Usage
   * ```ts
   * import { Queue, QueueEmpty } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const queue = new Queue<string>();
   * assertThrows(() => queue.getNowait(), QueueEmpty);
   * ```
   */
  getNowait(): T {
    const own = this.$state;
    if (this.empty()) {
      if (own.isShutDown) throw shutDownError("get an item");
      throw new QueueEmpty("Cannot get an item as the queue is empty");
    }
    const item = own.items.shift();
    own.putters.popNext();
    return item;
  }

  /**
   * Reports that the work on an item that was taken is done, see
   * {@linkcode Queue.join}. To be called once for each item.
   *
   * @throws {RangeError} If it is called more often than items were put in.
   *
   * @example Usage
   * ```ts
   * import { Queue } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const queue = new Queue<string>();
   * queue.putNowait("apple");
   * queue.getNowait();
   * queue.taskDone();
   * assertThrows(() => queue.taskDone(), RangeError, "too many times");
   * ```
   */
  taskDone(): void {
    const own = this.$state;
    if (own.unfinished === 0) {
      throw new RangeError("taskDone() called too many times");
    }
    if (--own.unfinished === 0) own.joiners.wakeAll();
  }

  /**
   * Waits until the work on all items is done: until {@linkcode Queue.taskDone}
   * was called once for each item that was put in.
   *
   * @returns A coroutine that ends then.
   * @throws {Error} If it has to wait and the queue is bound to another loop.
   *
   * @example Usage
   * ```ts
   * import { createTask, Queue, run } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const queue = new Queue<number>();
   *   [1, 2, 3].forEach((item) => queue.putNowait(item));
   *   let sum = 0;
   *   createTask(async () => {
   *     for await (const item of queue) {
   *       sum += item;
   *       queue.taskDone();
   *     }
   *   });
   *   await queue.join();
   *   assertEquals(sum, 6);
   *   queue.shutdown();
   * });
   * ```
   */
  join(): Coroutine<void> {
    return joinQueue(this);
  }

  /**
   * Shuts the queue down: no more items can be put in. Tasks that wait, for
   * room or for an item, get a {@linkcode QueueShutDown}, and so does every
   * later call that asks for an item when none is left.
   *
   * @param immediate Whether to drop the items that are left. They count as
   * done.
   *
   * @example Usage
   * ```ts
   * import { Queue, QueueShutDown } from "@asyncio/asyncio";
   * import { assertEquals, assertThrows } from "@std/assert";
   *
   * const queue = new Queue<string>();
   * queue.putNowait("apple");
   * queue.shutdown();
   * assertThrows(() => queue.putNowait("pear"), QueueShutDown);
   * assertEquals(queue.getNowait(), "apple");
   * assertThrows(() => queue.getNowait(), QueueShutDown);
   * ```
   */
  shutdown(immediate: boolean = false): void {
    const own = this.$state;
    own.isShutDown = true;
    if (immediate) {
      own.unfinished = Math.max(own.unfinished - own.items.length, 0);
      own.items.clear();
      if (own.unfinished === 0) own.joiners.wakeAll();
    }
    own.getters.popAll();
    own.putters.popAll();
  }

  /**
   * Takes item after item, as {@linkcode Queue.get} does, until the queue is
   * shut down and empty: this is what `for await` calls. Several tasks can do
   * so at the same time; each item goes to one of them.
   *
   * @returns The iterator. Its `next()` returns a {@linkcode Coroutine}.
   */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    // TypeScript asks for a promise here. A coroutine serves `for await` as
    // well, and the cancellation of a task that waits there reaches it.
    const iterator = { next: () => nextItem(this) as unknown };
    return iterator as AsyncIterator<T, undefined>;
  }

  /** @ignore */
  toString(): string {
    const { items, getters, putters, unfinished, isShutDown } = this.$state;
    let text = `<${classText(this)} maxsize=${this.#maxsize}`;
    if (items.length > 0) text += ` _queue=${itemsText(items)}`;
    if (getters.size > 0) text += ` _getters[${getters.size}]`;
    if (putters.size > 0) text += ` _putters[${putters.size}]`;
    if (unfinished > 0) text += ` tasks=${unfinished}`;
    return isShutDown ? `${text} shutdown>` : `${text}>`;
  }
}
