// Copyright 2026 the asyncio authors. MIT license.

import { CLOCK_RESOLUTION } from "../_host/clock.ts";
import { requireCount, requireNumber } from "../_util/checks.ts";
import { requireOptions } from "../_util/options.ts";
import { classText, printAs } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import type { EventLoop, TimerHandle } from "../loop.ts";
import {
  LoopBinding,
  type StepResult,
  Waiter,
  waitersText,
  WaitQueue,
} from "./wait_queue.ts";

const OPTIONS: readonly string[] = ["burst"];

/**
 * Options for {@linkcode RateLimiter}.
 *
 * @category Rates and retries
 */
export interface RateLimiterOptions {
  /**
   * How many tasks may continue at once, at most `rate`. With 1, they follow each
   * other at equal distances of `per / rate` seconds.
   *
   * @default {rate}
   */
  burst?: number;
}

/** Whether a timer for that time would have fired by now. */
function isDue(time: number, now: number): boolean {
  return time <= now + CLOCK_RESOLUTION;
}

/** There is nothing to give back: what has been done has been done. */
class Turn implements Disposable {
  [Symbol.dispose](): void {}
}

/**
 * A limit on how often something is done: at most `rate` times in any `per`
 * seconds.
 *
 * - **Rate.** The limit holds for every interval of this length, wherever it
 *   begins, so a service that counts on its own sees no excess either. Time in
 *   which nobody came is not saved up. It counts when a task continues, by the
 *   clock of the loop; how long its work takes does not matter. To limit how
 *   many work at the same time, use a {@linkcode Semaphore} or the option
 *   `limit` of `gather()`.
 * - **Order.** First come, first served. A task that need not wait takes no turn
 *   of the loop.
 * - **Cancellation.** A waiter that is cancelled leaves and does not count, and
 *   those behind it move up.
 * - A limiter belongs to the loop in which it is first used, since its times are
 *   those of that loop.
 *
 * @example Two a second
 * ```ts
 * import { gather, getRunningLoop, RateLimiter, run } from "@asyncio/asyncio";
 * import { assert } from "@std/assert";
 *
 * const limiter = new RateLimiter(2, 0.02); // two in 20 milliseconds
 *
 * async function request() {
 *   using _ = await limiter.acquire();
 *   return getRunningLoop().time();
 * }
 *
 * await run(async () => {
 *   const [first, , third] = await gather([1, 2, 3].map(() => () => request()));
 *   assert(third - first >= 0.02);
 * });
 * ```
 *
 * @category Rates and retries
 */
export class RateLimiter {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "RateLimiter",
  );

  #rate: number;
  #per: number;
  #burst: number;
  /** The times of the last acquisitions, as many as matter, in a ring. */
  #times: number[] = [];
  /** How many acquisitions there have been. */
  #count = 0;
  /** How many waiters have been woken and have not continued yet. */
  #handed = 0;
  private _waiters: WaitQueue = new WaitQueue(
    new LoopBinding(this),
    limiterSpecimens,
  );
  #loop: EventLoop | null = null;
  #timer: TimerHandle | null = null;

  /**
   * Creates a limiter that nobody has used yet.
   *
   * @param rate How often, at most.
   * @param per In how many seconds.
   * @param options How many at once.
   * @throws {TypeError} If `rate`, `per` or `burst` is not a number, or is `NaN`.
   * @throws {RangeError} If `rate` is less than 1, or not a whole number. For less
   * than once a second, pass a longer time: `new RateLimiter(1, 60)`.
   * @throws {RangeError} If `per` is zero, negative or infinite.
   * @throws {RangeError} If `burst` is less than 1, more than `rate`, or not a
   * whole number.
   * @throws {TypeError} If there is no such option.
   */
  constructor(rate: number, per: number = 1, options?: RateLimiterOptions) {
    requireOptions("RateLimiter()", options, OPTIONS);
    requireCount("the rate of a RateLimiter", 1, rate);
    requireNumber("the time of a RateLimiter", per);
    if (per <= 0 || per === Infinity) {
      throw new RangeError(
        `the time of a RateLimiter must be > 0 and finite: current value is ${per}`,
      );
    }
    const burst = options?.burst ?? rate;
    requireCount("the burst of a RateLimiter", 1, burst);
    if (burst > rate) {
      throw new RangeError(
        `the burst of a RateLimiter must be <= its rate of ${rate}: current value is ${burst}`,
      );
    }
    this.#rate = rate;
    this.#per = per;
    this.#burst = burst;
  }

  /**
   * Waits until one more is within the limit.
   *
   * @returns A coroutine that resolves to a guard, so that it can stand where a
   * lock or a semaphore stands. Disposing of it does nothing: what has been done
   * counts for `per` seconds.
   * @throws {Error} If the limiter is bound to another loop.
   *
   * @example Evenly spaced
   * ```ts
   * import { getRunningLoop, RateLimiter, run } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   const limiter = new RateLimiter(100, 1, { burst: 1 });
   *   const start = getRunningLoop().time();
   *   for (let i = 0; i < 3; i++) {
   *     using _ = await limiter.acquire();
   *   }
   *   assert(getRunningLoop().time() - start >= 0.02);
   * });
   * ```
   */
  acquire(): Coroutine<Disposable> {
    return acquireTurn(this);
  }

  /** The first step of a waiter: whether it need not wait. */
  private _takeNow(): boolean {
    const loop = this.#loop = this._waiters.binding.requireLoop();
    const now = loop.time();
    if (this._waiters.hasUncancelled() || !isDue(this.#nextTime(), now)) {
      return false;
    }
    this.#note(now);
    return true;
  }

  /** A waiter is in line. */
  private _joined(): void {
    this.#wakeWaiters();
  }

  /** A waiter that was woken continues. */
  private _took(): void {
    this.#handed--;
    this.#note(this.#loop!.time());
    this.#wakeWaiters();
  }

  /** A waiter has left without having its turn. */
  private _left(wasWoken: boolean): void {
    if (wasWoken) this.#handed--;
    this.#wakeWaiters();
  }

  #note(now: number): void {
    this.#times[this.#count++ % this.#rate] = now;
  }

  /** When one more is within the limit, by what is known now. */
  #nextTime(): number {
    const burst = this.#burst;
    return Math.max(
      this.#timeAfter(this.#rate, this.#per),
      this.#timeAfter(burst, this.#per * burst / this.#rate),
    );
  }

  /** When there is room for one more of `count` in this many seconds. */
  #timeAfter(count: number, seconds: number): number {
    const back = count - this.#handed;
    if (back <= 0) return Infinity; // those who were woken come first
    if (this.#count < back) return -Infinity;
    return this.#times[(this.#count - back) % this.#rate] + seconds;
  }

  /** Wakes all who may continue, and sets the timer for the next one. */
  #wakeWaiters(): void {
    const loop = this.#loop!;
    let time = -Infinity;
    while (this._waiters.next !== null) {
      time = this.#nextTime();
      if (!isDue(time, loop.time())) break;
      this.#handed++;
      this._waiters.wakeNext();
    }
    const isNeeded = this._waiters.next !== null && time < Infinity;
    if (isNeeded && this.#timer?.when() === time) return;
    this.#timer?.cancel();
    this.#timer = isNeeded && !loop.isClosed()
      ? loop.callAt(time, this.#expire)
      : null;
  }

  #expire = (): void => {
    this.#timer = null;
    this.#wakeWaiters();
  };

  /** @ignore */
  toString(): string {
    const burst = this.#burst === this.#rate ? "" : `, burst:${this.#burst}`;
    return `<${classText(this)} [rate:${this.#rate}, per:${this.#per}${burst}${
      waitersText(this._waiters)
    }]>`;
  }
}

/** What waits for its turn, and what has had it. */
function limiterSpecimens(): unknown[] {
  return [new RateLimiter(1).acquire(), new Turn()];
}

class TurnWaiter extends Waiter<Disposable> {
  #limiter: RateLimiter;

  constructor(limiter: RateLimiter) {
    super(limiter["_waiters"]);
    this.#limiter = limiter;
  }

  protected override _begin(): StepResult<Disposable> {
    if (this.#limiter["_takeNow"]()) return { done: true, value: new Turn() };
    const step = this._wait();
    this.#limiter["_joined"]();
    return step;
  }

  protected override _woken(): StepResult<Disposable> {
    this.#limiter["_took"]();
    return { done: true, value: new Turn() };
  }

  protected override _abandoned(wasWoken: boolean): void {
    this.#limiter["_left"](wasWoken);
  }
}

const acquireTurn = /* @__PURE__ */ Coroutine.$ownFunction<
  [limiter: RateLimiter],
  Disposable
>(
  function acquire(limiter) {
    return new TurnWaiter(limiter);
  },
);
