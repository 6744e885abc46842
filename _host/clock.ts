// Copyright 2026 the asyncio authors. MIT license.

import { inspect } from "./printing.ts";
import {
  clearHostTimeout,
  isTimeFaked,
  MAX_HOST_DELAY,
  setHostTimeout,
} from "./timers.ts";

/**
 * A timer that is due within this many seconds is due now. This absorbs the
 * rounding of sums such as 0.1 + 0.2: a fake clock stands at whole milliseconds,
 * and a timer that misses its millisecond would be a whole one late.
 */
export const CLOCK_RESOLUTION = 1e-6;

/**
 * The clock of a loop.
 *
 * A loop reads the time with {@linkcode Clock.time}. When it has nothing to do
 * before its next timer, it asks to be woken with {@linkcode Clock.wake}.
 *
 * @category Event loop
 */
export interface Clock {
  /** The time in seconds, from any origin. It never goes back. */
  time(): number;
  /**
   * Calls `callback` once, about `delay` seconds from now. It may be called
   * too early: the loop then reads the time and asks again.
   *
   * @param callback The function to call.
   * @param delay The delay in seconds, greater than zero.
   * @returns A function that cancels the call.
   */
  wake(callback: () => void, delay: number): () => void;
}

/** A loop, as a clock sees it that waits for what is under way outside of it. */
export interface ClockUser {
  /** Whether the loop waits, and nothing that it knows of can wake it. */
  readonly isQuiet: boolean;
  /**
   * Whether what is under way outside may wait for the loop itself: if the host
   * is busy with nothing, it does.
   */
  readonly isDoubtful: boolean;
  /** Whether anything of it has waited for something native. */
  readonly hasUsedHost: boolean;
}

/**
 * How many microtasks pass before a clock jumps, for what runs beside the waits of
 * the loop: the rest of a `Promise.race`, for example.
 */
export const MICROTASKS_BEFORE_JUMP = 12;

/** A clock that knows the loops that it serves. */
export interface SharedClock extends Clock {
  /** Whether a loop may have it jump, once nothing but time has to pass. */
  readonly mayJump: boolean;
  /** Jumps at once, for such a loop. */
  jumpTo(time: number): void;
  /** Whether it moves on by itself when the loops wait. */
  readonly isJumping: boolean;
  /** A loop begins to run. */
  enter(user: ClockUser): void;
  /** It stops. */
  leave(user: ClockUser): void;
}

export function isSharedClock(clock: Clock): clock is SharedClock {
  return typeof (clock as Partial<SharedClock>).isJumping === "boolean" &&
    typeof (clock as Partial<SharedClock>).enter === "function";
}

function toHostDelay(seconds: number): number {
  // Rounded up, since host timers ignore fractions of a millisecond: a loop
  // that is woken too early would spin.
  const milliseconds = Math.ceil((seconds - CLOCK_RESOLUTION) * 1000);
  return Math.min(Math.max(milliseconds, 0), MAX_HOST_DELAY);
}

const monotonicClock: Clock = {
  time: () => performance.now() / 1000,
  wake(callback, delay) {
    const timer = setHostTimeout(callback, toHostDelay(delay));
    return () => clearHostTimeout(timer);
  },
};

/** Follows the global `Date` and `setTimeout`, which have been replaced. */
class FakedClock implements Clock {
  // Seconds since 1970 are large numbers, and would lose precision.
  #start = Date.now();

  time(): number {
    return (Date.now() - this.#start) / 1000;
  }

  wake(callback: () => void, delay: number): () => void {
    const timer = setTimeout(callback, toHostDelay(delay));
    return () => clearTimeout(timer);
  }
}

/**
 * How long a busy loop keeps the thread before it gives the host a turn, in
 * milliseconds. See `turn.ts` for what happens then.
 */
const HOST_SLICE = 4;

/**
 * The same under a faked clock. There the host's turn is when a test moves the
 * time forward, and by then the loop's work should be done, however slow the
 * machine is.
 */
const FAKED_SLICE = 100;

export interface ChosenClock {
  clock: Clock;
  /** How long its loop may keep the thread, in milliseconds. */
  slice: number;
  /** Whether it wakes with a timer of the host, or of what stands in for it. */
  hasHostTimers: boolean;
}

/** Completes a clock that the user gave, or chooses one for a new loop. */
export function chooseClock(given?: Clock | (() => number)): ChosenClock {
  if (given === undefined) {
    return isTimeFaked()
      ? { clock: new FakedClock(), slice: FAKED_SLICE, hasHostTimers: true }
      : { clock: monotonicClock, slice: HOST_SLICE, hasHostTimers: true };
  }
  if (typeof given === "function") {
    return {
      clock: { time: given, wake: monotonicClock.wake },
      slice: HOST_SLICE,
      hasHostTimers: true,
    };
  }
  if (typeof given?.time !== "function" || typeof given.wake !== "function") {
    throw new TypeError(
      `Cannot use as a clock: a function that gives seconds, or { time, wake }, is required: current value is ${
        inspect(given)
      }`,
    );
  }
  return { clock: given, slice: HOST_SLICE, hasHostTimers: false };
}
