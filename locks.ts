/**
 * Locks: how tasks keep out of each other's way, and wait for each other.
 *
 * ```ts
 * import { gather, Lock, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new Lock();
 * let balance = 100;
 *
 * async function withdraw(amount: number) {
 *   using _ = await lock.acquire(); // held to the end of the function
 *   const before = balance;
 *   await sleep(0.01);
 *   balance = before - amount;
 * }
 *
 * await run(async () => {
 *   await gather(() => withdraw(30), () => withdraw(20));
 * });
 * assertEquals(balance, 50);
 * ```
 *
 * They are for tasks of one loop: each is bound to the loop in which somebody
 * first waits for it, and waiting for it in another one is an error.
 *
 * @module
 */

import { requireCount } from "./_util/checks.ts";
import { Barrier } from "./_sync/barrier.ts";
import { Condition } from "./_sync/condition.ts";
import { Guard, Lock } from "./_sync/lock.ts";
import { printsAs } from "./_util/repr.ts";
import {
  Binding,
  Line,
  SignalWaiter,
  type Step,
  Waiter,
  waitersText,
} from "./_sync/wait_queue.ts";
import { Coroutine } from "./coroutine.ts";

export { Barrier, Condition, Lock };

/**
 * A flag that tasks can wait for.
 *
 * - **Order.** Setting it wakes all who wait, in the order in which they came;
 *   they go on even if it is cleared before their turn. Waiting for one that is
 *   set takes no turn of the loop.
 * - **Cancellation.** Who is cancelled while waiting just leaves the line.
 *
 * @example A starting signal
 * ```ts
 * import { createTask, Event, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const go = new Event();
 *   const runners = ["a", "b"].map((name) =>
 *     createTask(async () => {
 *       await go.wait();
 *       return name;
 *     })
 *   );
 *   await sleep(0);
 *   assertEquals(String(go), "<Event [unset, waiters:2]>");
 *   go.set();
 *   assertEquals([await runners[0], await runners[1]], ["a", "b"]);
 * });
 * ```
 */
export class Event {
  private _set = false;
  private _line = new Line(new Binding(this));

  /** Whether the flag is set. */
  isSet(): boolean {
    return this._set;
  }

  /** Sets the flag, and wakes all who wait for it. */
  set(): void {
    this._set = true;
    this._line.wakeAll();
  }

  /** Clears the flag: who waits from now on waits until it is set again. */
  clear(): void {
    this._set = false;
  }

  /**
   * Waits until the flag is set.
   *
   * @returns A coroutine of `true`.
   * @throws {Error} If it has to wait, and the event is bound to another loop.
   *
   * @example Usage
   * ```ts
   * import { Event, getRunningLoop, run } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   const event = new Event();
   *   getRunningLoop().callLater(0.01, () => event.set());
   *   assert(await event.wait());
   * });
   * ```
   */
  wait(): Coroutine<true> {
    return waitForEvent(this);
  }

  static {
    printsAs(
      Event.prototype,
      (event) =>
        `<${event.constructor.name} [${event._set ? "set" : "unset"}${
          waitersText(event._line)
        }]>`,
    );
  }
}

class EventWaiter extends SignalWaiter {
  #event: Event;

  constructor(event: Event) {
    super(event["_line"]);
    this.#event = event;
  }

  protected override _begin(): Step<true> {
    return this.#event["_set"] ? this._woken() : this._wait();
  }
}

const waitForEvent = /* @__PURE__ */ Coroutine["_own"]<[event: Event], true>(
  function wait(event) {
    return new EventWaiter(event);
  },
);

/**
 * Lets a number of tasks in at a time.
 *
 * - **Order.** First come, first served: a permit that is released goes to who
 *   has waited longest, and nobody takes it in between. A permit that is free
 *   and that nobody waits for is taken without a turn of the loop.
 * - **Cancellation.** Who is cancelled while waiting leaves the line, and never
 *   has a permit. Had it been given one already, then it is the next one's.
 * - There are as many permits as were given at first, plus one for each
 *   {@linkcode Semaphore.release}: {@linkcode BoundedSemaphore} refuses too many.
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
 */
export class Semaphore {
  /** Permits that nobody has, nor was promised. */
  private _value: number;
  private _line = new Line(new Binding(this));

  /**
   * A semaphore with all its permits free.
   *
   * @param value How many permits there are.
   * @throws {TypeError} If `value` is not a number, or `NaN`.
   * @throws {RangeError} If `value` is negative, or not a whole number.
   */
  constructor(value: number = 1) {
    requireCount("Semaphore initial value", 0, value);
    this._value = value;
  }

  /**
   * Whether an {@linkcode Semaphore.acquire} of this moment would have to wait:
   * no permit is free, or others are before it.
   */
  locked(): boolean {
    return this._value === 0 || this._line.hasClaims();
  }

  /**
   * Takes a permit; waits until one is free, and it is the caller's turn.
   *
   * @returns A coroutine of a guard: `using` releases the permit at the end of
   * the block. To call {@linkcode Semaphore.release} instead, drop it. Disposing
   * of a guard twice does nothing.
   * @throws {Error} If it has to wait, and the semaphore is bound to another
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

  /** Gives a permit back, or adds one. Who has waited longest gets it. */
  release(): void {
    this._value++;
    this._wakeNext();
  }

  /** Promises a permit to the next one, so that nobody else can take it. */
  private _wakeNext(): boolean {
    if (!this._line.wakeNext()) return false;
    this._value--;
    return true;
  }

  static {
    printsAs(
      Semaphore.prototype,
      (semaphore) =>
        `<${semaphore.constructor.name} [${
          semaphore.locked() ? "locked" : `unlocked, value:${semaphore._value}`
        }${waitersText(semaphore._line)}]>`,
    );
  }
}

class SemaphoreWaiter extends Waiter<Disposable> {
  #semaphore: Semaphore;

  constructor(semaphore: Semaphore) {
    super(semaphore["_line"]);
    this.#semaphore = semaphore;
  }

  protected override _begin(): Step<Disposable> {
    if (this.#semaphore.locked()) return this._wait();
    this.#semaphore["_value"]--;
    return { done: true, value: new Guard(this.#semaphore) };
  }

  protected override _woken(): Step<Disposable> {
    this.#wakeOthers();
    return { done: true, value: new Guard(this.#semaphore) };
  }

  protected override _gaveUp(woken: boolean): void {
    if (woken) this.#semaphore["_value"]++;
    this.#wakeOthers();
  }

  /** While this one stood in line, others had to join it for free permits. */
  #wakeOthers(): void {
    const semaphore = this.#semaphore;
    while (semaphore["_value"] > 0 && semaphore["_wakeNext"]());
  }
}

const acquireSemaphore = /* @__PURE__ */ Coroutine["_own"]<
  [semaphore: Semaphore],
  Disposable
>(function acquire(semaphore) {
  return new SemaphoreWaiter(semaphore);
});

/**
 * A {@linkcode Semaphore} that refuses to be released more often than it was
 * acquired. Order and cancellation are the same.
 *
 * @example A release too many
 * ```ts
 * import { BoundedSemaphore } from "@asyncio/asyncio";
 * import { assertThrows } from "@std/assert";
 *
 * const semaphore = new BoundedSemaphore(2);
 * assertThrows(() => semaphore.release(), RangeError, "too many times");
 * ```
 */
export class BoundedSemaphore extends Semaphore {
  #bound: number;

  /**
   * A semaphore with all its permits free.
   *
   * @param value How many permits there are, for good.
   * @throws {TypeError} If `value` is not a number, or `NaN`.
   * @throws {RangeError} If `value` is negative, or not a whole number.
   */
  constructor(value: number = 1) {
    super(value);
    this.#bound = value;
  }

  /**
   * Gives a permit back. Who has waited longest gets it.
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
