import { requireCount } from "../_util/checks.ts";
import { Condition } from "./condition.ts";
import { printsAs } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { BrokenBarrierError } from "../errors.ts";

/** What a barrier is doing, in the words that are printed. */
type BarrierState = "filling" | "draining" | "resetting" | "broken";

/**
 * A place where tasks wait until a certain number of them has come.
 *
 * - **Order.** The last one to come lets all go on, and goes on itself without
 *   waiting; the others follow in the order in which they came. Then the barrier
 *   is filled anew: who comes while the former ones are still leaving waits
 *   until they have.
 * - **Cancellation.** Who is cancelled while waiting does not count any more, and
 *   the others go on waiting for as many as it takes. To give up together,
 *   {@linkcode Barrier.abort}.
 *
 * @example Nobody begins before all are ready
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
 */
export class Barrier {
  #parties: number;
  private _state: BarrierState = "filling";
  /** How many are inside: they wait, or are about to leave. */
  private _count = 0;
  /** Notified when the state changes. */
  private _condition = new Condition();

  /**
   * A barrier that nobody waits at.
   *
   * @param parties How many tasks it takes.
   * @throws {TypeError} If `parties` is not a number, or `NaN`.
   * @throws {RangeError} If `parties` is less than 1, or not a whole number.
   */
  constructor(parties: number) {
    requireCount("parties", 1, parties);
    this.#parties = parties;
    const condition = this._condition;
    condition["_line"].binding.owner = this;
    condition["_lock"]["_line"].binding.owner = this;
  }

  /** How many tasks it takes. */
  get parties(): number {
    return this.#parties;
  }

  /** How many tasks wait: 0 while they leave, or when it is broken. */
  get nWaiting(): number {
    return this._state === "filling" ? this._count : 0;
  }

  /** Whether it is broken, see {@linkcode Barrier.abort}. */
  get broken(): boolean {
    return this._state === "broken";
  }

  /**
   * Waits until as many tasks as it takes have come.
   *
   * @returns A coroutine of how many were there before it came: a number from 0
   * to `parties - 1`, another one for each unless one of them was cancelled.
   * @throws {BrokenBarrierError} If the barrier is broken, or is broken or reset
   * while it waits.
   * @throws {Error} If it has to wait, and the barrier is bound to another loop.
   *
   * @example One of them tidies up
   * ```ts
   * import { Barrier, gather, run } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const barrier = new Barrier(3);
   * const log: string[] = [];
   *
   * async function work(name: string) {
   *   if (await barrier.wait() === 0) log.push(`${name} tidies up`);
   * }
   *
   * await run(async () => {
   *   await gather(() => work("a"), () => work("b"), () => work("c"));
   * });
   * assertEquals(log, ["a tidies up"]);
   * ```
   */
  wait(): Coroutine<number> {
    return waitAtBarrier(this);
  }

  /**
   * Empties the barrier, and mends one that is broken. Those who wait get a
   * {@linkcode BrokenBarrierError}.
   *
   * @returns A coroutine that is over when they have been woken.
   * @throws {Error} If it has to wait, and the barrier is bound to another loop.
   */
  reset(): Coroutine<void> {
    return resetBarrier(this);
  }

  /**
   * Breaks the barrier: who waits, or comes from now on, gets a
   * {@linkcode BrokenBarrierError}, until it is reset.
   *
   * @returns A coroutine that is over when they have been woken.
   * @throws {Error} If it has to wait, and the barrier is bound to another loop.
   *
   * @example One cannot come
   * ```ts
   * import { Barrier, BrokenBarrierError, createTask, run, sleep } from "@asyncio/asyncio";
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

  /** Goes on to another state, with the lock held. */
  private _change(state: BarrierState): void {
    this._state = state;
    this._condition.notifyAll();
  }

  /** One goes, with the lock held. */
  private _leave(): void {
    if (--this._count > 0) return;
    this._change(this.broken ? "broken" : "filling");
  }

  static {
    printsAs(Barrier.prototype, (barrier) => {
      const waiters = barrier.broken
        ? ""
        : `, waiters:${barrier.nWaiting}/${barrier.parties}`;
      return `<${barrier.constructor.name} [${barrier._state}${waiters}]>`;
    });
  }
}

const waitAtBarrier = /* @__PURE__ */ Coroutine["_own"](
  function* wait(barrier: Barrier) {
    const condition = barrier["_condition"];
    const guard = yield* condition.acquire();
    try {
      yield* condition.waitFor(() =>
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
          yield* condition.waitFor(() => barrier["_state"] !== "filling");
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
);

const resetBarrier = /* @__PURE__ */ Coroutine["_own"](
  function* reset(barrier: Barrier) {
    const guard = yield* barrier["_condition"].acquire();
    barrier["_change"](barrier["_count"] > 0 ? "resetting" : "filling");
    guard[Symbol.dispose]();
  },
);

const abortBarrier = /* @__PURE__ */ Coroutine["_own"](
  function* abort(barrier: Barrier) {
    const guard = yield* barrier["_condition"].acquire();
    barrier["_change"]("broken");
    guard[Symbol.dispose]();
  },
);
