// Copyright 2026 the asyncio authors. MIT license.

import { NATIVE_GRACE } from "../_core/deadlock_watch.ts";
import {
  type Clock,
  type ClockUser,
  MICROTASKS_BEFORE_JUMP,
} from "../_host/clock.ts";
import {
  activeResources,
  hasHostWork,
  type Resources,
} from "../_host/pending.ts";
import { probeAfter } from "../_host/probes.ts";
import { ownOperations } from "../_host/own_operations.ts";
import { microtasksDone } from "../_host/turn.ts";
import { requireTime } from "../_util/checks.ts";
import { requireOptions } from "../_util/options.ts";
import { valueText } from "../_util/repr.ts";

/** Awaiting it lets one microtask pass and allocates no promise. */
const NOTHING = /* @__PURE__ */ Promise.resolve();

/** After so many jumps the host gets a turn. */
const JUMPS_PER_TURN = 64;

/** How long to wait until what is under way is looked at again, in seconds. */
const LOOK = { first: 0.001, last: 0.05 };

/**
 * Options for {@linkcode VirtualClock}.
 *
 * @category Testing
 */
export interface VirtualClockOptions {
  /**
   * The time at first, in seconds.
   *
   * @default {0}
   */
  now?: number;
  /**
   * Whether it jumps to the next timer when every task waits.
   *
   * @default {true}
   */
  autojump?: boolean;
}

/** A loop that waits for a time. */
interface Sleeper {
  readonly callback: () => void;
  readonly due: number;
}

/**
 * A clock that stands still while anything runs, and jumps to the next timer
 * when everything waits.
 *
 * - It jumps when nothing is ready to run and every task waits for something of
 *   the loop. While a native promise that a task awaits, a future that wraps
 *   one or a call in a thread is under way, it stands still, and the wait takes
 *   real time. If the host says that it is busy with nothing, such a promise
 *   will never settle: then it jumps all the same.
 * - What the loop does not know is not waited for: a native promise that is not
 *   awaited, or is raced with `Promise.race` against a wait of the loop. Wrap it
 *   with `wrapFuture()`.
 * - Several loops can share a clock: it jumps when all that run are waiting.
 *
 * `runTest()` makes one. It can also be given to `run(main, { clock })` and
 * `new EventLoop({ clock })`. All times are in seconds.
 *
 * @example Three hours take no time
 * ```ts
 * import { run, sleep } from "@asyncio/asyncio";
 * import { VirtualClock } from "@asyncio/asyncio/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * await run(() => sleep(3 * 60 * 60), { clock });
 * assertEquals(clock.now, 10800);
 * ```
 *
 * @category Testing
 */
export class VirtualClock implements Clock {
  #now: number;
  #autojump: boolean;
  readonly #users = new Set<ClockUser>();
  /** What the host was busy with before the first loop ran. */
  #before: Resources | null = null;
  readonly #sleepers = new Set<Sleeper>();
  /** Counts the waits that began, since looking around takes a while. */
  #waits = 0;
  #isWatching = false;
  #jumpsSinceTurn = 0;
  #lookNow: (() => void) | null = null;

  /**
   * Creates a clock.
   *
   * @param options Its time at first, and whether it jumps by itself.
   * @throws {TypeError} If `now` is not a number, or `NaN`.
   * @throws {RangeError} If `now` is not finite.
   * @throws {TypeError} If there is no such option.
   */
  constructor(options?: VirtualClockOptions) {
    requireOptions("VirtualClock()", options, ["now", "autojump"]);
    const { now = 0, autojump = true } = options ?? {};
    requireFinite("the time of VirtualClock()", now);
    this.#now = now;
    this.#autojump = Boolean(autojump);
  }

  /** The time in seconds. */
  get now(): number {
    return this.#now;
  }

  /** Whether it jumps to the next timer when every task waits. */
  get autojump(): boolean {
    return this.#autojump;
  }

  set autojump(enabled: boolean) {
    this.#autojump = Boolean(enabled);
    this.#watch();
  }

  /**
   * Moves the time forward, at once. Timers that are due by then run in the next
   * turn of their loop, ordered by deadline; all of them see the new time.
   *
   * @param seconds By how many seconds.
   * @throws {TypeError} If it is not a number, or `NaN`.
   * @throws {RangeError} If it is negative or infinite.
   *
   * @example By hand
   * ```ts
   * import { createTask, run, sleep } from "@asyncio/asyncio";
   * import { VirtualClock, waitAllTasksBlocked } from "@asyncio/asyncio/testing";
   * import { assert, assertFalse } from "@std/assert";
   *
   * const clock = new VirtualClock({ autojump: false });
   * await run(async () => {
   *   const nap = createTask(sleep(10));
   *   await waitAllTasksBlocked();
   *   clock.jump(9);
   *   await waitAllTasksBlocked();
   *   assertFalse(nap.done());
   *   clock.jump(1);
   *   await waitAllTasksBlocked();
   *   assert(nap.done());
   * }, { clock });
   * ```
   */
  jump(seconds: number): void {
    requireFinite("the seconds of jump()", seconds);
    if (seconds < 0) {
      throw new RangeError(
        `Cannot jump back in time: current value is ${seconds}`,
      );
    }
    this.#moveTo(this.#now + seconds);
  }

  /** The time in seconds, for the loop. */
  time(): number {
    return this.#now;
  }

  /**
   * Calls a function when the clock has moved on. The loop calls this.
   *
   * @param callback The function.
   * @param delay After how many seconds.
   * @returns A function that cancels the call.
   */
  wake(callback: () => void, delay: number): () => void {
    const sleeper = { callback, due: this.#now + delay };
    this.#sleepers.add(sleeper);
    this.#waits++;
    this.#watch();
    return () => {
      this.#sleepers.delete(sleeper);
    };
  }

  /** @ignore */
  get isJumping(): boolean {
    return this.#autojump;
  }

  /** @ignore */
  get mayJump(): boolean {
    return this.#autojump && this.#users.size === 1 &&
      this.#jumpsSinceTurn < JUMPS_PER_TURN;
  }

  /** @ignore */
  jumpTo(time: number): void {
    this.#jumpsSinceTurn++;
    this.#now = Math.max(this.#now, time);
  }

  /** @ignore */
  enter(user: ClockUser): void {
    if (this.#users.size === 0) this.#before = activeResources();
    this.#users.add(user);
  }

  /** @ignore */
  leave(user: ClockUser): void {
    this.#users.delete(user);
    this.#lookNow?.();
  }

  /** The text of the clock, with its time. */
  toString(): string {
    return `<VirtualClock now=${this.#now}>`;
  }

  #moveTo(time: number): void {
    this.#now = Math.max(this.#now, time);
    for (const sleeper of this.#sleepers) {
      if (sleeper.due <= this.#now) {
        this.#sleepers.delete(sleeper);
        sleeper.callback();
      }
    }
  }

  get #canJump(): boolean {
    return this.#autojump && this.#sleepers.size > 0;
  }

  /** Jumps as soon as everything waits. */
  async #watch(): Promise<void> {
    if (this.#isWatching || !this.#canJump) {
      this.#lookNow?.();
      return;
    }
    this.#isWatching = true;
    let waits: number;
    do {
      waits = this.#waits;
      await this.#letOthersRun();
      if (this.#waits === waits && this.#canJump && !this.#areQuiet) {
        await this.#untilQuiet();
      }
    } while (this.#canJump && this.#waits !== waits);
    this.#isWatching = false;
    if (!this.#canJump) return;
    this.#jumpsSinceTurn++;
    let next = Infinity;
    for (const { due } of this.#sleepers) next = Math.min(next, due);
    this.#moveTo(next);
  }

  async #letOthersRun(): Promise<void> {
    let isTurn = this.#jumpsSinceTurn >= JUMPS_PER_TURN;
    for (const user of this.#users) isTurn ||= user.hasUsedHost;
    if (isTurn) {
      this.#jumpsSinceTurn = 0;
      await microtasksDone();
    } else {
      for (let i = 0; i < MICROTASKS_BEFORE_JUMP; i++) await NOTHING;
    }
  }

  get #areQuiet(): boolean {
    for (const user of this.#users) if (!user.isQuiet) return false;
    return true;
  }

  get #areDoubtful(): boolean {
    for (const user of this.#users) {
      if (!user.isQuiet && !user.isDoubtful) return false;
    }
    return true;
  }

  /**
   * Waits, in real time, for what is under way: until the loop goes on, or nothing
   * is left to wait for.
   */
  async #untilQuiet(): Promise<void> {
    const waits = this.#waits;
    const isOver = () =>
      !this.#canJump || this.#waits !== waits || this.#areQuiet;
    const start = performance.now();
    let delay = LOOK.first;
    while (!isOver()) {
      const isLong = performance.now() - start >= NATIVE_GRACE * 1000;
      const areDoubtful = this.#areDoubtful;
      // Until then, the host may be busy with what it does not tell of.
      if (isLong || areDoubtful) {
        const hasWork = await hasHostWork(ownOperations, this.#before);
        if (isOver() || hasWork === false) return;
        if (hasWork === null && areDoubtful) return;
      }
      await new Promise<void>((resolve) => {
        // It holds the process: what the host is busy with may end before it.
        const cancel = probeAfter(delay, true, resolve);
        this.#lookNow = () => {
          cancel();
          resolve();
        };
      });
      this.#lookNow = null;
      delay = Math.min(2 * delay, LOOK.last);
    }
  }
}

function requireFinite(what: string, value: unknown): void {
  requireTime(what, value);
  if (value === -Infinity) {
    throw new RangeError(
      `Cannot use as ${what} what is not finite: current value is ${
        valueText(value)
      }`,
    );
  }
}
