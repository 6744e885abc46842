// Copyright 2026 the asyncio authors. MIT license.

import { requireCount } from "../_util/checks.ts";
import { classText, printAs } from "../_util/repr.ts";
import { keepSpecimens } from "../_util/specimens.ts";
import { Coroutine } from "../coroutine.ts";
import { BrokenBarrierError } from "../errors.ts";
import { Condition } from "./condition.ts";

/** What a barrier is doing, in the words that are printed. */
type BarrierState = "filling" | "draining" | "resetting" | "broken";

/**
 * A point at which tasks wait until a given number of them has arrived.
 *
 * - **Order.** The last task to arrive releases the others and continues
 *   without waiting; the others follow in the order in which they came. Then
 *   the barrier fills again: a task that arrives while others are still leaving
 *   waits until they have left.
 * - **Cancellation.** A waiter that is cancelled is no longer counted, and the
 *   others keep waiting until enough tasks have arrived. To give up together,
 *   use {@linkcode Barrier.abort}.
 *
 * @example No task begins before all are ready
 * ```ts
 * import { Barrier, gather, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const barrier = new Barrier(2);
 * const log: string[] = [];
 *
 * async function player(seconds: number) {
 *   await sleep(seconds);
 *   log.push("ready");
 *   await barrier.wait();
 *   log.push("begins");
 * }
 *
 * await run(async () => {
 *   await gather(() => player(0.01), () => player(0.02));
 * });
 * assertEquals(log, ["ready", "ready", "begins", "begins"]);
 * ```
 *
 * @category Locks
 */
export class Barrier {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Barrier",
  );

  #parties: number;
  private _state: BarrierState = "filling";
  /** How many tasks are inside: they wait, or are about to leave. */
  private _count = 0;
  /** Notified when the state changes. */
  private _condition = new Condition();

  /**
   * Creates an empty barrier.
   *
   * @param parties How many tasks have to arrive.
   * @throws {TypeError} If `parties` is not a number, or is `NaN`.
   * @throws {RangeError} If `parties` is less than 1, or not a whole number.
   */
  constructor(parties: number) {
    requireCount("parties", 1, parties);
    this.#parties = parties;
    keepSpecimens(barrierSpecimens);
    this._condition.$setOwner(this);
  }

  /** How many tasks have to arrive. */
  get parties(): number {
    return this.#parties;
  }

  /** How many tasks wait: 0 while they leave, or if the barrier is broken. */
  get nWaiting(): number {
    return this._state === "filling" ? this._count : 0;
  }

  /** Whether the barrier is broken, see {@linkcode Barrier.abort}. */
  get broken(): boolean {
    return this._state === "broken";
  }

  /**
   * Waits until enough tasks have arrived.
   *
   * @returns A coroutine that resolves to the number of tasks that had arrived
   * earlier: from 0 to `parties - 1`, different for each task unless one of
   * them was cancelled.
   * @throws {BrokenBarrierError} If the barrier is broken, or is broken or
   * reset during the wait.
   * @throws {Error} If it has to wait and the barrier is bound to another loop.
   *
   * @example One task cleans up
   * ```ts
   * import { Barrier, gather, run } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const barrier = new Barrier(3);
   * const log: string[] = [];
   *
   * async function work(name: string) {
   *   if (await barrier.wait() === 0) log.push(`${name} cleans up`);
   * }
   *
   * await run(async () => {
   *   await gather(() => work("a"), () => work("b"), () => work("c"));
   * });
   * assertEquals(log, ["a cleans up"]);
   * ```
   */
  wait(): Coroutine<number> {
    return waitAtBarrier(this);
  }

  /**
   * Empties the barrier, and repairs a broken one. Tasks that wait get a
   * {@linkcode BrokenBarrierError}.
   *
   * @returns A coroutine that ends when the waiting tasks have been woken.
   * @throws {Error} If it has to wait and the barrier is bound to another loop.
   */
  reset(): Coroutine<void> {
    return resetBarrier(this);
  }

  /**
   * Breaks the barrier: tasks that wait, or that arrive before it is reset, get
   * a {@linkcode BrokenBarrierError}.
   *
   * @returns A coroutine that ends when the waiting tasks have been woken.
   * @throws {Error} If it has to wait and the barrier is bound to another loop.
   *
   * @example One task cannot come
   * ```ts
   * import {
   *   Barrier,
   *   BrokenBarrierError,
   *   createTask,
   *   run,
   *   sleep,
   * } from "@asyncio/asyncio";
   * import { assert, assertRejects } from "@std/assert";
   *
   * await run(async () => {
   *   const barrier = new Barrier(2);
   *   const waiting = createTask(barrier.wait());
   *   await sleep(0);
   *   await barrier.abort();
   *   await assertRejects(async () => await waiting, BrokenBarrierError);
   *   assert(barrier.broken);
   * });
   * ```
   */
  abort(): Coroutine<void> {
    return abortBarrier(this);
  }

  /** Moves to another state. The lock must be held. */
  private _change(state: BarrierState): void {
    this._state = state;
    this._condition.notifyAll();
  }

  /** Lets one task leave. The lock must be held. */
  private _leave(): void {
    if (--this._count > 0) return;
    this._change(this.broken ? "broken" : "filling");
  }

  /** @ignore */
  toString(): string {
    const waiters = this.broken
      ? ""
      : `, waiters:${this.nWaiting}/${this.parties}`;
    return `<${classText(this)} [${this._state}${waiters}]>`;
  }
}

function barrierSpecimens(): unknown {
  return new Barrier(1);
}

const waitAtBarrier = /* @__PURE__ */ Coroutine.$ownFunction(
  function* wait(barrier: Barrier) {
    const condition = barrier["_condition"];
    const guard = yield* condition.acquire();
    try {
      yield* condition.$waitForOwn(() =>
        barrier["_state"] === "filling" || barrier["_state"] === "broken"
      );
      if (barrier["_state"] === "broken") {
        throw new BrokenBarrierError("Barrier aborted");
      }
      const index = barrier["_count"]++;
      try {
        if (index + 1 === barrier.parties) {
          barrier["_change"]("draining");
        } else {
          yield* condition.$waitForOwn(() => barrier["_state"] !== "filling");
          if (barrier["_state"] !== "draining") {
            throw new BrokenBarrierError("Abort or reset of barrier");
          }
        }
        return index;
      } finally {
        barrier["_leave"]();
      }
    } finally {
      guard[Symbol.dispose]();
    }
  },
  "wait",
);

const resetBarrier = /* @__PURE__ */ Coroutine.$ownFunction(
  function* reset(barrier: Barrier) {
    const guard = yield* barrier["_condition"].acquire();
    barrier["_change"](barrier["_count"] > 0 ? "resetting" : "filling");
    guard[Symbol.dispose]();
  },
  "reset",
);

const abortBarrier = /* @__PURE__ */ Coroutine.$ownFunction(
  function* abort(barrier: Barrier) {
    const guard = yield* barrier["_condition"].acquire();
    barrier["_change"]("broken");
    guard[Symbol.dispose]();
  },
  "abort",
);
