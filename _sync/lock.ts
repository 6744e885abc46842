import { printsAs } from "../_util/repr.ts";
import { Binding, Line, type Step, Waiter, waitersText } from "./wait_queue.ts";
import { Coroutine } from "../coroutine.ts";

/** What `acquire()` gives: releases once, by `using` or by hand. */
export class Guard implements Disposable {
  #held: { release(): void } | null;

  constructor(held: { release(): void }) {
    this.#held = held;
  }

  [Symbol.dispose](): void {
    const held = this.#held;
    this.#held = null;
    held?.release();
  }
}

/**
 * A lock that one holds at a time.
 *
 * - **Order.** First come, first served: a released lock goes to who has waited
 *   longest, and nobody takes it in between. A lock that nobody holds or waits
 *   for is taken without a turn of the loop.
 * - **Cancellation.** Who is cancelled while waiting leaves the line, and never
 *   holds the lock. Was it its turn already, then it is the next one's.
 * - It knows no owner: any code may release it. Who holds it and acquires it
 *   again waits for itself.
 *
 * @example Held to the end of the block
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
 */
export class Lock {
  private _locked = false;
  private _line = new Line(new Binding(this));

  /** Whether somebody holds the lock. */
  locked(): boolean {
    return this._locked;
  }

  /**
   * Takes the lock; waits until it is free, and it is the caller's turn.
   *
   * @returns A coroutine of a guard: `using` releases the lock at the end of
   * the block. To call {@linkcode Lock.release} instead, drop it. Disposing of a
   * guard twice does nothing.
   * @throws {Error} If it has to wait, and the lock is bound to another loop.
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
   * Releases the lock, whoever took it. Who has waited longest gets it.
   *
   * @throws {Error} If nobody holds it.
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
    this._line.wakeFirst();
  }

  static {
    printsAs(
      Lock.prototype,
      (lock) =>
        `<${lock.constructor.name} [${lock._locked ? "locked" : "unlocked"}${
          waitersText(lock._line)
        }]>`,
    );
  }
}

class LockWaiter extends Waiter<Disposable> {
  #lock: Lock;

  constructor(lock: Lock) {
    super(lock["_line"]);
    this.#lock = lock;
  }

  protected override _begin(): Step<Disposable> {
    // One that is free but was promised to somebody is not to be had.
    return this.#lock["_locked"] || this.#lock["_line"].hasClaims()
      ? this._wait()
      : this._woken();
  }

  protected override _woken(): Step<Disposable> {
    this.#lock["_locked"] = true;
    return { done: true, value: new Guard(this.#lock) };
  }

  protected override _gaveUp(): void {
    if (!this.#lock["_locked"]) this.#lock["_line"].wakeFirst();
  }
}

const acquireLock = /* @__PURE__ */ Coroutine["_own"]<[lock: Lock], Disposable>(
  function acquire(lock) {
    return new LockWaiter(lock);
  },
);
