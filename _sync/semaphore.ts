// Copyright 2026 the asyncio authors. MIT license.

import { holders, noteHeld, noteReleased } from "../_core/holders.ts";
import { requireCount } from "../_util/checks.ts";
import { classText, printAs } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { WouldBlock } from "../errors.ts";
import { Guard } from "./guard.ts";
import {
  LoopBinding,
  type StepResult,
  Waiter,
  waitersText,
  WaitQueue,
} from "./wait_queue.ts";

/**
 * A counter of permits, which limits how many tasks hold one at a time.
 *
 * - **Order.** First come, first served: a released permit goes to the task
 *   that has waited longest, and no other task can take it in between.
 *   Acquiring a permit that is free and has no waiters takes no turn of the
 *   loop.
 * - **Cancellation.** A waiter that is cancelled leaves and never holds a
 *   permit. If a permit was already handed to it, the next waiter gets it.
 * - Each {@linkcode Semaphore.release} adds a permit, even if none was taken:
 *   {@linkcode BoundedSemaphore} refuses that.
 *
 * @example Two at a time
 * ```ts
 * import { gather, run, Semaphore, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const semaphore = new Semaphore(2);
 * let inside = 0;
 * let most = 0;
 *
 * async function visit() {
 *   using _ = await semaphore.acquire();
 *   most = Math.max(most, ++inside);
 *   await sleep(0.01);
 *   inside--;
 * }
 *
 * await run(async () => {
 *   await gather([1, 2, 3, 4].map(() => () => visit()));
 * });
 * assertEquals(most, 2);
 * ```
 *
 * @category Locks
 */
export class Semaphore {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Semaphore",
  );

  /** Permits that are neither held nor handed to a waiter. */
  private _value: number;
  private _waiters = new WaitQueue(new LoopBinding(this), semaphoreSpecimens);

  /**
   * Creates a semaphore with all its permits free.
   *
   * @param value The number of permits.
   * @throws {TypeError} If `value` is not a number, or is `NaN`.
   * @throws {RangeError} If `value` is negative, or not a whole number.
   */
  constructor(value: number = 1) {
    requireCount("Semaphore initial value", 0, value);
    this._value = value;
  }

  /**
   * Whether {@linkcode Semaphore.acquire} would have to wait now: no permit is
   * free, or other tasks are waiting.
   */
  locked(): boolean {
    return this._value === 0 || this._waiters.hasUncancelled();
  }

  /**
   * Acquires a permit; waits until one is free and every earlier waiter has had
   * one.
   *
   * @returns A coroutine that resolves to a guard: `using` releases the permit
   * at the end of the block. Ignore the guard to call
   * {@linkcode Semaphore.release} instead. Disposing of a guard twice does
   * nothing.
   * @throws {Error} If it has to wait and the semaphore is bound to another
   * loop.
   *
   * @example Usage
   * ```ts
   * import { run, Semaphore } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const semaphore = new Semaphore(3);
   *   using _ = await semaphore.acquire();
   *   assertEquals(String(semaphore), "<Semaphore [unlocked, value:2]>");
   * });
   * ```
   */
  acquire(): Coroutine<Disposable> {
    return acquireSemaphore(this);
  }

  /**
   * Acquires a permit without waiting.
   *
   * @returns A guard, see {@linkcode Semaphore.acquire}.
   * @throws {WouldBlock} If no permit is free, or other tasks wait for one.
   *
   * @example Usage
   * ```ts
   * import { Semaphore, WouldBlock } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const semaphore = new Semaphore(1);
   * using _ = semaphore.acquireNowait();
   * assertThrows(() => semaphore.acquireNowait(), WouldBlock);
   * ```
   */
  acquireNowait(): Disposable {
    if (this.locked()) {
      throw new WouldBlock(`Cannot acquire without waiting: ${this}`);
    }
    this._value--;
    return this._guard();
  }

  /** The guard of a permit that was taken. */
  private _guard(): Disposable {
    if (holders.byLine !== null) noteHeld(this._waiters);
    return new Guard(this);
  }

  /**
   * Releases a permit, or adds one. The task that has waited longest gets it.
   */
  release(): void {
    if (holders.byLine !== null) noteReleased(this._waiters);
    this._value++;
    this._wakeNext();
  }

  /** Hands a permit to the next waiter, so that no other task can take it. */
  private _wakeNext(): boolean {
    if (!this._waiters.wakeNext()) return false;
    this._value--;
    return true;
  }

  /**
   * Hands out all free permits. Called when a waiter leaves: as long as it was
   * queued, others had to queue up behind it even if permits were free.
   */
  private _wakeWaiters(): void {
    while (this._value > 0 && this._wakeNext());
  }

  /** @ignore */
  toString(): string {
    return `<${classText(this)} [${
      this.locked() ? "locked" : `unlocked, value:${this._value}`
    }${waitersText(this._waiters)}]>`;
  }
}

/** What waits for a permit, and what holds one. */
function semaphoreSpecimens(): unknown[] {
  const semaphore = new Semaphore();
  return [semaphore.acquire(), semaphore.acquireNowait()];
}

class SemaphoreWaiter extends Waiter<Disposable> {
  #semaphore: Semaphore;

  constructor(semaphore: Semaphore) {
    super(semaphore["_waiters"]);
    this.#semaphore = semaphore;
  }

  protected override _begin(): StepResult<Disposable> {
    if (this.#semaphore.locked()) return this._wait();
    this.#semaphore["_value"]--;
    return { done: true, value: this.#semaphore["_guard"]() };
  }

  protected override _woken(): StepResult<Disposable> {
    this.#semaphore["_wakeWaiters"]();
    return { done: true, value: this.#semaphore["_guard"]() };
  }

  protected override _abandoned(wasWoken: boolean): void {
    if (wasWoken) this.#semaphore["_value"]++;
    this.#semaphore["_wakeWaiters"]();
  }
}

const acquireSemaphore = /* @__PURE__ */ Coroutine.$ownFunction<
  [semaphore: Semaphore],
  Disposable
>(function acquire(semaphore) {
  return new SemaphoreWaiter(semaphore);
});

/**
 * A {@linkcode Semaphore} that refuses to be released more often than it was
 * acquired. Order and cancellation are the same.
 *
 * @example One release too many
 * ```ts
 * import { BoundedSemaphore } from "@asyncio/asyncio";
 * import { assertThrows } from "@std/assert";
 *
 * const semaphore = new BoundedSemaphore(2);
 * assertThrows(() => semaphore.release(), RangeError, "too many times");
 * ```
 *
 * @category Locks
 */
export class BoundedSemaphore extends Semaphore {
  /** @ignore */
  static override readonly $printedClass: string = "BoundedSemaphore";

  #bound: number;

  /**
   * Creates a semaphore with all its permits free.
   *
   * @param value The number of permits, which never grows.
   * @throws {TypeError} If `value` is not a number, or is `NaN`.
   * @throws {RangeError} If `value` is negative, or not a whole number.
   */
  constructor(value: number = 1) {
    super(value);
    this.#bound = value;
  }

  /**
   * Releases a permit. The task that has waited longest gets it.
   *
   * @throws {RangeError} If no permit is taken.
   */
  override release(): void {
    if (this["_value"] >= this.#bound) {
      throw new RangeError("BoundedSemaphore released too many times");
    }
    super.release();
  }
}
