// Copyright 2026 the asyncio authors. MIT license.

import { repeatingDriver } from "../_core/drivers.ts";
import { isAbandoned } from "../_core/running.ts";
import { requireAmount, requireFunction } from "../_util/checks.ts";
import { classText, printAs, valueText } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { CancelledError } from "../errors.ts";
import { Lock } from "./lock.ts";
import {
  LoopBinding,
  SignalWaiter,
  waitersText,
  WaitQueue,
} from "./wait_queue.ts";

/**
 * A lock, and a queue of tasks that wait until the state it protects changes.
 *
 * - **Order.** {@linkcode Condition.notify} wakes the tasks that have waited
 *   longest. Each of them continues when it has acquired the lock again, for
 *   which it queues up like every other task.
 * - **Cancellation.** {@linkcode Condition.wait} acquires the lock again even
 *   when it is cancelled, however often, and throws only then: the code around
 *   it holds the lock in any case. A notification that a cancelled task cannot
 *   use goes to the next waiter, so a wait may end without a reason: check the
 *   state and wait again, or use {@linkcode Condition.waitFor}.
 *
 * @example Wait until there is an item
 * ```ts
 * import { Condition, createTask, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const condition = new Condition();
 *   const items: string[] = [];
 *   const consumer = createTask(async () => {
 *     using _ = await condition.acquire();
 *     await condition.waitFor(() => items.length > 0);
 *     return items.shift();
 *   });
 *   await sleep(0);
 *   {
 *     using _ = await condition.acquire();
 *     items.push("apple");
 *     condition.notify();
 *   }
 *   assertEquals(await consumer, "apple");
 * });
 * ```
 *
 * @category Locks
 */
export class Condition {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Condition",
  );

  private _lock: Lock;
  private _waiters = new WaitQueue(new LoopBinding(this), conditionSpecimens);

  /**
   * Creates a condition with a lock of its own, or with one that is shared.
   *
   * @param lock The lock.
   * @throws {TypeError} If `lock` is not a {@linkcode Lock}.
   */
  constructor(lock: Lock = new Lock()) {
    if (!(lock instanceof Lock)) {
      throw new TypeError(
        `Cannot use as the lock of a Condition what is not a Lock: current value is ${
          valueText(lock)
        }`,
      );
    }
    this._lock = lock;
  }

  /** Whether the lock is held. */
  locked(): boolean {
    return this._lock.locked();
  }

  /**
   * Acquires the lock; waits until it is free and every earlier waiter has had
   * it.
   *
   * @returns A coroutine that resolves to a guard, see
   * {@linkcode Lock.acquire}.
   * @throws {Error} If it has to wait and the lock is bound to another loop.
   */
  acquire(): Coroutine<Disposable> {
    return this._lock.acquire();
  }

  /**
   * Acquires the lock without waiting.
   *
   * @returns A guard, see {@linkcode Lock.acquire}.
   * @throws {WouldBlock} If the lock is held, or other tasks wait for it.
   *
   * @example Usage
   * ```ts
   * import { Condition } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * const condition = new Condition();
   * using _ = condition.acquireNowait();
   * assert(condition.locked());
   * ```
   */
  acquireNowait(): Disposable {
    return this._lock.acquireNowait();
  }

  /**
   * Releases the lock, whichever task acquired it.
   *
   * @throws {Error} If the lock is not held.
   */
  release(): void {
    this._lock.release();
  }

  /**
   * Releases the lock, waits to be notified, and acquires the lock again.
   *
   * @returns A coroutine that resolves to `true`.
   * @throws {Error} If the lock is not held.
   * @throws {Error} If the condition is bound to another loop.
   *
   * @example Usage
   * ```ts
   * import { Condition, createTask, run, sleep } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   const condition = new Condition();
   *   const task = createTask(async () => {
   *     using _ = await condition.acquire();
   *     await condition.wait();
   *     return condition.locked();
   *   });
   *   await sleep(0);
   *   {
   *     using _ = await condition.acquire();
   *     condition.notify();
   *   }
   *   assert(await task);
   * });
   * ```
   */
  wait(): Coroutine<true> {
    return waitForNotification(this, false);
  }

  /**
   * Waits until a predicate is true. It is called at once, and again after each
   * notification, with the lock held.
   *
   * @typeParam T The type of the predicate's result.
   * @param predicate Returns whether the wait is over.
   * @returns A coroutine that resolves to the last result of the predicate.
   * @throws {TypeError} If `predicate` is not a function.
   * @throws {Error} If it has to wait and the lock is not held.
   * @throws {Error} If it has to wait and the condition is bound to another
   * loop.
   */
  waitFor<T>(predicate: () => T): Coroutine<T> {
    requireFunction("waitFor()", predicate);
    return waitForPredicate(this, predicate, false) as Coroutine<T>;
  }

  /**
   * The same for a coroutine of this library that releases the lock in any case,
   * even if its task has ended.
   *
   * @ignore
   */
  $waitForOwn(predicate: () => boolean): Coroutine<unknown> {
    return waitForPredicate(this, predicate, true);
  }

  /**
   * Wakes the tasks that have waited longest. They continue once they have
   * acquired the lock, which the caller still holds.
   *
   * @param n How many tasks to wake: fewer if fewer wait.
   * @throws {Error} If the lock is not held.
   * @throws {TypeError} If `n` is not a number, or is `NaN`.
   *
   * @example Usage
   * ```ts
   * import { Condition, run } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const condition = new Condition();
   * await run(async () => {
   *   using _ = await condition.acquire();
   *   condition.notify(2); // no task waits
   * });
   * assertThrows(() => condition.notify(), Error, "un-acquired lock");
   * ```
   */
  notify(n: number = 1): void {
    requireAmount("the number of those to notify", n);
    if (!this.locked()) throw new Error("cannot notify on un-acquired lock");
    this._wake(n);
  }

  /**
   * Wakes all tasks that wait, see {@linkcode Condition.notify}.
   *
   * @throws {Error} If the lock is not held.
   */
  notifyAll(): void {
    this.notify(this._waiters.size);
  }

  /** Wakes up to `n` waiters, whether or not the lock is held. */
  private _wake(n: number): void {
    for (let i = 0; i < n && this._waiters.wakeNext(); i++);
  }

  /**
   * Makes errors name `owner` instead of the object itself: a barrier is made of
   * a lock and a condition that its users never see.
   *
   * @ignore
   */
  $setOwner(owner: object): void {
    this._waiters.binding.owner = owner;
    this._lock.$setOwner(owner);
  }

  /** @ignore */
  toString(): string {
    return `<${classText(this)} [${this.locked() ? "locked" : "unlocked"}${
      waitersText(this._waiters)
    }]>`;
  }
}

/** A condition, since many are made for one use, and what waits for it. */
function conditionSpecimens(): unknown[] {
  const condition = new Condition();
  return [condition, new SignalWaiter(condition["_waiters"])];
}

const waitForNotification = /* @__PURE__ */ Coroutine.$ownFunction(
  function* wait(condition: Condition, isOwn: boolean) {
    if (!condition.locked()) throw new Error("cannot wait on un-acquired lock");
    const waiters = condition["_waiters"];
    waiters.binding.requireLoop(); // throws while the lock is still held
    condition.release();
    let failed = false;
    let failure: unknown;
    try {
      yield* new SignalWaiter(waiters);
    } catch (error) {
      failed = true;
      failure = error;
    }
    // If the task has ended, nothing of it would ever release the lock again.
    while (isOwn || !isAbandoned()) {
      try {
        yield* condition.acquire();
        break;
      } catch (error) {
        failed = true;
        failure = error;
        if (!(error instanceof CancelledError)) break;
      }
    }
    if (failed) {
      // It may have been notified before it failed: pass the notification on.
      condition["_wake"](1);
      throw failure;
    }
    return true as const;
  },
  "wait",
);

const waitForPredicate = /* @__PURE__ */ Coroutine.$ownFunction(
  function* waitFor(
    condition: Condition,
    predicate: () => unknown,
    isOwn: boolean,
  ) {
    let result = predicate();
    while (!result) {
      yield* waitForNotification(condition, isOwn);
      result = predicate();
    }
    return result;
  },
  "waitFor",
  repeatingDriver,
);
