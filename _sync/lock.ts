// Copyright 2026 the asyncio authors. MIT license.

import {
  holders,
  holderText,
  noteHeld,
  noteReleased,
} from "../_core/holders.ts";
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
 * A lock that one task holds at a time.
 *
 * - **Order.** First come, first served: a released lock goes to the task that
 *   has waited longest, and no other task can take it in between. Acquiring a
 *   lock that is free and has no waiters takes no turn of the loop.
 * - **Cancellation.** A waiter that is cancelled leaves and never holds the
 *   lock. If the lock was already handed to it, the next waiter gets it.
 * - A lock has no owner: any code may release it. A task that acquires a lock
 *   again while it holds it waits for itself.
 *
 * @example Held until the end of the block
 * ```ts
 * import { Lock, run } from "@asyncio/asyncio";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const lock = new Lock();
 * await run(async () => {
 *   {
 *     using _ = await lock.acquire();
 *     assert(lock.locked());
 *   }
 *   assertFalse(lock.locked());
 * });
 * ```
 *
 * @category Locks
 */
export class Lock {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(this, "Lock");

  private _locked = false;
  private _waiters = new WaitQueue(new LoopBinding(this), lockSpecimens);

  /** Whether the lock is held. */
  locked(): boolean {
    return this._locked;
  }

  /**
   * Acquires the lock; waits until it is free and every earlier waiter has had
   * it.
   *
   * @returns A coroutine that resolves to a guard: `using` releases the lock at
   * the end of the block. Ignore the guard to call {@linkcode Lock.release}
   * instead. Disposing of a guard twice does nothing.
   * @throws {Error} If it has to wait and the lock is bound to another loop.
   *
   * @example Both kinds of coroutine
   * ```ts
   * import { Lock, run } from "@asyncio/asyncio";
   * import { assertFalse } from "@std/assert";
   *
   * const lock = new Lock();
   * await run(async () => {
   *   using _ = await lock.acquire();
   * });
   * await run(function* () {
   *   using _ = yield* lock.acquire();
   * });
   * assertFalse(lock.locked());
   * ```
   */
  acquire(): Coroutine<Disposable> {
    return acquireLock(this);
  }

  /**
   * Acquires the lock without waiting.
   *
   * @returns A guard, see {@linkcode Lock.acquire}.
   * @throws {WouldBlock} If the lock is held, or other tasks wait for it.
   *
   * @example Usage
   * ```ts
   * import { Lock, WouldBlock } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const lock = new Lock();
   * using _ = lock.acquireNowait();
   * assertThrows(() => lock.acquireNowait(), WouldBlock);
   * ```
   */
  acquireNowait(): Disposable {
    if (!this._isFree()) {
      throw new WouldBlock(`Cannot acquire without waiting: ${this}`);
    }
    return this._take();
  }

  /** The running task holds it from now on. */
  private _take(): Disposable {
    this._locked = true;
    if (holders.byLine !== null) noteHeld(this._waiters, true);
    return new Guard(this);
  }

  /** A lock that is not held but has waiters was handed to one of them. */
  private _isFree(): boolean {
    return !this._locked && !this._waiters.hasUncancelled();
  }

  /**
   * Releases the lock, whichever task acquired it. The task that has waited
   * longest gets it.
   *
   * @throws {Error} If the lock is not held.
   *
   * @example Usage
   * ```ts
   * import { Lock, run } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const lock = new Lock();
   * await run(async () => {
   *   await lock.acquire();
   *   lock.release();
   * });
   * assertThrows(() => lock.release(), Error, "Lock is not acquired.");
   * ```
   */
  release(): void {
    if (!this._locked) throw new Error("Lock is not acquired.");
    this._locked = false;
    if (holders.byLine !== null) noteReleased(this._waiters);
    this._waiters.wakeFirst();
  }

  /** @ignore */
  $setOwner(owner: object): void {
    this._waiters.binding.owner = owner;
  }

  /** @ignore */
  toString(): string {
    return `<${classText(this)} [${this._locked ? "locked" : "unlocked"}${
      waitersText(this._waiters)
    }]${holderText(this._waiters)}>`;
  }
}

/** What waits for a lock, and what holds one. */
function lockSpecimens(): unknown[] {
  const lock = new Lock();
  return [lock.acquire(), lock.acquireNowait()];
}

class LockWaiter extends Waiter<Disposable> {
  #lock: Lock;

  constructor(lock: Lock) {
    super(lock["_waiters"]);
    this.#lock = lock;
  }

  protected override _begin(): StepResult<Disposable> {
    return this.#lock["_isFree"]() ? this._woken() : this._wait();
  }

  protected override _woken(): StepResult<Disposable> {
    return { done: true, value: this.#lock["_take"]() };
  }

  protected override _abandoned(): void {
    if (!this.#lock["_locked"]) this.#lock["_waiters"].wakeFirst();
  }
}

const acquireLock = /* @__PURE__ */ Coroutine.$ownFunction<
  [lock: Lock],
  Disposable
>(
  function acquire(lock) {
    return new LockWaiter(lock);
  },
);
