import { requireAmount } from "../_util/checks.ts";
import { Deque } from "../_util/deque.ts";
import { printsAs, shortRepr } from "../_util/repr.ts";
import { Binding, Line, type Step, Waiter } from "./wait_queue.ts";
import { Coroutine } from "../coroutine.ts";
import { QueueEmpty, QueueFull, QueueShutDown } from "../errors.ts";

/** What keeps the items of a queue, in their order. */
export interface Items<T> extends Iterable<T> {
  readonly length: number;
  push(item: T): void;
  /** Takes the next item. There must be one. */
  shift(): T;
  clear(): void;
}

/** More items than this are never printed. */
const MAX_PRINTED = 7;

/** The first items of a queue, as a list that is shortened if there are more. */
function itemsText(items: Iterable<unknown>): string {
  const first: unknown[] = [];
  for (const item of items) {
    if (first.push(item) === MAX_PRINTED) break;
  }
  return shortRepr(first);
}

/**
 * A queue, first in, first out.
 *
 * - **Order.** Items come out in the order in which they were put in. Those who
 *   wait, for an item or for room, are woken in the order in which they came. A
 *   `get` that finds an item, and a `put` that finds room, takes no turn of the
 *   loop, even if somebody who was woken has yet to take its own: that one then
 *   waits once more, behind the others.
 * - **Back-pressure.** A queue with a maximum size makes `put` wait while it is
 *   full.
 * - **Cancellation.** A `get` that is cancelled takes nothing, and a `put` that is
 *   cancelled adds nothing: no item is lost, and none comes twice. One that had
 *   been woken already wakes the next in its place.
 * - **End.** After {@linkcode Queue.shutdown} nothing is put in any more; what is
 *   in there can still be taken, then `for await` ends and `get` throws
 *   {@linkcode QueueShutDown}.
 * - Taking or adding an item costs the same however many there are.
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
 */
export class Queue<T> implements AsyncIterable<T> {
  #maxsize: number;
  private _items: Items<T> = new Deque<T>();
  private _unfinished = 0;
  private _isShutDown = false;
  private _getters: Line;
  private _putters: Line;
  private _joiners: Line;

  /**
   * An empty queue.
   *
   * @param maxsize How many items it has room for. Zero or less is no limit.
   * @throws {TypeError} If `maxsize` is not a number, or `NaN`.
   */
  constructor(maxsize: number = 0) {
    requireAmount("the maximum size of a queue", maxsize);
    this.#maxsize = maxsize;
    const binding = new Binding(this);
    this._getters = new Line(binding);
    this._putters = new Line(binding);
    this._joiners = new Line(binding);
  }

  /** How many items it has room for. Zero or less is no limit. */
  get maxsize(): number {
    return this.#maxsize;
  }

  /** How many items are in it. */
  qsize(): number {
    return this._items.length;
  }

  /** Whether there is no item in it. */
  empty(): boolean {
    return this._items.length === 0;
  }

  /** Whether there is no room for another item. */
  full(): boolean {
    const maxsize = this.#maxsize;
    return maxsize > 0 && this._items.length >= maxsize;
  }

  /**
   * Adds an item; waits while there is no room.
   *
   * @param item The item.
   * @returns A coroutine that is over when the item is in the queue.
   * @throws {QueueShutDown} If the queue was shut down, or is while this waits.
   * @throws {Error} If it has to wait, and the queue is bound to another loop.
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
    return putItem(this as Queue<unknown>, item);
  }

  /**
   * Adds an item at once.
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
    if (this._isShutDown) throw this._shutDownError("put an item");
    if (this.full()) {
      throw new QueueFull(
        `Cannot put an item as the queue is full: maxsize is ${this.#maxsize}`,
      );
    }
    this._items.push(item);
    this._unfinished++;
    this._getters.dismissNext();
  }

  /**
   * Takes the next item; waits until there is one.
   *
   * @returns A coroutine of the item.
   * @throws {QueueShutDown} If the queue was shut down and is empty, or is while
   * this waits.
   * @throws {Error} If it has to wait, and the queue is bound to another loop.
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
    return getItem(this as Queue<unknown>) as Coroutine<T>;
  }

  /**
   * Takes the next item at once.
   *
   * @returns The item.
   * @throws {QueueEmpty} If there is none.
   * @throws {QueueShutDown} If there is none, and the queue was shut down.
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
    if (this.empty()) {
      if (this._isShutDown) throw this._shutDownError("get an item");
      throw new QueueEmpty("Cannot get an item as the queue is empty");
    }
    const item = this._items.shift();
    this._putters.dismissNext();
    return item;
  }

  /**
   * Says that the work on an item that was taken is done, see
   * {@linkcode Queue.join}. Once for each item.
   *
   * @throws {RangeError} If there were not as many items.
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
    if (this._unfinished === 0) {
      throw new RangeError("taskDone() called too many times");
    }
    if (--this._unfinished === 0) this._joiners.wakeAll();
  }

  /**
   * Waits until the work on all items is done: {@linkcode Queue.taskDone} was
   * called once for each item that was put in.
   *
   * @returns A coroutine that is over then.
   * @throws {Error} If it has to wait, and the queue is bound to another loop.
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
    return joinQueue(this as Queue<unknown>);
  }

  /**
   * Ends the queue: nothing more is put in. All who wait for room get a
   * {@linkcode QueueShutDown}, as do all who wait for an item, and those who ask
   * for one when none is left.
   *
   * @param immediate Whether to drop the items that are in it. They count as
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
    this._isShutDown = true;
    if (immediate) {
      this._unfinished = Math.max(this._unfinished - this._items.length, 0);
      this._items.clear();
      if (this._unfinished === 0) this._joiners.wakeAll();
    }
    this._getters.dismissAll();
    this._putters.dismissAll();
  }

  /**
   * Takes item after item, as {@linkcode Queue.get} does, until the queue is
   * shut down and empty: this is what `for await` calls. Several tasks can do so
   * side by side; each item goes to one of them.
   *
   * @returns The iterator. What its `next()` gives is a {@linkcode Coroutine}.
   */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    // A task that is cancelled in `for await` reaches a coroutine; it would not
    // reach a promise.
    const queue = this as Queue<unknown>;
    return { next: () => nextItem(queue) as unknown } as AsyncIterator<
      T,
      undefined
    >;
  }

  /** What is thrown at who comes too late. */
  private _shutDownError(act: string): QueueShutDown {
    return new QueueShutDown(`Cannot ${act} as the queue was shut down`);
  }

  static {
    printsAs(Queue.prototype, (queue) => {
      const { _items, _getters, _putters, _unfinished } = queue;
      let text = `<${queue.constructor.name} maxsize=${queue.#maxsize}`;
      if (_items.length > 0) text += ` _queue=${itemsText(_items)}`;
      if (_getters.size > 0) text += ` _getters[${_getters.size}]`;
      if (_putters.size > 0) text += ` _putters[${_putters.size}]`;
      if (_unfinished > 0) text += ` tasks=${_unfinished}`;
      return queue._isShutDown ? `${text} shutdown>` : `${text}>`;
    });
  }
}

/** Waits for an item, of which it makes what is wanted. */
abstract class ItemWaiter<R> extends Waiter<R> {
  protected readonly _queue: Queue<unknown>;

  constructor(queue: Queue<unknown>) {
    super(queue["_getters"]);
    this._queue = queue;
  }

  protected override _begin(): Step<R> {
    const queue = this._queue;
    if (!queue.empty()) return this._take(queue.getNowait());
    return queue["_isShutDown"] ? this._end() : this._wait();
  }

  protected override _woken(): Step<R> {
    return this._begin();
  }

  protected override _gaveUp(woken: boolean): void {
    if (woken && !this._queue.empty()) this._queue["_getters"].dismissNext();
  }

  protected abstract _take(item: unknown): Step<R>;

  /** No more items will come. */
  protected abstract _end(): Step<R>;
}

class Getter extends ItemWaiter<unknown> {
  protected override _take(item: unknown): Step<unknown> {
    return { done: true, value: item };
  }

  protected override _end(): never {
    throw this._queue["_shutDownError"]("get an item");
  }
}

class Iteration extends ItemWaiter<IteratorResult<unknown, undefined>> {
  protected override _take(value: unknown): Step<IteratorYieldResult<unknown>> {
    return { done: true, value: { done: false, value } };
  }

  protected override _end(): Step<IteratorReturnResult<undefined>> {
    return { done: true, value: { done: true, value: undefined } };
  }
}

class Putter extends Waiter<void> {
  #queue: Queue<unknown>;
  #item: unknown;

  constructor(queue: Queue<unknown>, item: unknown) {
    super(queue["_putters"]);
    this.#queue = queue;
    this.#item = item;
  }

  protected override _begin(): Step<void> {
    const queue = this.#queue;
    if (queue.full() && !queue["_isShutDown"]) return this._wait();
    queue.putNowait(this.#item);
    return { done: true, value: undefined };
  }

  protected override _woken(): Step<void> {
    return this._begin();
  }

  protected override _gaveUp(woken: boolean): void {
    if (woken && !this.#queue.full()) this.#queue["_putters"].dismissNext();
  }
}

class Joiner extends Waiter<void> {
  #queue: Queue<unknown>;

  constructor(queue: Queue<unknown>) {
    super(queue["_joiners"]);
    this.#queue = queue;
  }

  protected override _begin(): Step<void> {
    return this.#queue["_unfinished"] === 0 ? this._woken() : this._wait();
  }

  // Even if items have come since then: it was over once.
  protected override _woken(): Step<void> {
    return { done: true, value: undefined };
  }

  protected override _gaveUp(): void {}
}

const getItem = /* @__PURE__ */ Coroutine["_own"]<
  [queue: Queue<unknown>],
  unknown
>(
  function get(queue) {
    return new Getter(queue);
  },
);

const nextItem = /* @__PURE__ */ Coroutine["_own"]<
  [queue: Queue<unknown>],
  IteratorResult<unknown, undefined>
>(function next(queue) {
  return new Iteration(queue);
});

const putItem = /* @__PURE__ */ Coroutine["_own"]<
  [queue: Queue<unknown>, item: unknown],
  void
>(function put(queue, item) {
  return new Putter(queue, item);
});

const joinQueue = /* @__PURE__ */ Coroutine["_own"]<
  [queue: Queue<unknown>],
  void
>(
  function join(queue) {
    return new Joiner(queue);
  },
);
