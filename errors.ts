// Copyright 2026 the asyncio authors. MIT license.
// This module is browser compatible.

/**
 * The errors of asyncio. Each is exported so that callers can catch it, and has
 * its `name` set.
 *
 * ```ts
 * import { CancelledError, createTask, run, sleep } from "@asyncio/asyncio";
 * import { assertInstanceOf } from "@std/assert";
 *
 * await run(async () => {
 *   const task = createTask(sleep(60));
 *   task.cancel("no longer needed");
 *   try {
 *     await task;
 *   } catch (error) {
 *     assertInstanceOf(error, CancelledError);
 *   }
 * });
 * ```
 *
 * @module
 */

/**
 * A task or future was cancelled.
 *
 * Thrown inside a cancelled task at the place where it waits, and to callers
 * that ask a cancelled future for its result. Catch it to clean up, then throw
 * it again: a task that swallows it goes on as if it had not been cancelled.
 *
 * @example Clean up and pass it on
 * ```ts
 * import { CancelledError, createTask, run, sleep } from "@asyncio/asyncio";
 * import { assert } from "@std/assert";
 *
 * await run(async () => {
 *   let cleaned = false;
 *   const task = createTask(async () => {
 *     try {
 *       await sleep(60);
 *     } catch (error) {
 *       cleaned = error instanceof CancelledError;
 *       throw error;
 *     }
 *   });
 *   await sleep(0);
 *   task.cancel();
 *   await sleep(0);
 *   assert(cleaned);
 * });
 * ```
 */
export class CancelledError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "CancelledError";
  /** `"CancelledError"` */
  override name = "CancelledError";
}

/**
 * An operation does not fit the state of a future: for example, its result is
 * asked for too early or set twice.
 *
 * @example Asking too early
 * ```ts
 * import { InvalidStateError, newEventLoop } from "@asyncio/asyncio";
 * import { assertThrows } from "@std/assert";
 *
 * const future = newEventLoop().createFuture<number>();
 * assertThrows(() => future.result(), InvalidStateError, "Result is not ready.");
 * ```
 */
export class InvalidStateError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "InvalidStateError";
  /** `"InvalidStateError"` */
  override name = "InvalidStateError";
}

/**
 * An operation took longer than its limit.
 *
 * @example Recognise it
 * ```ts
 * import { TimeoutError } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new TimeoutError("too slow").name, "TimeoutError");
 * ```
 */
export class TimeoutError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "TimeoutError";
  /** `"TimeoutError"` */
  override name = "TimeoutError";
}

/**
 * A queue had no item that could be returned at once.
 *
 * @example Recognise it
 * ```ts
 * import { QueueEmpty } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new QueueEmpty().name, "QueueEmpty");
 * ```
 */
export class QueueEmpty extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "QueueEmpty";
  /** `"QueueEmpty"` */
  override name = "QueueEmpty";
}

/**
 * A queue had no room for an item that was to be added at once.
 *
 * @example Recognise it
 * ```ts
 * import { QueueFull } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new QueueFull().name, "QueueFull");
 * ```
 */
export class QueueFull extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "QueueFull";
  /** `"QueueFull"` */
  override name = "QueueFull";
}

/**
 * A queue was shut down: it takes no more items, or has none left.
 *
 * @example Recognise it
 * ```ts
 * import { QueueShutDown } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new QueueShutDown().name, "QueueShutDown");
 * ```
 */
export class QueueShutDown extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "QueueShutDown";
  /** `"QueueShutDown"` */
  override name = "QueueShutDown";
}

/**
 * A lock or a permit was asked for without waiting, and was not free.
 *
 * @example Recognise it
 * ```ts
 * import { WouldBlock } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new WouldBlock().name, "WouldBlock");
 * ```
 */
export class WouldBlock extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "WouldBlock";
  /** `"WouldBlock"` */
  override name = "WouldBlock";
}

/**
 * A barrier was broken by `abort()`, or reset while tasks waited at it.
 *
 * @example Recognise it
 * ```ts
 * import { BrokenBarrierError } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new BrokenBarrierError().name, "BrokenBarrierError");
 * ```
 */
export class BrokenBarrierError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "BrokenBarrierError";
  /** `"BrokenBarrierError"` */
  override name = "BrokenBarrierError";
}

/**
 * Ctrl-C has cancelled the coroutine that a `Runner` runs.
 *
 * @example Recognise it
 * ```ts
 * import { KeyboardInterrupt } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new KeyboardInterrupt().name, "KeyboardInterrupt");
 * ```
 */
export class KeyboardInterrupt extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "KeyboardInterrupt";
  /** `"KeyboardInterrupt"` */
  override name = "KeyboardInterrupt";
}
