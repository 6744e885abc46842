import { requireAmount } from "../_util/checks.ts";
import { requireFunction } from "../_util/checks.ts";
import { Lock } from "./lock.ts";
import { printsAs, valueText } from "../_util/repr.ts";
import { Binding, Line, SignalWaiter, waitersText } from "./wait_queue.ts";
import { Coroutine } from "../coroutine.ts";
import { CancelledError } from "../errors.ts";

/**
 * A lock, and a line of those who wait until what it protects has changed.
 *
 * - **Order.** {@linkcode Condition.notify} wakes who has waited longest. Each
 *   goes on when it has the lock again, for which it stands in line with all
 *   others.
 * - **Cancellation.** {@linkcode Condition.wait} takes the lock again even when
 *   it is cancelled, however often, and only then throws: the code around it
 *   holds the lock in any case. A notification that it cannot use goes to the
 *   next one, so a wait may end without need: check, and wait again, or use
 *   {@linkcode Condition.waitFor}.
 *
 * @example Until there is something
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
 */
export class Condition {
  private _lock: Lock;
  private _line = new Line(new Binding(this));

  /**
   * A condition with a lock of its own, or with one that others use too.
   *
   * @param lock The lock.
   * @throws {TypeError} If it is not a {@linkcode Lock}.
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

  /** Whether somebody holds the lock. */
  locked(): boolean {
    return this._lock.locked();
  }

  /**
   * Takes the lock; waits until it is free, and it is the caller's turn.
   *
   * @returns A coroutine of a guard, see {@linkcode Lock.acquire}.
   * @throws {Error} If it has to wait, and the lock is bound to another loop.
   */
  acquire(): Coroutine<Disposable> {
    return this._lock.acquire();
  }

  /**
   * Releases the lock, whoever took it.
   *
   * @throws {Error} If nobody holds it.
   */
  release(): void {
    this._lock.release();
  }

  /**
   * Releases the lock, waits to be notified, and takes the lock again.
   *
   * @returns A coroutine of `true`.
   * @throws {Error} If nobody holds the lock.
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
    return waitForNotification(this);
  }

  /**
   * Waits until a predicate is true. It is asked at once, and whenever the
   * condition was notified; the lock is held then.
   *
   * @typeParam T The type of what the predicate gives.
   * @param predicate Says whether the wait is over.
   * @returns A coroutine of what the predicate gave at last.
   * @throws {TypeError} If `predicate` is not a function.
   * @throws {Error} If it has to wait, and nobody holds the lock.
   * @throws {Error} If it has to wait, and the condition is bound to another
   * loop.
   */
  waitFor<T>(predicate: () => T): Coroutine<T> {
    requireFunction("waitFor()", predicate);
    return waitForPredicate(this, predicate) as Coroutine<T>;
  }

  /**
   * Wakes those who have waited longest. They go on when they have the lock,
   * which the caller still holds.
   *
   * @param n How many to wake. Are there fewer, then these.
   * @throws {Error} If nobody holds the lock.
   * @throws {TypeError} If `n` is not a number, or `NaN`.
   *
   * @example Usage
   * ```ts
   * import { Condition, run } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const condition = new Condition();
   * await run(async () => {
   *   using _ = await condition.acquire();
   *   condition.notify(2); // nobody waits
   * });
   * assertThrows(() => condition.notify(), Error, "un-acquired lock");
   * ```
   */
  notify(n: number = 1): void {
    requireAmount("the number of those to notify", n);
    if (!this.locked()) throw new Error("cannot notify on un-acquired lock");
    this._notify(n);
  }

  /**
   * Wakes all who wait, see {@linkcode Condition.notify}.
   *
   * @throws {Error} If nobody holds the lock.
   */
  notifyAll(): void {
    this.notify(this._line.size);
  }

  /** Wakes up to `n`, whoever holds the lock. */
  private _notify(n: number): void {
    for (let i = 0; i < n && this._line.wakeNext(); i++);
  }

  static {
    printsAs(
      Condition.prototype,
      (condition) =>
        `<${condition.constructor.name} [${
          condition.locked() ? "locked" : "unlocked"
        }${waitersText(condition._line)}]>`,
    );
  }
}

const waitForNotification = /* @__PURE__ */ Coroutine["_own"](
  function* wait(condition: Condition) {
    if (!condition.locked()) throw new Error("cannot wait on un-acquired lock");
    const line = condition["_line"];
    line.binding.requireLoop(); // or throws, with the lock still held
    condition.release();
    let failed = false;
    let failure: unknown;
    try {
      yield* new SignalWaiter(line);
    } catch (error) {
      failed = true;
      failure = error;
    }
    for (;;) {
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
      // It may have been notified before: what it cannot use is somebody else's.
      condition["_notify"](1);
      throw failure;
    }
    return true as const;
  },
);

const waitForPredicate = /* @__PURE__ */ Coroutine["_own"](
  function* waitFor(condition: Condition, predicate: () => unknown) {
    let result = predicate();
    while (!result) {
      yield* condition.wait();
      result = predicate();
    }
    return result;
  },
);
